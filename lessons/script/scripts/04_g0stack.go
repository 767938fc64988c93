//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# g0 claims the stack

	Every Go function runs on the stack of some goroutine, and begins by asking: is there room left on it? To answer, it compares
	SP with a field of the current g. So before any Go function can run there must be a g, and it must know its stack.

	That first g is `g0`: not a goroutine of yours, but a global variable of the runtime's, zero until now. Each thread has a
	g0, on whose stack the scheduler itself works. The first thread's g0 gets the stack that Linux gave to the process. A few
	instructions do it. (The first, `MOVQ $0, BP`, ends the chain of stack frames here, for profilers that follow it.)
	*/
	/*zh
	# g0 认领栈

	每个 Go 函数都运行在某个 goroutine 的栈上，开头都要问一句：栈还够用吗？办法是拿 SP 与当前 g 的一个字段比较。所以在任何 Go 函数运行之前，
	必须先有一个 g，而且它得知道自己的栈在哪里。

	第一个 g 就是 `g0`：它不是你的 goroutine，而是运行时的一个全局变量，到目前为止全是零。每个线程都有一个 g0，调度器自己就在它的栈上工作。
	第一个线程的 g0 用的是 Linux 给进程的栈。下面几条指令完成了这件事。（第一条 `MOVQ $0, BP` 让栈帧链到此为止，免得沿着链走的性能分析器走过头。）
	*/
	m := lab.Boot()
	m.To("alignment")
	for m.Tick() < m.TickOf("g0stack") {
		fmt.Println(m.Instruction())
		m.Step(1)
	}
	m.To("g0stack")
	m.Tell()
	lab.Show(m.Draw("stack"))

	/*en
	`g0.stack.hi` is SP as it is now, and `g0.stack.lo` is a fixed distance below. Note what did *not* happen: no system call, no
	`mmap`, no check. The runtime does not know how big the stack is that Linux gave it; it *claims* a part that is surely
	there. (Goroutine 1 will be different: its stack is *allocated*, on the heap.)

	**Predict.** `g0.stack.lo` has just been set. What is in the word at that address? And in the one below, outside the claim?
	Is that memory at all, or will reading it fail?
	*/
	/*zh
	`g0.stack.hi` 就是此刻的 SP，`g0.stack.lo` 在它下方固定的距离处。注意*没有*发生的事：没有系统调用，没有 `mmap`，也没有检查。
	运行时并不知道 Linux 给的栈有多大，它只是*认领*肯定存在的一部分。（goroutine 1 就不同了：它的栈是在堆上*分配*的。）

	**先猜一猜。** `g0.stack.lo` 刚刚设好。那个地址处的字是什么？再往下一个、在认领范围之外的字呢？那里究竟有没有内存，还是一读就出错？
	*/
	lo, hi := m.Int("g0.stack.lo"), m.Int("g0.stack.hi")
	fmt.Println("hi - lo:", hi-lo)
	fmt.Println("at lo:", m.Word(lo), "below lo:", m.Word(lo-8))

	/*en
	Both are ordinary, untouched stack. Nothing guards the border but the comparison at the beginning of each function.

	Which brings us to the guard. A function does not compare SP with `stack.lo` but with `stackguard0`, which normally lies 928
	bytes higher, so that small functions without the check still fit. Notes say that `rt0_go` sets `stackguard0 = stack.lo +
	StackGuard`. The machine remembers every write, so let us ask it:
	*/
	/*zh
	两处都是普通的、还没碰过的栈。守住边界的，只有每个函数开头的那次比较。

	这就说到了警戒线（guard）。函数并不拿 SP 与 `stack.lo` 比，而是与 `stackguard0` 比；它通常比 `stack.lo` 高 928 字节，好让不做检查的小函数也放得下。
	有的笔记说 `rt0_go` 令 `stackguard0 = stack.lo + StackGuard`。机器记得每一次写入，问问它：
	*/
	m.To("main")
	for _, w := range m.Writes("g0.stackguard0") {
		fmt.Println(w)
	}
	fmt.Println("stackguard0 - stack.lo:", m.Int("g0.stackguard0")-m.Int("g0.stack.lo"))

	/*en
	Two writes: `rt0_go` sets it to `stack.lo` itself, and only `mstart0` raises it, much later. In between runs all of
	`schedinit`, with a guard that is a little too generous. (With cgo, `rt0_go` adds the 928 at once.)

	The other thing that notes get wrong is the size: `SP - 64*1024 + 104`. It was right once.

	## What if?

	Try another Go version. Below, 1.18: it still leaves out the 104 bytes. With which version did that end? Change the
	arguments or the seed, too: the bounds move, the distance does not.
	*/
	/*zh
	一共两次写入：`rt0_go` 把它设为 `stack.lo` 本身，很久以后才由 `mstart0` 抬高。这中间整个 `schedinit` 都在一个略嫌宽松的警戒线下运行。
	（用了 cgo 时，`rt0_go` 会立刻加上 928。）

	笔记里另一处常见的错误是大小：`SP - 64*1024 + 104`。它曾经是对的。

	## 如果……会怎样？

	换一个 Go 版本试试。下面是 1.18：它还少认领那 104 个字节。从哪个版本起不再这样？也可以改变参数或种子：边界会移动，距离不变。
	*/
	for _, other := range []*lab.Machine{m, lab.Boot(lab.Args("one", "two"), lab.Seed(7)), lab.Boot(lab.Go("1.18.10"))} {
		other.To("g0stack")
		size := other.Int("g0.stack.hi") - other.Int("g0.stack.lo")
		fmt.Printf("%-10s %s – %s: %d = 64 KiB - %d\n", other.GoVersion(), other.Fact("g0.stack.lo"), other.Fact("g0.stack.hi"), size, 64*1024-size)
	}

	/*en
	## Your turn

	The machine grades the answer: add `.Check(…)` with yours, or `.Hint()` if you are stuck.
	*/
	/*zh
	## 轮到你了

	答案由机器来判：在后面写上 `.Check(…)` 交出你的答案；卡住了就用 `.Hint()`。
	*/
	lab.Exercise("g0-stack").Show()
}
