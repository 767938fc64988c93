//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# m0 is on allm

	An M is the runtime's record of an operating system thread. The first one, m0, needs no allocation: it is a global variable,
	and assembly has already tied it to g0. But so far nobody could find it who did not know its name. `mcommoninit`, which
	every M passes through once in its life, enters it in the books: it gives m0 a number, a second small stack on which signal
	handlers will run (`gsignal`), a random generator of its own, and a place on the list `allm`.

	The list matters to the garbage collector: a pointer that lives only in a register or in thread-local storage is invisible
	to it, so everything that is in use must also hang on something visible.
	*/
	/*zh
	# m0 进入 allm

	M 是运行时为一个操作系统线程所做的记录。第一个 M，也就是 m0，不需要分配：它是全局变量，汇编早已把它和 g0 系在一起。
	但在此之前，不知道它名字的人找不到它。每个 M 一生都要经过一次 `mcommoninit`，在这里登记入册：得到一个编号，
	一个供信号处理函数使用的小栈（`gsignal`），一个自己的随机数发生器，以及链表 `allm` 上的一个位置。

	这个链表对垃圾回收器很要紧：只存在于寄存器或线程本地存储里的指针，它是看不见的；所以凡是在用的东西，都得同时挂在看得见的地方。
	*/
	m := lab.Boot()
	m.To("schedinit")
	lab.Show(m.Draw("allm"))
	m.To("mcommoninit")
	m.Tell()
	lab.Show(m.Draw("allm"))

	/*en
	## What was written, and when

	The machine keeps its past, so it can tell each write. Note the order: the number first, `allm` last. Whoever walks the list
	without a lock must never meet an M that is half made.
	*/
	/*zh
	## 写了什么，何时写的

	机器记得自己的过去，所以每次写入都说得出来。注意顺序：先写编号，最后才写 `allm`。不加锁遍历链表的人，绝不能碰到只做好一半的 M。
	*/
	for _, e := range []string{"sched.mnext", "m0.gsignal", "m0.alllink", "allm"} {
		for _, w := range m.Writes(e) {
			fmt.Printf("%-12s %v\n", e, w)
		}
	}
	fmt.Println("m0.gsignal's stack in bytes:", m.Int("m0.gsignal.stack.hi")-m.Int("m0.gsignal.stack.lo"))

	/*en
	## Is allm a ring?

	Some notes draw `allm` as a circular list. A ring would lead from m0 back to the head. Follow the link.
	*/
	/*zh
	## allm 是环吗？

	有的笔记把 `allm` 画成循环链表。若是环，从 m0 出发应当回到表头。顺着链走走看。
	*/
	fmt.Println("allm:", m.Name(m.Int("allm")), " m0.alllink:", m.Name(m.Int("m0.alllink")))

	/*en
	It is a plain list that ends. Now predict: when `main.main` begins, several Ms are on it. Each came through the same lines of
	code, `mp.alllink = allm` and then `allm = mp`. Is m0 the first or the last?
	*/
	/*zh
	它是一条有头有尾的普通链表。现在预测一下：`main.main` 开始时链上已有好几个 M，每一个都经过同样的两行代码：
	`mp.alllink = allm`，然后 `allm = mp`。m0 排在最前，还是最后？
	*/
	m.To("main")
	lab.Show(m.Draw("allm"))
	fmt.Println(m.Fact("allm"))

	/*en
	## What if?

	Every thread is an M; the Ps are another matter. Change the number of CPUs. How many Ms does a program have on a single CPU
	when `main.main` begins, and why is it not one?
	*/
	/*zh
	## 如果……会怎样？

	每个线程是一个 M，P 则是另一回事。改一改 CPU 数。在单个 CPU 上，`main.main` 开始时程序有几个 M？为什么不是一个？
	*/
	for _, n := range []int{1, 2, 8} {
		x := lab.Boot(lab.CPUs(n))
		x.To("main")
		fmt.Printf("%d CPUs: %s Ps, allm %s\n", n, x.Eval("gomaxprocs"), x.Fact("allm"))
	}

	/*en
	## Your turn

	The machine grades the answer: add `.Check(…)` with yours, or `.Hint()` if you are stuck.
	*/
	/*zh
	## 轮到你了

	答案由机器来判：在后面写上 `.Check(…)` 交出你的答案；卡住了就用 `.Hint()`。
	*/
	lab.Exercise("mcommoninit").Show()
}
