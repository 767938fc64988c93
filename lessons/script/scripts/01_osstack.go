//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# What Linux leaves on the stack

	A Go program does not begin with `main`, and not with Go code either. When you press Enter, the shell asks Linux to `execve`
	the file. Linux maps the file's code and data into a fresh address space, maps a stack, and puts everything that it wants
	to tell the program onto that stack. Then it sets two registers, RIP (the next instruction) and RSP (the top of the
	stack, "SP"), and lets go.

	So at tick 0, before a single instruction has run, the stack is already full of news. Low addresses are on top of the
	picture: the stack grows upwards in it, towards smaller numbers.
	*/
	/*zh
	# Linux 留在栈上的东西

	Go 程序不是从 `main` 开始的，甚至不是从 Go 代码开始的。你按下回车，shell 请 Linux 用 `execve` 执行文件；Linux 把文件里的代码和数据映射到
	一个全新的地址空间，再映射一块栈，把想告诉程序的一切都放到栈上。最后它设置两个寄存器——RIP（下一条指令）和 RSP（栈顶，即“SP”）——
	然后放手。

	所以在时刻 0，一条指令都还没执行，栈上就已经写满了消息。图中低地址在上方：栈向上、也就是向更小的地址增长。
	*/
	m := lab.Boot(lab.Args("one", "two"))
	m.To("osstack")
	m.Tell()
	lab.Show(m.Draw("entry"))

	/*en
	Five sections, one after the other:

	- **argc**: how many arguments there are, the program's own name included.
	- **argv**: one pointer an argument, then a zero word. The strings themselves lie further up.
	- **envp**: the same for the environment.
	- **auxv**: pairs of a tag and a value, ended by `AT_NULL`: the page size, the user's id, where the program's entry point
	  is, and where 16 random bytes lie. (The picture shows a pair in one row: the address is the tag's.)
	- **the strings** and random bytes that all those pointers point to.

	Nothing in a register says so: apart from RSP and RIP, all of them are zero. SP alone is the key to the rest. The
	next cell reads argv by hand, just like the runtime will.
	*/
	/*zh
	五个部分，一个接一个：

	- **argc**：参数个数，程序名本身也算一个。
	- **argv**：每个参数一个指针，最后是一个全零的字。字符串本身在更高的地址。
	- **envp**：环境变量，形式相同。
	- **auxv**（辅助向量）：一对对“标签、值”，以 `AT_NULL` 结束，包括页大小、用户 ID、程序入口地址、16 个随机字节的位置等。
	  （图中一对占一行，地址是标签的地址。）
	- **字符串**和随机字节：上面所有指针指向的地方。

	寄存器里没有任何线索：除了 RSP 与 RIP，其余全是零。唯一的钥匙就是 SP。下一格像运行时将要做的那样，亲手读一遍 argv。
	*/
	sp := m.Reg("sp")
	argc := m.Word(sp)
	for i := 0; i < argc; i++ {
		fmt.Printf("argv[%d] = %q\n", i, m.Str(m.Word(sp+8+8*i)))
	}
	fmt.Println("NULL =", m.Word(sp+8+8*argc))

	/*en
	Notes often draw this block as "argc and argv on the stack", with argv as one word. It is not: the array itself lies there.
	Nobody has stored its address anywhere; `argv` *is* SP + 8, and the entry code will have to compute it (next lesson).

	**Predict.** With no arguments but the name, where does the environment begin? And with the two arguments above? Write down
	the distance from SP in bytes for both, then run the cell: it looks for the first pointer to a string with a `=`.
	*/
	/*zh
	很多笔记把这一块画成“栈上有 argc 和 argv”，argv 只占一个字。其实不然：数组本身就在栈上，没有任何地方保存它的地址；
	`argv` *就是* SP + 8，入口代码得自己算出来（见下一课）。

	**先猜一猜。** 只有程序名、没有别的参数时，环境变量从哪里开始？有上面那两个参数时呢？先写下两种情况下距 SP 的字节数，再运行这一格：
	它寻找第一个指向含 `=` 的字符串的指针。
	*/
	envp := func(m *lab.Machine) int {
		at := m.Reg("sp") + 8
		for m.Word(at) != 0 {
			at += 8
		}
		at += 8
		fmt.Printf("%q at SP + %d\n", m.Str(m.Word(at)), at-m.Reg("sp"))
		return at
	}
	alone := lab.Boot()
	envp(alone)
	at := envp(m)

	/*en
	SP itself is a multiple of 16 whatever you pass: the ABI asks for it, and Linux leaves a gap below the strings to get there. And where
	the environment ends, the auxiliary vector begins. Go needs but a few of its tags; the lesson `args` shows which.
	*/
	/*zh
	无论传什么参数，SP 总是 16 的倍数：这是 ABI 的要求，Linux 会在字符串下方填充来凑齐。环境变量结束之处就是辅助向量的开头。
	Go 只需要其中几个标签；`args` 一课会讲是哪几个。
	*/
	for m.Word(at) != 0 {
		at += 8
	}
	fmt.Printf("SP %% 16 = %d, %d\n", alone.Reg("sp")%16, m.Reg("sp")%16)
	pairs := 0
	for at += 8; m.Word(at) != 0; at += 16 {
		pairs++
		if m.Word(at) == 6 {
			fmt.Println("AT_PAGESZ (6) =", m.Word(at+8))
		}
	}
	fmt.Println("pairs before AT_NULL:", pairs)

	/*en
	## What if?

	Change the arguments, add variables with `lab.Env`, try another `lab.Seed`. What moves, and what stays? Below, a longer
	environment pushes SP down; another seed changes a handful of bytes, and the cell finds out where they lie.
	*/
	/*zh
	## 如果……会怎样？

	改一改参数，用 `lab.Env` 添加变量，或换一个 `lab.Seed`。什么会移动，什么不变？下面的例子里，更长的环境变量把 SP 往下推；
	换一个种子只改变少数几个字节，这一格会找出它们在哪里。
	*/
	longer := lab.Boot(lab.Env("GODEBUG=inittrace=1", "LESSON=osstack"))
	fmt.Printf("SP moves down by %d bytes\n", alone.Reg("sp")-longer.Reg("sp"))
	seeded := lab.Boot(lab.Seed(1))
	for at = alone.Reg("sp"); alone.Word(at) != 31; at += 8 {
	}
	name := alone.Word(at + 8) // AT_EXECFN (31), the highest string
	size := name + len(alone.Str(name)) + 1 - alone.Reg("sp")
	a, b := alone.Bytes(alone.Reg("sp"), size), seeded.Bytes(seeded.Reg("sp"), size)
	first, last := -1, -1
	for i := 0; i < size; i++ {
		if a[i] != b[i] {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	fmt.Printf("of %d bytes from SP on, those that differ with the seed lie from %d to %d\n", size, first, last)
	for at = alone.Reg("sp"); alone.Word(at) != 25; at += 8 {
	}
	random := alone.Word(at+8) - alone.Reg("sp")
	fmt.Printf("AT_RANDOM (25) points to those from %d to %d\n", random, random+15)
}
