//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# Thread-local storage works

	"Which g am I?" Go code asks this all the time, and every thread has another answer. A global variable cannot hold it: all
	threads would share it. What differs from thread to thread is the registers. On amd64 Linux one of them is meant for
	just this: the base of the segment FS. An operand like `FS:-0x8` means "the word 8 bytes below wherever FS points".

	The runtime sets aside some words in each m (the runtime's record of a thread): the array `m.tls`. The first thread's m is a
	global, `m0`. It remains to make FS point there. The runtime asks the kernel to do that: here comes the very first system
	call of the program.
	*/
	/*zh
	# 线程本地存储可用

	“我是哪个 g？”Go 代码时时刻刻都要问，而每个线程的答案都不一样。全局变量存不了它：那会被所有线程共享。线程之间不同的是寄存器。
	在 amd64 Linux 上有一个寄存器专门干这个：段 FS 的基址。像 `FS:-0x8` 这样的操作数，意思是“FS 所指之处往下 8 字节的那个字”。

	运行时在每个 m（运行时对一个线程的记录）里留了几个字：数组 `m.tls`。第一个线程的 m 是全局变量 `m0`。剩下的事就是让 FS 指向那里。
	设置 FS 基址由内核代劳，于是有了整个程序的第一个系统调用：
	*/
	m := lab.Boot()
	m.To("g0stack")
	for _, call := range m.Syscalls(m.TickOf("tls")) {
		fmt.Println(call)
	}
	m.To("tls")
	m.Tell()
	lab.Show(m.Draw("tls"))

	/*en
	FS points to `m0.tls[1]`, not to `m0.tls[0]`. `rt0_go` passes the address of `m0.tls` and `settls` adds 8, because the ELF
	convention puts thread-local variables *below* the base. So `-8(FS)`, where Go keeps the current g, is `m0.tls[0]`. (Notes
	that say "FS holds the address of tls[0]" are off by one word.)

	A wrong FS would be a disaster that shows only much later. So the code checks: it stores a probe, `0x123`, through FS, and
	reads it back the other way, as a global variable. If it has not arrived, the program aborts. We have stopped between the
	two.

	**Predict.** `tls` is an array of several words. After the whole boot, how many of them will be other than zero?
	*/
	/*zh
	FS 指向的是 `m0.tls[1]`，而不是 `m0.tls[0]`。`rt0_go` 传的是 `m0.tls` 的地址，`settls` 再加 8，因为 ELF 的约定是把线程本地变量放在
	基址*下方*。于是 Go 存放当前 g 的 `-8(FS)` 正好就是 `m0.tls[0]`。（说“FS 里是 tls[0] 的地址”的笔记差了一个字。）

	FS 若设错，恶果要很久以后才显现。所以代码要验证：经 FS 写入探针 `0x123`，再绕开 FS、当作全局变量读回来；如果没有到达，程序就中止。
	我们正停在这两步之间。

	**先猜一猜。** `tls` 是由好几个字组成的数组。整个启动结束之后，其中有几个不为零？
	*/
	fmt.Println("FS - &m0.tls[0]:", m.Reg("fs")-m.Int("&m0.tls[0]"))
	m.To("main")
	for i := 0; i < m.Int("len(m0.tls)"); i++ {
		fmt.Printf("m0.tls[%d] = %s\n", i, m.Name(m.Int(fmt.Sprintf("m0.tls[%d]", i))))
	}

	/*en
	One. The rest of the array is never used on Linux. And who wrote that one word? The probe first; then `rt0_go` itself; and
	from `schedule` on, every switch from one g to another. Here are the first few:
	*/
	/*zh
	只有一个。数组其余部分在 Linux 上从未用过。这一个字都有谁写过？先是探针，再是 `rt0_go` 自己；从 `schedule` 起，每次从一个 g 切换到另一个 g
	都会写它。下面是最初几次：
	*/
	writes := m.Writes("m0.tls[0]")
	for i := 0; i < 5; i++ {
		fmt.Println(writes[i])
	}
	fmt.Println("writes up to main.main:", len(writes))

	/*en
	## What if?

	Change the seed or the Go version: does the distance between FS and the array change? And the other threads? They are made by
	`clone`, which sets FS for them. Below we count the calls of `arch_prctl` and `clone` on the way to `main.main`, on one
	CPU and on eight. (More than one thread on one CPU: the lesson `main` tells why.)
	*/
	/*zh
	## 如果……会怎样？

	改变种子或 Go 版本：FS 与数组之间的距离会变吗？其他线程呢？它们由 `clone` 创建，`clone` 顺便设好它们的 FS。下面分别用 1 个和 8 个 CPU，
	数一数到 `main.main` 为止的 `arch_prctl` 与 `clone`。（只有一个 CPU，线程却不止一个：原因见 `main` 一课。）
	*/
	for _, cpus := range []int{1, 8} {
		other := lab.Boot(lab.CPUs(cpus))
		count := map[string]int{}
		for _, call := range other.Syscalls(other.TickOf("main")) {
			for _, name := range []string{"arch_prctl(", "clone("} {
				if len(call) > len(name) && call[:len(name)] == name {
					count[name]++
				}
			}
		}
		fmt.Printf("CPUs %d: %d arch_prctl, %d clone\n", cpus, count["arch_prctl("], count["clone("])
	}
}
