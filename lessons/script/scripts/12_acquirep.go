//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# m0 holds P 0

	Now there are Ps, and there is one thread that wants to run Go code: m0. `procresize` gives it the first P. The function is
	`acquirep`; its core is `wirep`, three assignments: the M points to the P, the P points to the M, and the P's status becomes
	`_Prunning`.

	`wirep` is a function of its own because of the garbage collector. Writing a pointer may need a write barrier, a barrier needs
	the P's buffer, and at this moment there is no P. So the compiler is told (`go:nowritebarrierrec`) to refuse any barrier
	here, and the fields are integers (`puintptr`, `muintptr`), not pointers.
	*/
	/*zh
	# m0 持有 P 0

	现在有了 P，也有一个想运行 Go 代码的线程：m0。`procresize` 把第一个 P 交给它。函数叫 `acquirep`，核心是 `wirep`，三次赋值：
	M 指向 P，P 指向 M，P 的状态变成 `_Prunning`。

	`wirep` 之所以单独成为一个函数，是因为垃圾回收器。写指针可能需要写屏障，写屏障需要 P 的缓冲区，而此刻手上还没有 P。
	所以这里告诉编译器（`go:nowritebarrierrec`）不许出现写屏障，字段也不是指针，而是整数（`puintptr`、`muintptr`）。
	*/
	m := lab.Boot(lab.CPUs(2))
	m.To("procresize")
	lab.Show(m.Draw("bind"))
	m.To("acquirep")
	m.Tell()
	lab.Show(m.Draw("bind"))

	/*en
	## The three writes

	Predict before you run the cell: just after `m0.p` was set, what is the status of P 0? And does P 0 know m0 by then?
	*/
	/*zh
	## 三次写入

	运行之前先预测：`m0.p` 刚刚写好的那一刻，P 0 是什么状态？那时 P 0 认识 m0 吗？
	*/
	show := func() {
		fmt.Printf("  m0.p %-4s allp[0].m %-4s %s\n", m.Name(m.Int("m0.p")), m.Name(m.Int("allp[0].m")), m.Status("allp[0]"))
	}
	for _, e := range []string{"m0.p", "allp[0].m", "allp[0].status"} {
		w := m.WhoWrote(e)
		fmt.Printf("%-15s %v\n", e, w)
		m.Seek(w.Tick + 1)
		show()
		m.To("acquirep")
	}

	/*en
	For a few instructions the graph contradicts itself: m0 has a P that has no M. Nobody can see it, because there is no other
	thread yet; later the same lines run while the P belongs to nobody else. And the status before `_Prunning` is `_Pidle`, which
	`procresize` had set a moment before, since `wirep` insists on it.

	## Could m0 run without a P?

	"A thread needs a P to run Go code" is true of goroutines. But m0 has executed nearly all of `schedinit` without one.
	How much of the boot is that? The cell computes it, in per cent of the way to `main.main`.
	*/
	/*zh
	有那么几条指令的工夫，这张图自相矛盾：m0 有一个 P，这个 P 却没有 M。没人看得见，因为还没有别的线程；以后再执行这几行时，
	那个 P 也不属于别人。`_Prunning` 之前的状态是 `_Pidle`，那是 `procresize` 片刻之前设的，因为 `wirep` 非要它不可。

	## 没有 P，m0 能运行吗？

	“线程要有 P 才能运行 Go 代码”，这话对 goroutine 成立。可是 m0 没有 P 也执行了几乎整个 `schedinit`。
	这占启动过程的多少？下一格来算：到 `main.main` 为止的百分比。
	*/
	without := m.WhoWrote("m0.p").Tick
	m.To("main")
	fmt.Printf("%d of %d instructions: %d%%\n", without, m.Tick(), without*100/m.Tick())

	/*en
	## What if?

	Does m0 keep P 0? Here is who holds which P when `main.main` begins, for several CPU counts. Add others, or change the seed.
	Lesson `main` tells why.
	*/
	/*zh
	## 如果……会怎样？

	m0 会一直拿着 P 0 吗？下面是几种 CPU 数下，`main.main` 开始时谁拿着哪个 P。加上别的 CPU 数，或者换个种子。原因见 `main` 一课。
	*/
	for _, n := range []int{1, 2, 4, 8} {
		x := lab.Boot(lab.CPUs(n))
		x.To("main")
		fmt.Printf("%d CPUs: m0.p = %s\n", n, x.Name(x.Int("m0.p")))
	}

	/*en
	## Your turn

	The machine grades the answer: add `.Check(…)` with yours, or `.Hint()` if you are stuck.
	*/
	/*zh
	## 轮到你了

	答案由机器来判：在后面写上 `.Check(…)` 交出你的答案；卡住了就用 `.Hint()`。
	*/
	lab.Exercise("wirep").Show()
}
