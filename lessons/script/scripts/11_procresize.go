//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# The Ps exist

	A P is a permit to run Go code, together with what one needs for it: a run queue, a cache of memory (`mcache`), timers,
	buffers for the garbage collector. There are as many as GOMAXPROCS says, so that many threads can run Go code at the same
	time, however many threads there are.

	`procresize` makes them. The same function serves `runtime.GOMAXPROCS(n)` later, when there are Ps already, which is why it
	has more branches than the boot takes. It makes the array `allp`, and then the Ps one by one; a P is put in the array when it
	is complete.
	*/
	/*zh
	# P 已建立

	P 是运行 Go 代码的许可证，外加运行所需的家当：运行队列、内存缓存（`mcache`）、定时器、垃圾回收用的缓冲区。P 的个数等于
	GOMAXPROCS；不管有多少线程，能同时运行 Go 代码的就是这么多。

	`procresize` 负责建立它们。以后调用 `runtime.GOMAXPROCS(n)` 时用的也是这个函数，那时 P 已经存在，所以它的分支比启动时走过的多。
	它先建好数组 `allp`，再逐个做出 P；一个 P 做完整了才放进数组。
	*/
	m := lab.Boot()
	m.To("procresize")
	m.Tell()
	lab.Show(m.Draw("allp"))

	/*en
	## Where does the first mcache come from?

	Allocation takes memory from the P's `mcache`. But the array `allp` and the Ps are themselves allocated, before any P exists!
	The runtime helps itself with a spare cache, `mcache0`; then P 0 inherits it. The others get new ones.
	*/
	/*zh
	## 第一个 mcache 从哪里来？

	分配内存要用 P 的 `mcache`。可是数组 `allp` 和各个 P 自己也是分配出来的，那时一个 P 都还没有！运行时先用一个备用缓存
	`mcache0` 应急，随后由 P 0 继承；其余的 P 各得一个新的。
	*/
	fmt.Println("mcache0        ", m.Eval("mcache0"))
	for i := 0; i < m.Int("len(allp)"); i++ {
		p := fmt.Sprintf("allp[%d]", i)
		address := m.Int(p)
		fmt.Printf("%s at %#x, address mod 16 = %d, mcache %s, %s\n", p, address, address%16, m.Eval(p+".mcache"), m.Status(p))
	}

	/*en
	Two details that drawings get wrong. The Ps are objects on the heap, not elements of the array: `allp` holds pointers. (Their
	addresses end in 8 because such big objects begin with a header of 8 bytes.) And a new P is not idle: its status is
	`_Pgcstop`, which says "stopped, belongs to whoever stopped the world".

	Follow the status of P 0 through its first writes. What comes between being stopped and running?
	*/
	/*zh
	有两处细节，图里常常画错。P 是堆上的对象，不是数组的元素：`allp` 里放的是指针。（地址以 8 结尾，是因为这么大的对象前面有 8 字节的头。）
	另外，新的 P 并不空闲：它的状态是 `_Pgcstop`，意思是“已停止，归停止世界的人所有”。

	跟着 P 0 的状态看看头几次写入。从停止到运行，中间经过了什么？
	*/
	m.To("acquirep")
	first := fmt.Sprintf("(*p)(%d)", m.Int("allp[0]"))
	for _, w := range m.Writes(first + ".status") {
		m.Seek(w.Tick + 1)
		fmt.Printf("%-10s %v\n", m.Status(first), w)
	}

	/*en
	## How many?

	A pseudo-code line that is passed from note to note says `procs := max(ncpu, GOMAXPROCS)`. Suppose 4 CPUs and
	`GOMAXPROCS=2` in the environment. How many Ps do you expect from that line, and how many really?
	*/
	/*zh
	## 到底几个？

	有一行伪代码在笔记之间辗转相传：`procs := max(ncpu, GOMAXPROCS)`。假设有 4 个 CPU，环境变量 `GOMAXPROCS=2`。照这行代码应有几个 P？
	实际上呢？
	*/
	two := lab.Boot(lab.Env("GOMAXPROCS=2"))
	two.To("procresize")
	fmt.Println("ncpu", two.Fact("ncpu"), "len(allp)", two.Eval("len(allp)"))

	/*en
	There is no maximum. If GOMAXPROCS is a positive number it is taken as it is; only otherwise does the count of CPUs decide
	(since Go 1.25 also the CPU limit of the cgroup).

	## What if?

	Change the CPUs and the environment: more Ps than CPUs, zero, a word. When does the variable win?
	*/
	/*zh
	根本没有取最大值这回事。GOMAXPROCS 只要是正数，就照用；否则才由 CPU 数决定（从 Go 1.25 起还要看 cgroup 的 CPU 限额）。

	## 如果……会怎样？

	改改 CPU 数和环境变量：让 P 比 CPU 多，设成零，写成一个单词。什么时候由环境变量说了算？
	*/
	for _, value := range []string{"6", "1", "0", "many"} {
		x := lab.Boot(lab.CPUs(4), lab.Env("GOMAXPROCS="+value))
		x.To("pidle")
		fmt.Printf("GOMAXPROCS=%-5s ncpu %s, gomaxprocs %s\n", value, x.Fact("ncpu"), x.Eval("gomaxprocs"))
	}
}
