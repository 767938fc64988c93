//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# main.main

	`runtime.main` is an ordinary Go function on an ordinary goroutine, but it still has work to do before it calls yours. It starts
	`sysmon`, a watchman with a thread of its own; it runs the initialisers of the runtime, starts the garbage collector's helpers
	(`gcenable`), and then runs the initialisers of all your packages, in the order of their imports. Only then does it call
	`main.main`.

	Here the boot ends. Let us see what there is by now: one program with a single `println`, not one line of it run.
	*/
	/*zh
	# main.main

	`runtime.main` 是普通 goroutine 上的普通 Go 函数，但在调用你的函数之前，它还有事要做：启动 `sysmon`，一个独占线程的看守；运行 runtime 自己的初始化；
	启动垃圾回收的帮手（`gcenable`）；再按导入顺序运行你所有包的初始化。然后才调用 `main.main`。

	启动到此结束。看看现在有了些什么：一个只有一句 `println` 的程序，而它一行都还没有运行。
	*/
	m := lab.Boot()
	m.To("main")
	m.Tell()
	lab.Show(m.Draw("timeline"))
	lab.Show(m.Draw("allm"))

	/*en
	## A goroutine of its own?

	Some notes say that `main.main` runs as a new goroutine. Ask the machine: which goroutine runs, and where will `main.main`
	return to? (Up to now, "main goroutine" was goroutine 1.)
	*/
	/*zh
	## 另起一个 goroutine？

	有的笔记说 `main.main` 是作为新的 goroutine 运行的。问问机器：正在运行的是哪个 goroutine？`main.main` 会返回到哪里？
	（在此之前，“主 goroutine” 就是 goroutine 1。）
	*/
	fmt.Println("goroutine", m.Int("m0.curg.goid"), "returns to", m.Name(m.Word(m.Reg("sp"))))

	/*en
	It is a plain call, on goroutine 1. The other goroutines belong to the runtime; `runtime.NumGoroutine` does not count them, but
	debuggers show them. (`gowrap` is what the compiler makes of a `go` statement whose call has arguments.)
	*/
	/*zh
	就是一次普通的调用，仍在 goroutine 1 上。其余的 goroutine 属于运行时；`runtime.NumGoroutine` 不算它们，调试器却会列出来。
	（`gowrap` 是编译器为带参数的 `go` 语句生成的包装函数。）
	*/
	for i := 0; i < m.Int("len(allgs)"); i++ {
		g := fmt.Sprintf("allgs[%d]", i)
		fmt.Printf("goroutine %-3d %-11s %s\n", m.Int(g+".goid"), m.Status(g), m.Name(m.Int(g+".startpc")))
	}

	/*en
	## Which P?

	m0 took P 0 in the lesson `acquirep`. Predict which P it holds now, with 4 CPUs, and then look.
	*/
	/*zh
	## 哪个 P？

	在 `acquirep` 一课里，m0 拿了 P 0。预测一下，4 个 CPU 时它现在拿着哪个 P，然后再看。
	*/
	lab.Show(m.Draw("allp"))
	for _, w := range m.Writes("m0.p") {
		m.Seek(w.Tick + 1)
		fmt.Printf("m0.p = %-4s %s\n", m.Name(m.Int("m0.p")), m.Where())
	}
	m.To("main")

	/*en
	`gcenable` starts two goroutines and waits on a channel until they run. While goroutine 1 waits, its thread has nothing to
	do, since goroutine 1 is locked to it (`lockOSThread`, so that initialisers run on the main thread) and it may run nothing else.
	So m0 hands its P to another thread (for a moment it borrows the P back, to allocate the record of that new thread), sleeps,
	and later gets a P that was idle. Who says "the main thread has P 0" is right for the first part of the boot only.

	## The watchman has no P

	M 1 is `sysmon`'s. It must work when all Ps are busy, so it holds none, ever.
	*/
	/*zh
	`gcenable` 启动两个 goroutine，然后在通道上等它们跑起来。goroutine 1 等待时，它的线程也无事可做，因为 goroutine 1 锁在这个线程上
	（`lockOSThread`，为了让初始化都在主线程上运行），这个线程不能运行别的。于是 m0 把 P 交给另一个线程（其间又借回片刻，
	好为那个新线程分配记录），自己睡去，后来再得到一个当时空闲的 P。
	“主线程拿着 P 0”这话只对启动的前半段成立。

	## 看守没有 P

	M 1 属于 `sysmon`。所有的 P 都忙的时候它也必须干活，所以它从来不拿 P。
	*/
	for at := "allm"; m.Int(at) != 0; at += ".alllink" {
		start := "none"
		if fn := m.Int(at + ".mstartfn"); fn != 0 {
			start = m.Name(m.Word(fn))
		}
		fmt.Printf("M%d: p %-4s starts with %s\n", m.Int(at+".id"), m.Name(m.Int(at+".p")), start)
	}

	/*en
	## What if?

	On one CPU there is one P, and one would think one thread. Change the number. How many threads are there before your
	program has run a line?
	*/
	/*zh
	## 如果……会怎样？

	一个 CPU 就是一个 P，大概也就一个线程吧。改改个数：你的程序一行都还没跑，已经有几个线程了？
	*/
	for _, n := range []int{1, 2, 8} {
		other := lab.Boot(lab.CPUs(n))
		other.To("main")
		fmt.Printf("%d CPUs: Ms %s, tick %d, m0.p %s\n", n, other.Fact("allm"), other.Tick(), other.Name(other.Int("m0.p")))
	}

	/*en
	## Your turn

	The machine grades the answer: add `.Check(…)` with yours, or `.Hint()` if you are stuck.
	*/
	/*zh
	## 轮到你了

	答案由机器来判：在后面写上 `.Check(…)` 交出你的答案；卡住了就用 `.Hint()`。
	*/
	lab.Exercise("allm-order").Show()
}
