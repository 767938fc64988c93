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
	nobody yet. SSE instructions want addresses that are multiples of 16, so the first thing it does is to round SP down.
	*/
	/*zh
	# 对齐 SP，复制 argc 与 argv

	`rt0_go` 是第一个真正做事的函数。此时 `argc` 在 DI 里，`argv` 在 SI 里，而栈还不属于任何人。SSE 指令要求内存地址是 16 的倍数，
	所以它首先把 SP 向下取整。
	*/
	m := lab.Boot()
	m.To("entry")
	before := m.Reg("sp")
	m.To("alignment")
	m.Tell()
	lab.Show(m.Draw("stack"))

	/*en
	By how much did SP move? The code subtracts 40 and then clears the low four bits. Work it out before you run the next cell:
	SP was a multiple of 16 when the program started (the ABI says so).
	*/
	/*zh
	SP 移动了多少？代码先减去 40，再清掉低 4 位。运行下一格之前先自己算一算：程序开始时 SP 是 16 的倍数（ABI 的规定）。
	*/
	fmt.Println(before-m.Reg("sp"), m.Reg("sp")%16)

	/*en
	Many notes say that argc is saved at `120(SP)`. That is the 386 source (`asm_386.s`); on amd64 the copies lie elsewhere.
	Let us look for them instead of believing anybody.
	*/
	/*zh
	很多笔记说 argc 存放在 `120(SP)`。那是 386 的源码（`asm_386.s`）；在 amd64 上副本在别处。与其相信谁，不如自己找一找。
	*/
	for offset := 0; offset < before-m.Reg("sp"); offset += 8 {
		if m.Word(m.Reg("sp")+offset) == m.Word(before) && m.Word(m.Reg("sp")+offset+8) == before+8 {
			fmt.Printf("argc at %d(SP), argv at %d(SP), %s\n", offset, offset+8, m.GoVersion())
		}
	}

	/*en
	## What if?

	Change the arguments, the environment or the seed. Does the distance change? Why not?
	*/
	/*zh
	## 如果……会怎样？

	改变参数、环境变量或种子。距离会变吗？为什么不会？
	*/
	other := lab.Boot(lab.Args("one", "two", "three"), lab.Seed(7))
	other.To("entry")
	was := other.Reg("sp")
	other.To("alignment")
	fmt.Println(was - other.Reg("sp"))
}
