//go:build ignore

package main

import (
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# Goroutine 1 is made

	The scheduler is ready, and there is nothing to schedule. So `rt0_go` does what a `go` statement does: it calls `newproc` with
	one function, `runtime.main`. Making a goroutine is not running it. `newproc` only prepares a record, the `g`, in such a way
	that it looks like a goroutine that was interrupted just before its first instruction: with a stack, a place to continue,
	and a return address already on the stack.

	The stack is a real allocation this time, unlike g0's, which was a claim on what Linux gave: 2 KiB from the heap's stack pool.
	*/
	/*zh
	# 创建 goroutine 1

	调度器已经就绪，却没有东西可调度。于是 `rt0_go` 做了 `go` 语句所做的事：以一个函数 `runtime.main` 调用 `newproc`。创建
	goroutine 并不是运行它。`newproc` 只备好一份记录，也就是 `g`，让它看上去像一个在第一条指令之前被打断的 goroutine：
	有栈，有接着执行的位置，栈上连返回地址都放好了。

	这一次的栈是真正分配出来的，不像 g0 那样只是认领 Linux 给的那一块：从堆的栈池里取 2 KiB。
	*/
	m := lab.Boot()
	m.To("newproc")
	m.Tell()
	lab.Show(m.Draw("goroutine"))

	/*en
	## A return address that nobody pushed

	`sched.pc` is where the goroutine will begin. Look at the word to which `sched.sp` points: it says where `runtime.main` would
	return. No call put it there. `newproc1` first aimed the new goroutine at `goexit`, and then pretended that `goexit` had called
	the function. The writes to `sched.pc` show the trick; whoever returns from a goroutine's function ends in `goexit`.
	*/
	/*zh
	## 没人压入的返回地址

	`sched.pc` 是 goroutine 将要开始的地方。再看 `sched.sp` 所指的那个字：它说明 `runtime.main` 会返回到哪里。没有哪次调用把它放在那里。
	`newproc1` 先让新 goroutine 指向 `goexit`，再装作是 `goexit` 调用了这个函数。从对 `sched.pc` 的写入就能看出这套把戏；
	任何 goroutine 的函数一返回，就到了 `goexit`。
	*/
	g := fmt.Sprintf("(*g)(%d)", m.Int("allp[0].runnext"))
	for _, w := range m.Writes(g + ".sched.pc") {
		m.Seek(w.Tick + 1)
		fmt.Printf("sched.pc = %-22s %s\n", m.Name(m.Int(g+".sched.pc")), m.Where())
	}
	m.To("newproc")
	fmt.Println("stack:", m.Int(g+".stack.hi")-m.Int(g+".stack.lo"), "bytes; sched.sp is", m.Int(g+".stack.hi")-m.Int(g+".sched.sp"), "below its end")
	fmt.Println(m.Name(m.Word(m.Int(g+".sched.sp"))), m.Status(g))

	/*en
	## Where does it wait?

	Many drawings put the first goroutine into the ring of P 0's local run queue. The ring is empty: a goroutine that was just made
	goes to `runnext`, a place for one, ahead of the ring.
	*/
	/*zh
	## 它在哪里等？

	许多图把第一个 goroutine 画进 P 0 本地运行队列的环里。环是空的：刚创建的 goroutine 放进 `runnext`，那是排在环之前的单人座。
	*/
	lab.Show(m.Draw("allp"))
	fmt.Println("ring: head", m.Int("allp[0].runqhead"), "tail", m.Int("allp[0].runqtail"), " runnext:", m.Name(m.Int("allp[0].runnext")))

	/*en
	It has the number 1. The numbers come from `sched.goidgen`, a counter that all Ps share. Predict: one goroutine was made; what
	does the counter say? (A hint: a counter that everybody increments all the time is slow.)
	*/
	/*zh
	它的编号是 1。编号来自所有 P 共用的计数器 `sched.goidgen`。预测一下：只创建了一个 goroutine，计数器是几？
	（提示：人人都不停去加的计数器是很慢的。）
	*/
	fmt.Println("goidgen", m.Int("sched.goidgen"), " P 0 gives next:", m.Int("allp[0].goidcache"), " up to:", m.Int("allp[0].goidcacheend")-1)

	/*en
	P 0 has taken a batch of numbers, and gives them out without asking anybody. That is why the numbers of goroutines have gaps.

	## What if?

	Older texts show two pushes before the call of `newproc`: the function, and the size of its arguments. Change the
	version. Since which Go is there one? The cell follows `rt0_go` to the call and counts the words that it pushed.
	*/
	/*zh
	P 0 一次取走一批编号，然后自己发放，不必问任何人。goroutine 编号之所以有空缺，就是这个缘故。

	## 如果……会怎样？

	旧文章在调用 `newproc` 之前有两次压栈：函数，以及参数的大小。换换版本：从哪个 Go 版本起只剩一次？
	这一格跟着 `rt0_go` 走到那次调用，数一数它压了几个字。
	*/
	for _, x := range []*lab.Machine{m, lab.Boot(lab.Go("1.16.15"))} {
		x.To("pidle")
		top := x.Reg("sp")
		for strings.HasPrefix(x.Name(x.Reg("rip")), "runtime.rt0_go") {
			x.Step(1)
		}
		fmt.Println(x.GoVersion(), (top-x.Reg("sp"))/8-1, "pushed")
	}
}
