//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# From the first instruction to main.main

	You write `func main() { println("hello") }`, and Go runs it. But before the first line of yours, the program has already executed
	hundreds of thousands of instructions: it has set up a stack, a scheduler, a heap, threads, goroutines. Who does all that?
	The program itself. The Go runtime is linked into it, and begins with nothing but what Linux hands to any process.

	These lessons watch it happen, on an emulated machine that runs the unmodified program and forgets nothing. Time is counted
	in instructions: one **tick** an instruction, whichever thread executes it. The boot is divided into stages, each of which
	ends when something has changed in memory or registers, not at a certain line of source: so the same stages
	fit every version of Go. Here they are, with the ticks of this run:
	*/
	/*zh
	# 从第一条指令到 main.main

	你写下 `func main() { println("hello") }`，Go 就运行它。可是在你的第一行代码之前，程序已经执行了几十万条指令：建好了栈、调度器、堆、
	线程和 goroutine。这些是谁做的？是程序自己。Go 运行时就链接在程序里，它起步时手里只有 Linux 交给任何进程的那点东西。

	这些课程在一台模拟的机器上观看这一过程：机器运行未经修改的程序，而且什么都不会忘记。时间以指令计数：无论哪个线程，执行一条指令就是一个
	**tick**。启动过程分成若干阶段，每个阶段都以内存或寄存器中的某个变化为终点，而不是以某一行源码为终点，所以同样的阶段适用于各个 Go 版本。
	下面是这次运行的各个阶段与 tick：
	*/
	m := lab.Boot()
	for _, stage := range lab.Stages() {
		m.To(stage)
		fmt.Printf("%7d  %-12s %s\n", m.Tick(), stage, lab.Title(stage))
	}
	lab.Show(m.Draw("timeline"))

	/*en
	The stages fall into four acts:

	1. **Assembler, alone** (`osstack` … `bind`). A handful of instructions: take the arguments, claim a stack, make thread-local
	   storage work, tie the first g (what runs) to the first m (the thread).
	2. **Looking around** (`args`, `osinit`). What did Linux leave; how many CPUs are there?
	3. **`schedinit`** (`schedinit` … `pidle`). By far the longest: the heap, then the list of Ms, the Ps (the right to run Go code).
	4. **The first goroutine** (`newproc` … `main`). It is made, scheduled, and runs `runtime.main`, which starts threads, the
	   collector and your `init` functions, and at last calls your `main`.

	**Predict.** Where does the time go? Guess which stage takes most instructions, and how large a part of the boot the first act is,
	which fills most of the notes that people write.
	*/
	/*zh
	这些阶段可以分成四幕：

	1. **汇编独角戏**（`osstack` … `bind`）。寥寥几条指令：接过参数，认领栈，让线程本地存储可用，把第一个 g（运行的东西）与第一个 m（线程）绑在一起。
	2. **环顾四周**（`args`、`osinit`）。Linux 留下了什么？有几个 CPU？
	3. **`schedinit`** （`schedinit` … `pidle`）。最长的一幕：先是堆，然后是 M 的链表和各个 P（运行 Go 代码的许可）。
	4. **第一个 goroutine**（`newproc` … `main`）。创建、调度、运行 `runtime.main`；它启动线程、垃圾回收器和你的 `init` 函数，最后调用你的 `main`。

	**先猜一猜。** 时间花在哪里？猜猜哪个阶段的指令最多，以及第一幕——大多数笔记花笔墨最多的部分——占整个启动的多大比例。
	*/
	longest, most, previous := "", uint64(0), uint64(0)
	for _, stage := range lab.Stages() {
		took := m.TickOf(stage) - previous
		if took > most {
			longest, most = stage, took
		}
		previous = m.TickOf(stage)
	}
	total := m.TickOf("main")
	fmt.Printf("longest: %s, %d of %d instructions (%d%%)\n", longest, most, total, most*100/total)
	fmt.Printf("first act: %d instructions, 1 of %d\n", m.TickOf("bind"), total/m.TickOf("bind"))

	/*en
	When `main.main` begins, all of this is there: goroutine 1 on the first thread, which holds a P, and other threads beside it.
	Every box and arrow has been read from the memory of the machine.

	It is easy to imagine the program at this moment as one thread with one goroutine, `main` alone. Count them.
	*/
	/*zh
	`main.main` 开始时，这一切都已就绪：goroutine 1 运行在第一个线程上，那个线程持有一个 P，旁边还有别的线程。每个方框和箭头都读自机器的内存。

	人们很容易把此刻的程序想象成一个线程、一个 goroutine，孤零零一个 `main`。数一数吧。
	*/
	m.To("main")
	lab.Show(m.Draw("bind"), m.Draw("allm"))
	fmt.Println("Ms:", m.Fact("allm"), "goroutines:", m.Int("len(allgs)"))

	/*en
	## What if?

	In every lesson the last cell is yours. `lab.Boot` takes options: `lab.CPUs(8)`, `lab.Env("GOMAXPROCS=2")`, `lab.Args("one")`,
	`lab.Seed(1)`, `lab.Go("1.25.0")`, `lab.Sample("hellofmt")`. `m.To("pidle")` goes to a stage, forwards or backwards; `m.Step(1)`
	and `m.Back(1)` an instruction; `m.Eval("allp[1].status")` looks at anything the runtime knows; `m.WhoWrote("sched.pidle")`
	asks who has changed it.

	Below, the same program on 1, 4 and 16 CPUs. Does a bigger machine boot faster?
	*/
	/*zh
	## 如果……会怎样？

	每一课的最后一格都留给你。`lab.Boot` 可带选项：`lab.CPUs(8)`、`lab.Env("GOMAXPROCS=2")`、`lab.Args("one")`、`lab.Seed(1)`、
	`lab.Go("1.25.0")`、`lab.Sample("hellofmt")`。`m.To("pidle")` 前进或后退到某个阶段；`m.Step(1)` 与 `m.Back(1)` 前进或后退一条指令；
	`m.Eval("allp[1].status")` 查看运行时知道的任何东西；`m.WhoWrote("sched.pidle")` 问是谁改了它。

	下面把同一个程序放在 1、4、16 个 CPU 上运行。机器越大，启动越快吗？
	*/
	for _, cpus := range []int{1, 4, 16} {
		other := lab.Boot(lab.CPUs(cpus))
		other.To("main")
		fmt.Printf("%2d CPUs: %d instructions, %s Ps, Ms %s\n", cpus, other.Tick(), other.Fact("len(allp)"), other.Fact("allm"))
	}
}
