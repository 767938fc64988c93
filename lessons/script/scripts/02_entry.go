//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# Control reaches rt0_go

	Every ELF file names one address at which Linux starts it: its entry point. For a Go program that is not `main.main` and not
	`runtime.main`, but a function whose name ends in the platform: `_rt0_amd64_linux`. The name "rt0" comes
	from C, whose start-up code is called crt0: the run-time code number zero, which runs before everything else.

	Let us step from the first instruction to `rt0_go`, where the real work begins. It takes fewer instructions than you
	have fingers.
	*/
	/*zh
	# 到达 rt0_go

	每个 ELF 文件都写明一个地址，Linux 从那里启动它：入口点。对 Go 程序来说，它不是 `main.main`，也不是 `runtime.main`，而是名字以平台结尾的
	函数 `_rt0_amd64_linux`。“rt0” 这个名字来自 C：C 的启动代码叫 crt0，即“第零号”运行时代码，先于一切而运行。

	让我们从第一条指令一步步走到真正干活的 `rt0_go`。指令条数比你的手指还少。
	*/
	m := lab.Boot(lab.Args("one"))
	m.To("osstack")
	end := m.TickOf("entry")
	for m.Tick() < end {
		fmt.Println(m.Instruction())
		m.Step(1)
	}
	m.To("entry")
	m.Tell()

	/*en
	Read it like this. In Go's assembler the destination comes last. `JMP` goes somewhere else. `MOVQ 0(SP), DI` copies the
	8 bytes at SP, which are argc, into register DI. `LEAQ 8(SP), SI` does *not* read memory: it computes the address
	SP + 8, which is where the argv array begins, and puts that address into SI.

	Why DI and SI? They are the registers in which the C calling convention (System V ABI) passes the first two arguments. So
	the very same `rt0_go` also serves programs with cgo, where the C library runs first and then calls a `main` that jumps
	to `rt0_go`. The registers, with those marked that have changed since tick 0:
	*/
	/*zh
	这样读：Go 汇编里目标操作数写在最后。`JMP` 跳到别处。`MOVQ 0(SP), DI` 把 SP 处的 8 个字节（即 argc）复制到寄存器 DI。
	`LEAQ 8(SP), SI` *不*读内存：它只计算地址 SP + 8，也就是 argv 数组开始的地方，然后把这个地址放进 SI。

	为什么是 DI 和 SI？C 的调用约定（System V ABI）用它们传递前两个参数。这样，同一个 `rt0_go` 也能用于 cgo 程序：
	那里先运行 C 库，再由它调用一个跳转到 `rt0_go` 的 `main`。下面的寄存器中，与时刻 0 相比有变化的做了标记：
	*/
	lab.Show(m.Draw("registers"))

	/*en
	**Predict.** Somebody reaches a function: usually by `CALL`, which pushes the address to return to. How far has SP moved since
	tick 0, and what does the word at SP hold: a return address, or something else?
	*/
	/*zh
	**先猜一猜。** 进入一个函数通常靠 `CALL`，它会把返回地址压栈。那么从时刻 0 到现在，SP 移动了多少？SP 处的字是返回地址，还是别的东西？
	 */
	sp := m.Reg("sp")
	fmt.Println("the word at SP:", m.Word(sp), "= DI:", m.Reg("rdi"))
	fmt.Println("SI - SP:", m.Reg("rsi")-sp)
	m.To("osstack")
	fmt.Println("SP moved by", m.Reg("sp")-sp)

	/*en
	It was a chain of jumps: SP has not moved, the word at SP is still argc, and there is no return address anywhere. `rt0_go`
	cannot return, for there is nobody to return to. It will end by handing the thread to the scheduler, for good. That is
	also why a stack trace of the main thread ends at `rt0_go`: the frame is marked TOPFRAME, "look no further".

	Some notes say that "argc and argv lie in the first two words of the stack". Check it: the second word is `argv[0]`, a pointer
	to a string, while `argv` is a pointer to that *pointer*.
	*/
	/*zh
	这是一串跳转：SP 没有动，SP 处的字仍是 argc，到处都没有返回地址。`rt0_go` 不能返回，因为没有人可以返回。它最后会把线程永远交给调度器。
	主线程的调用栈回溯止于 `rt0_go` 也是这个原因：这一帧标记为 TOPFRAME，意思是“不必再往上找”。

	有的笔记说“栈的头两个字是 argc 和 argv”。验证一下：第二个字是 `argv[0]`，一个指向字符串的指针；而 `argv` 是指向*那个指针*的指针。
	*/
	m.To("entry")
	fmt.Printf("second word points to %q\n", m.Str(m.Word(sp+8)))
	fmt.Println("argv == second word:", m.Reg("rsi") == m.Word(sp+8))
	fmt.Println("argv == its address:", m.Reg("rsi") == sp+8)

	/*en
	## What if?

	Change the arguments, the environment, or the Go version (`lab.Go("1.25.0")`). The entry takes as long as ever, since nobody
	has looked at any of it yet. And later, in `args`, when the runtime looks for the auxiliary vector behind argv and envp?
	Guess before you run: a thousand arguments, then a thousand variables.
	*/
	/*zh
	## 如果……会怎样？

	改变参数、环境变量或 Go 版本（`lab.Go("1.25.0")`）。入口耗时不变，因为还没有人去看它们。那么到了 `args`，运行时要越过 argv 与 envp
	去找辅助向量时呢？先猜再运行：一千个参数，然后是一千个环境变量。
	*/
	words := make([]string, 1000)
	for i := 0; i < len(words); i++ {
		words[i] = fmt.Sprint("k", i, "=v")
	}
	report := func(what string, m *lab.Machine) {
		fmt.Printf("%-20s entry ends at tick %d, args at %d\n", what, m.TickOf("entry"), m.TickOf("args"))
	}
	report("one argument", m)
	report("1000 arguments", lab.Boot(lab.Args(words...)))
	report("1000 variables", lab.Boot(lab.Env(words...)))

	/*en
	Arguments are free: argc tells how far to jump. The environment has no count, so `sysargs` walks over it, pointer by
	pointer, to the zero word.
	*/
	/*zh
	参数是“免费”的：argc 说明了该跳多远。环境变量没有个数，所以 `sysargs` 只能一个指针一个指针地走到那个全零的字。
	*/
}
