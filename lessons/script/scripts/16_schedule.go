//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# Goroutine 1 runs

	`schedule` asks `findRunnable` for a goroutine and hands it to `execute`. There is only one, and it is found at once: in P 0's
	`runnext`. `execute` ties the knot between thread and goroutine (`m0.curg`, `g1.m`), sets the status to `_Grunning`, and
	calls `gogo`.

	`gogo` is a dozen instructions of assembly, and the heart of every switch in a Go program. It loads what `newproc` had
	prepared: the goroutine becomes the current one, SP becomes its stack pointer, and a jump goes to `runtime.main`. It is a
	jump and not a call, so nothing is left behind to return to.
	*/
	/*zh
	# goroutine 1 开始运行

	`schedule` 向 `findRunnable` 要一个 goroutine，交给 `execute`。只有一个，马上就找到：在 P 0 的 `runnext` 里。`execute` 把线程与
	goroutine 系在一起（`m0.curg`、`g1.m`），状态设为 `_Grunning`，然后调用 `gogo`。

	`gogo` 是十来条汇编指令，Go 程序的每一次切换都以它为核心。它装入 `newproc` 备好的东西：让这个 goroutine 成为当前的 g，SP 换成它的栈指针，
	再跳到 `runtime.main`。是跳转而不是调用，所以身后没有留下可返回的地方。
	*/
	m := lab.Boot()
	m.To("mstart")
	lab.Show(m.Draw("tls"))
	m.To("schedule")
	m.Tell()
	lab.Show(m.Draw("tls"))

	/*en
	## SP jumps

	Predict: which value has SP at the first instruction of `runtime.main`? You have seen it before, in the lesson `newproc`.
	*/
	/*zh
	## SP 一跃

	预测：`runtime.main` 第一条指令处，SP 是什么值？你在 `newproc` 一课见过它。
	*/
	m.To("newproc")
	prepared := m.Int("allp[0].runnext.sched.sp")
	before := m.Reg("sp")
	m.To("schedule")
	fmt.Printf("prepared %#x, SP now %#x, equal: %v\n", prepared, m.Reg("sp"), prepared == m.Reg("sp"))
	fmt.Printf("before the switch SP was %#x, on the process stack\n", before)
	lab.Show(m.Draw("goroutine"))

	/*en
	## Who called runtime.main?

	One reads that "the scheduler calls the main goroutine" and that it "runs on m0's stack". The return address at SP tells
	another story, and SP lies in memory of the heap. `schedule` and `execute` are still on g0's stack below; their frames will
	never be used again, for `mcall` starts afresh at `g0.sched`.
	*/
	/*zh
	## 谁调用了 runtime.main？

	有人写“调度器调用主 goroutine”，又说它“运行在 m0 的栈上”。SP 处的返回地址讲的却是另一回事，而且 SP 落在堆的内存里。`schedule` 与 `execute`
	的栈帧还留在 g0 的栈上，但再也不会用到，因为 `mcall` 总是从 `g0.sched` 重新起步。
	*/
	fmt.Println("returns to:", m.Name(m.Word(m.Reg("sp"))))
	fmt.Println("in g1's stack:", m.Int("m0.curg.stack.lo") <= m.Reg("sp") && m.Reg("sp") <= m.Int("m0.curg.stack.hi"))

	/*en
	## Three ways to say "the current g"

	The thread-local word `m0.tls[0]`, register R14, and the stack in use all name the current goroutine; `m0.curg` names the
	goroutine on whose behalf the thread works. They do not change in one instruction. Watch them while `gogo` runs: the cell steps
	over the last instructions before `runtime.main` and prints each change.
	*/
	/*zh
	## “当前 g”的三种说法

	线程本地的字 `m0.tls[0]`、寄存器 R14、正在使用的栈，都在说当前的 goroutine；`m0.curg` 则是线程正在为之工作的 goroutine。
	它们不是一条指令就全变的。看它们在 `gogo` 运行时如何变化：这一格单步走过 `runtime.main` 之前的最后几条指令，每有变化就打印出来。
	*/
	stack := func() string {
		if m.Int("g0.stack.lo") <= m.Reg("sp") && m.Reg("sp") <= m.Int("g0.stack.hi") {
			return "&g0"
		}
		return "G1"
	}
	end := m.Tick()
	was := ""
	for m.Back(16); m.Tick() <= end; m.Step(1) {
		now := fmt.Sprintf("m0.tls[0] %-4s R14 %-4s stack %-4s m0.curg %s", m.Name(m.Int("m0.tls[0]")), m.Name(m.Reg("r14")), stack(), m.Name(m.Int("m0.curg")))
		if now != was {
			fmt.Println(now, " ", m.Where())
			was = now
		}
	}

	/*en
	## What if?

	Change the seed: the heap moves, and g1's stack with it. What stays the same?
	*/
	/*zh
	## 如果……会怎样？

	换个种子：堆会移动，g1 的栈也跟着移动。什么不变？
	*/
	for _, seed := range []uint64{0, 1, 2} {
		x := lab.Boot(lab.Seed(seed))
		x.To("schedule")
		fmt.Printf("seed %d: SP %#x, %d below the end of G%d's stack\n", seed, x.Reg("sp"), x.Int("m0.curg.stack.hi")-x.Reg("sp"), x.Int("m0.curg.goid"))
	}
}
