//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# The other Ps are idle

	m0 has taken P 0. The other Ps have nothing to do, so `procresize` puts them on a list, `sched.pidle`, from which a thread
	that finds work can take one. The list has no nodes of its own: each P carries a field `link` to the next, and putting a P on
	the list means two writes, as on a pile of plates: the P's link becomes the old top, and the P becomes the new top.

	Then `schedinit` publishes the number of Ps in `gomaxprocs`, and returns. The world may start.
	*/
	/*zh
	# 其余 P 空闲

	m0 拿走了 P 0。其余的 P 无事可做，`procresize` 就把它们放进链表 `sched.pidle`；线程有活要干时，就从这里取一个。
	链表没有专门的节点：每个 P 自带一个字段 `link` 指向下一个。放入一个 P 就是两次写入，像叠盘子一样：P 的 link 指向原来的顶，
	P 自己成为新的顶。

	随后 `schedinit` 在 `gomaxprocs` 里公布 P 的个数，然后返回。世界可以开动了。
	*/
	m := lab.Boot()
	m.To("pidle")
	m.Tell()
	lab.Show(m.Draw("allp"))

	/*en
	## Two orders

	Look at the list above: the P with the highest number is on top. In almost every drawing that you can find, P1 is. Is the
	drawing wrong?

	It is old. Up to Go 1.25 one loop went down from the last P to the first and put each on the pile. Predict what order that
	gives, then boot a program that Go 1.25.0 built.
	*/
	/*zh
	## 两种顺序

	看看上面的链表：编号最大的 P 在最前。而你能找到的图里，几乎都是 P1 在最前。是图画错了吗？

	是图旧了。直到 Go 1.25，都是一个循环从最后一个 P 数到第一个，边数边往上叠。先预测这样会得到什么顺序，再启动一个用 Go 1.25.0
	构建的程序。
	*/
	old := lab.Boot(lab.Go("1.25.0"))
	old.To("pidle")
	lab.Show(old.Draw("allp"))

	/*en
	## Why it turned round

	Go 1.26 still goes down from the last P to the first, but collects the idle ones on a list of its own first (so that some can
	be handed to workers of the garbage collector), and only then moves them, from the front, to `sched.pidle`. Two piles turn
	the order round twice; each P's `link` is written twice. The machine remembers every write; here is the old way, then the
	new.
	*/
	/*zh
	## 顺序为何反了过来

	Go 1.26 仍然从最后一个 P 数到第一个，但先把空闲的收进自己的一条链表（以便分一些给垃圾回收的工作者），然后才从前往后搬到
	`sched.pidle`。叠两次，顺序就倒两次；每个 P 的 `link` 也写了两次。机器记得每一次写入：先看旧的做法，再看新的。
	*/
	pushes := func(x *lab.Machine) {
		fmt.Println(x.GoVersion(), x.Fact("sched.pidle"))
		for _, e := range []string{"sched.pidle", "allp[1].link"} {
			for _, w := range x.Writes(e) {
				x.Seek(w.Tick + 1)
				fmt.Printf("  %-13s = %-4s in %s\n", e, x.Name(x.Int(e)), x.Where())
				x.To("pidle")
			}
		}
	}
	pushes(old)
	pushes(m)

	/*en
	And all facts of this stage in which the two versions differ, side by side:
	*/
	/*zh
	这一阶段两个版本不同的全部事实，并排列出：
	*/
	fmt.Print(lab.Diff(old, m, "pidle"))

	/*en
	## The list is not alone

	A list answers "give me an idle P". It does not quickly answer "is P 2 idle?". For that there are two bit masks: bit n of
	`idlepMask` says that P n is idle, bit n of `timerpMask` that P n may have timers. They must agree with the list. Which bits
	are set with 4 Ps, of which P 0 runs?
	*/
	/*zh
	## 链表之外

	链表能回答“给我一个空闲的 P”，却不能很快回答“P 2 空闲吗？”。为此有两个位掩码：`idlepMask` 的第 n 位表示 P n 空闲，`timerpMask`
	的第 n 位表示 P n 可能有定时器。它们必须与链表一致。4 个 P，其中 P 0 在运行：哪些位是 1？
	*/
	fmt.Printf("idlepMask %04b, timerpMask %04b, sched.npidle %d\n", m.Int("idlepMask[0]"), m.Int("timerpMask[0]"), m.Int("sched.npidle"))

	/*en
	## What if?

	Change the number of CPUs, or set GOMAXPROCS. With how many Ps is the list empty?
	*/
	/*zh
	## 如果……会怎样？

	改变 CPU 数，或者设置 GOMAXPROCS。有几个 P 时链表是空的？
	*/
	for _, n := range []int{1, 2, 6} {
		x := lab.Boot(lab.CPUs(n))
		x.To("pidle")
		fmt.Printf("%d CPUs: sched.pidle %s, idlepMask %b\n", n, x.Fact("sched.pidle"), x.Int("idlepMask[0]"))
	}

	/*en
	## Your turn

	The machine grades the answer: add `.Check(…)` with yours, or `.Hint()` if you are stuck. Then try `pidle-order`, `pidle-order-125`, `who-wrote-pidle` the same way.
	*/
	/*zh
	## 轮到你了

	答案由机器来判：在后面写上 `.Check(…)` 交出你的答案；卡住了就用 `.Hint()`。接着用同样的办法做 `pidle-order`、`pidle-order-125`、`who-wrote-pidle`。
	*/
	lab.Exercise("pidleput").Show()
}
