//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# SP is aligned, argc and argv are copied

	`rt0_go` is the first function with something to do. It has `argc` in DI and `argv` in SI, and a stack that belongs to
	nobody yet. It will soon need DI and SI for other things, and it wants to call functions. So it makes itself a small
	frame on the stack: room for a few words, argc and argv among them.

	While it is at it, it rounds SP down to a multiple of 16. Some SSE instructions load and store 16 bytes at once and
	fault if the address is not such a multiple. The C calling convention promises that alignment to every function, and
	`rt0_go` may call C. Here are the instructions:
	*/
	/*zh
	# 对齐 SP，复制 argc 与 argv

	`rt0_go` 是第一个真正做事的函数。此时 `argc` 在 DI 里，`argv` 在 SI 里，而栈还不属于任何人。它马上要把 DI 和 SI 派作他用，
	还要调用别的函数，所以先在栈上给自己划出一小块栈帧：放得下几个字，其中就有 argc 和 argv。

	同时它把 SP 向下取整到 16 的倍数。有些 SSE 指令一次读写 16 个字节，地址不是 16 的倍数就会出错。C 的调用约定向每个函数保证这种对齐，
	而 `rt0_go` 可能要调用 C。指令如下：
	*/
	m := lab.Boot()
	m.To("entry")
	before := m.Reg("sp")
	for m.Tick() < m.TickOf("alignment") {
		fmt.Println(m.Instruction())
		m.Step(1)
	}
	m.To("alignment")
	m.Tell()
	lab.Show(m.Draw("stack"))

	/*en
	The changed words are marked with a `*`. What Linux left is untouched: it begins where SP was before.

	**Predict.** By how much did SP move? The code subtracts 40 and then clears the low four bits (`ANDQ $-16`), and SP was a
	multiple of 16 when the program started. Work it out before you run the next cell.
	*/
	/*zh
	有变化的字标了 `*`。Linux 留下的东西原封不动：它从 SP 原来的位置开始。

	**先猜一猜。** SP 移动了多少？代码先减去 40，再清掉低 4 位（`ANDQ $-16`）；程序开始时 SP 是 16 的倍数。运行下一格之前先自己算一算。
	*/
	fmt.Println("moved by", before-m.Reg("sp"), "remainder by 16:", m.Reg("sp")%16)

	/*en
	Many notes say that argc is saved at `120(SP)` and argv at `124(SP)`. That is the source for 386 (`asm_386.s`): pointers of
	4 bytes give it away. Others, older, say `16(SP)` and `24(SP)`. Let us look for the copies instead of believing anybody:
	for two words side by side that hold argc and the address of the argv array.
	*/
	/*zh
	很多笔记说 argc 存放在 `120(SP)`，argv 在 `124(SP)`。那是 386 的源码（`asm_386.s`）：指针只占 4 字节就露了馅。更老的笔记说是
	`16(SP)` 和 `24(SP)`。与其相信谁，不如自己找一找：寻找并排的两个字，一个是 argc，一个是 argv 数组的地址。
	*/
	find := func(m *lab.Machine) {
		m.To("entry")
		start := m.Reg("sp")
		m.To("alignment")
		sp := m.Reg("sp")
		for offset := 0; offset < start-sp; offset += 8 {
			if m.Word(sp+offset) == m.Word(start) && m.Word(sp+offset+8) == start+8 {
				fmt.Printf("%s: SP moved by %d; argc at %d(SP), argv at %d(SP)\n", m.GoVersion(), start-sp, offset, offset+8)
			}
		}
	}
	find(m)

	/*en
	Why not at `0(SP)`? The words below are for the arguments of the functions that `rt0_go` is about to call: the old
	calling convention of Go's assembler passes arguments on the stack, from `0(SP)` up. Before 1.18 two words were enough;
	then the frame grew to `3args 2auto`, as the source comments it, and the copies moved.

	## What if?

	Change the arguments, the environment, the seed or the Go version. Does the distance change? Why not? Does the slot?
	Below, Go 1.16, from the time of the older notes.
	*/
	/*zh
	为什么不放在 `0(SP)`？下面那几个字要留给 `rt0_go` 即将调用的函数作参数：Go 汇编的老调用约定用栈传参，从 `0(SP)` 往上放。
	1.18 之前留两个字就够了；后来栈帧变成源码注释所说的 `3args 2auto`，副本也就跟着挪了位置。

	## 如果……会怎样？

	改变参数、环境变量、种子或 Go 版本。距离会变吗？为什么不会？存放的位置呢？下面是 Go 1.16，正是那些老笔记的年代。
	*/
	find(lab.Boot(lab.Args("one", "two", "three"), lab.Seed(7)))
	find(lab.Boot(lab.Go("1.16.15")))

	/*en
	## Your turn

	The machine grades the answer: add `.Check(…)` with yours, or `.Hint()` if you are stuck. Then try `argc-slot` the same way.
	*/
	/*zh
	## 轮到你了

	答案由机器来判：在后面写上 `.Check(…)` 交出你的答案；卡住了就用 `.Hint()`。接着用同样的办法做 `argc-slot`。
	*/
	lab.Exercise("sp-moves").Show()
}
