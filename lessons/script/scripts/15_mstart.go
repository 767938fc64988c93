//go:build ignore

package main

import (
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# g0 keeps the place to return to

	Every thread of a Go program begins its life as a scheduler in `mstart`. New threads come from `clone`; the first one simply
	calls it, as the last thing that `rt0_go` does. What follows never returns: the thread will choose a goroutine, run it,
	come back to choose the next, for ever.

	"Come back" needs a place. When a goroutine gives up its thread, `mcall` switches to the thread's g0, and there must be a stack
	pointer from which it can start. `mstart1` writes it down once: `g0.sched` gets the program counter and stack pointer of the
	call in `mstart0`. It is a label, like the one that `setjmp` makes in C.
	*/
	/*zh
	# g0 记下返回之处

	Go 程序的每个线程，都在 `mstart` 里开始自己当调度者的一生。新线程由 `clone` 产生；第一个线程则直接调用它，这是 `rt0_go`
	做的最后一件事。接下来的一切都不会返回：线程选一个 goroutine，运行它，回来再选下一个，周而复始。

	“回来”总得有个去处。goroutine 让出线程时，`mcall` 切换到这个线程的 g0，那里必须有一个栈指针可以起步。`mstart1` 把它一次写好：
	`g0.sched` 记下 `mstart0` 中那次调用的程序计数器与栈指针。这是一个标签，如同 C 语言里 `setjmp` 所做的那样。
	*/
	m := lab.Boot()
	m.To("mstart")
	m.Tell()
	fmt.Println("g0.sched.pc:", m.Name(m.Int("g0.sched.pc")))
	lab.Show(m.Draw("stack"))

	/*en
	## Does mstart switch to g0's stack?

	So one reads. If it were so, SP would come from somewhere else when `mstart` begins. Where was SP before `newproc`, at the
	beginning of `mstart`, and now? And where does g0's stack lie?
	*/
	/*zh
	## mstart 切换到 g0 的栈吗？

	书上常这么写。若真如此，`mstart` 开始时 SP 就应当换到别处。`newproc` 之前、`mstart` 开始时、现在，SP 各在哪里？g0 的栈又在哪里？
	*/
	inside := func(when string) {
		sp := m.Reg("sp")
		fmt.Printf("%-8s SP %#x, in g0's stack: %v, %d bytes below its end\n", when, sp, m.Int("g0.stack.lo") <= sp && sp <= m.Int("g0.stack.hi"), m.Int("g0.stack.hi")-sp)
	}
	m.To("bind")
	inside("bind")
	m.To("newproc")
	inside("newproc")
	m.RunTo("runtime.mstart0")
	inside("mstart0")
	m.To("mstart")
	inside("mstart")

	/*en
	There was nothing to switch: this thread has been on g0's stack since before g0 knew of it.

	## The guard moves

	What `mstart0` does change is the guard. Each Go function compares SP with `stackguard0` when it begins, and asks for more stack
	if SP is below. In assembly the guard was put exactly at the low end of the stack. Some functions may run without the comparison,
	so the runtime wants a reserve below the guard: `stackGuard` bytes. Predict by how much the guard moves, in which direction,
	and then look.
	*/
	/*zh
	根本没有什么可切换的：早在 g0 知道这个栈之前，线程就已经在上面了。

	## 警戒线移动了

	`mstart0` 真正改动的是警戒线。每个 Go 函数一开始都拿 SP 与 `stackguard0` 相比，SP 更低就要求更多的栈。汇编里把警戒线正好放在栈的低端。
	有些函数可以不作比较就运行，所以运行时要在警戒线之下留一段余量：`stackGuard` 字节。先预测警戒线往哪边移、移多少，再看。
	*/
	lo := m.Int("g0.stack.lo")
	for _, w := range m.Writes("g0.stackguard0") {
		m.Seek(w.Tick + 1)
		fmt.Printf("g0.stackguard0 = g0.stack.lo + %-4d %s\n", m.Int("g0.stackguard0")-lo, m.Where())
	}

	/*en
	## Before the first schedule

	Two more things happen on every thread (`minit`): it is told to run signal handlers on the stack `gsignal`, and the M gets
	the thread's number from Linux. On m0 alone, the signal handlers are installed. The distance to `schedule` shows what
	that costs: there are more than sixty signals, each with system calls of its own.
	*/
	/*zh
	## 第一次 schedule 之前

	每个线程上还会发生两件事（`minit`）：告诉内核信号处理函数在 `gsignal` 栈上运行；M 从 Linux 得到线程号。只有 m0 还要安装信号处理函数。
	看看到 `schedule` 有多远，就知道代价：信号有六十多个，每个都要有自己的系统调用。
	*/
	m.To("mstart")
	from := m.Tick()
	fmt.Println("m0.procid", m.Int("m0.procid"))
	m.RunTo("runtime.initsig")
	fmt.Println("m0.procid", m.Int("m0.procid"), "after", m.Tick()-from, "instructions")
	from = m.Tick()
	m.RunTo("runtime.schedule")
	fmt.Println("handlers installed in", m.Tick()-from, "instructions")

	/*en
	## What if?

	The stack begins below the strings that Linux put on it, so a big environment moves everything down. Does the label in
	`g0.sched` move, too? Change the length, and compare absolute places with distances.
	*/
	/*zh
	## 如果……会怎样？

	栈从 Linux 放上去的字符串下方开始，所以环境变量一大，一切都往下移。`g0.sched` 里的标签也跟着移吗？改改长度，比一比绝对位置与距离。
	*/
	for _, n := range []int{0, 5000} {
		x := lab.Boot(lab.Env("LONG=" + strings.Repeat("x", n)))
		x.To("mstart")
		fmt.Printf("%4d bytes more: g0.sched.sp %#x, g0.stack.hi - g0.sched.sp = %d\n", n, x.Int("g0.sched.sp"), x.Int("g0.stack.hi")-x.Int("g0.sched.sp"))
	}
}
