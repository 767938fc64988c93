//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# The CPUs are counted

	`osinit` asks the operating system the few things that the auxiliary vector did not tell. The one that matters most: on how
	many CPUs may this process run? From it will come, a little later, how many Ps there are, and with them how many
	goroutines can run Go code at the same moment.

	There is no call that says "how many". The runtime asks which CPUs the thread may be put on, a mask with one bit a CPU, and
	counts the bits. These are the system calls of `osinit`, the call that looks for the size of huge pages included:
	*/
	/*zh
	# 统计 CPU 数

	`osinit` 向操作系统询问辅助向量没有说的几件事。最要紧的一件：这个进程可以在几个 CPU 上运行？稍后 P 的个数就由它而来，
	也就决定了同一时刻能有几个 goroutine 运行 Go 代码。

	并没有一个系统调用直接回答“几个”。运行时问的是线程可以被放到哪些 CPU 上：一个每位代表一个 CPU 的掩码；然后数一数有几位是 1。
	下面是 `osinit` 的系统调用，包括查询大页尺寸的那几个：
	*/
	m := lab.Boot(lab.CPUs(6))
	m.To("args")
	for _, call := range m.Syscalls(m.TickOf("schedinit")) {
		fmt.Println(call)
	}
	m.To("osinit")
	m.Tell()

	/*en
	The mask was put on the stack, in `getCPUCount`'s frame, and that frame is gone; but nobody has cleaned up. We can go back to
	the call and look at the mask itself: its address is the third argument, which lies on the stack behind the return
	address and two more words.
	*/
	/*zh
	掩码放在栈上、`getCPUCount` 的栈帧里；那一帧已经不在了。但我们可以回到调用的那一刻，看看掩码本身：它的地址是第三个参数，在栈上，前面隔着返回地址和两个字。
	*/
	m.BackTo("runtime.sched_getaffinity")
	mask := m.Word(m.Reg("sp") + 24)
	m.To("osinit")
	fmt.Printf("mask: %08b\n", m.Bytes(mask, 1))
	fmt.Println("who counted:", m.WhoWrote("numCPUStartup"))

	/*en
	In notes and older sources the count is the variable `ncpu`. Since Go 1.25 it is `numCPUStartup`: the new name says that
	it is what was true at the start, for since then the runtime looks again from time to time, and at the limits of the
	container (cgroup), too.

	**Predict.** This machine has 6 CPUs. Say `GOMAXPROCS=2` in the environment. What does `osinit` count? How many Ps will there be?
	*/
	/*zh
	在笔记和旧源码里，这个数叫 `ncpu`。从 Go 1.25 起它叫 `numCPUStartup`：新名字强调这是“启动时”的值，因为从那时起运行时会不时重新查看，
	还会考虑容器（cgroup）的限制。

	**先猜一猜。** 这台机器有 6 个 CPU。在环境变量里写上 `GOMAXPROCS=2`，`osinit` 会数出几个？P 会有几个？
	*/
	show := func(m *lab.Machine) {
		m.To("osinit")
		fmt.Printf("%s: ncpu %s, numCPUStartup %s, gomaxprocs %s;", m.GoVersion(), m.Eval("ncpu"), m.Eval("numCPUStartup"), m.Eval("gomaxprocs"))
		m.To("pidle")
		fmt.Printf(" later gomaxprocs %s, %s Ps\n", m.Eval("gomaxprocs"), m.Eval("len(allp)"))
	}
	show(m)
	show(lab.Boot(lab.CPUs(6), lab.Env("GOMAXPROCS=2")))

	/*en
	Counting and deciding are two things. `osinit` only counts; `schedinit` decides, much later, and until then `gomaxprocs` is zero.
	You may well say `GOMAXPROCS=12`: then there are more Ps than CPUs. It does not limit the threads either, as some notes
	have it: their limit is `sched.maxmcount`, the subject of the next lesson.

	## What if?

	Try 1 CPU, or 100 (the mask is 8 KiB: it has room). Try a machine whose environment says nonsense, `GOMAXPROCS=many`. And
	another Go version: below, 1.21, where the count has its old name.
	*/
	/*zh
	数数与决定是两回事。`osinit` 只管数；决定要等到很久以后的 `schedinit`，在那之前 `gomaxprocs` 一直是零。你完全可以写 `GOMAXPROCS=12`：
	那样 P 就比 CPU 多。它也不像某些笔记所说的那样限制线程数：线程的上限是 `sched.maxmcount`，那是下一课的内容。

	## 如果……会怎样？

	试试 1 个 CPU，或 100 个（掩码有 8 KiB，放得下）。试试环境变量里写胡话：`GOMAXPROCS=many`。再换一个 Go 版本：下面是 1.21，
	那里的计数还用旧名字。
	*/
	show(lab.Boot(lab.CPUs(6), lab.Env("GOMAXPROCS=many")))
	show(lab.Boot(lab.CPUs(6), lab.Env("GOMAXPROCS=12")))
	show(lab.Boot(lab.CPUs(6), lab.Go("1.21.13")))

	/*en
	## Your turn

	The machine grades the answer: add `.Check(…)` with yours, or `.Hint()` if you are stuck.
	*/
	/*zh
	## 轮到你了

	答案由机器来判：在后面写上 `.Check(…)` 交出你的答案；卡住了就用 `.Hint()`。
	*/
	lab.Exercise("gomaxprocs").Show()
}
