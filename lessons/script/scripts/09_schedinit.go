//go:build ignore

package main

import (
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# schedinit begins

	After `args` and `osinit`, `rt0_go` calls the third and longest Go function of the boot: `schedinit`. Everything that your
	program takes for granted is built here, in an order that has no slack: random numbers before the heap, the heap before
	maps, maps before modules. The source marks the tight places with comments such as "must run before".

	One thread runs, it has no P, and no other thread exists. The runtime calls this state "the world is stopped"; here that
	needs no locks, because there is nobody to stop.

	The first change that stays is one number, written before anything is allocated.
	*/
	/*zh
	# schedinit 开始

	`args` 与 `osinit` 之后，`rt0_go` 调用启动过程中第三个、也是最长的 Go 函数：`schedinit`。程序里习以为常的一切都在这里建立，
	顺序一步也不能乱：先有随机数，才有堆；先有堆，才有 map；先有 map，才有模块。源码在关键处注明“必须先于……运行”。

	此时只有一个线程，它没有 P，也没有别的线程。运行时把这种状态叫作“世界已停止”；在这里连锁都不需要，因为根本没有别人可停。

	第一处留存下来的改变只是一个数，在分配任何内存之前就写下了。
	*/
	m := lab.Boot()
	m.To("schedinit")
	m.Tell()
	fmt.Println(m.WhoWrote("sched.maxmcount"))

	/*en
	## What exists by now

	Notes often say that schedinit creates g0 and m0, or that `maxmcount` limits what GOMAXPROCS sets. Look at what is
	there already and what is not: g0 and m0 were bound to each other in assembly long before; lists of Ms, Ps and
	goroutines are empty; `maxmcount` counts threads (Ms), and the number of Ps is another variable.
	*/
	/*zh
	## 到目前为止有了什么

	不少笔记说 schedinit 创建了 g0 和 m0，或者说 `maxmcount` 限制的就是 GOMAXPROCS。看看什么已经有、什么还没有：g0 与 m0 早就在
	汇编里绑定好了；M、P、goroutine 的列表都还是空的；`maxmcount` 数的是线程（M），P 的个数是另一个变量。
	*/
	for _, e := range []string{"m0.g0", "g0.m", "allm", "len(allp)", "len(allgs)", "mcache0", "gomaxprocs", "sched.maxmcount"} {
		fmt.Printf("%-16s %s\n", e, m.Eval(e))
	}
	fmt.Println("m0.g0:", m.WhoWrote("m0.g0"))

	/*en
	## The way through schedinit

	Before you run the next cell, guess: which of these steps takes the most instructions? Heap, hash functions, modules,
	arguments and environment, the garbage collector?

	The cell stops at the beginning of each step and notes the tick.
	*/
	/*zh
	## 一路走过 schedinit

	运行下一格之前先猜一猜：这些步骤里哪一步执行的指令最多？堆、哈希函数、模块、参数与环境变量，还是垃圾回收器？

	这一格在每一步的开头停下，记下当时的 tick。
	*/
	steps := []string{"moduledataverify1", "randinit", "mallocinit", "alginit", "mcommoninit", "modulesinit", "itabsinit", "goenvs", "checkfds", "gcinit", "procresize"}
	longest, most, begin := "", 0, int(m.Tick())
	name := "schedinit"
	for _, next := range steps {
		m.RunTo("runtime." + next)
		cost := int(m.Tick()) - begin
		fmt.Printf("%-18s %7d instructions\n", name, cost)
		if cost > most {
			longest, most = name, cost
		}
		name, begin = next, int(m.Tick())
	}
	fmt.Println("the longest:", longest)

	/*en
	Surprised? `modulesinit` allocates one small slice. Go back to its beginning and then half of its way forward, and see who
	is really at work there.
	*/
	/*zh
	意外吗？`modulesinit` 不过分配了一个小小的切片。回到它的开头，再往前走到一半，看看真正在忙的是谁。
	*/
	m.BackTo("runtime." + longest).Step(uint64(most / 2))
	fmt.Println(m.Where())

	/*en
	The cost of a step is seldom its own work. Whoever is first to need a span of some size class pays for the search of free
	pages, and the heap is wide and still empty.

	`randinit` does something else that one can see: it takes the 16 random bytes that the kernel put on the stack
	(AT_RANDOM) as its seed and then overwrites them with others, so that nobody who reads the stack later learns from them
	what hashes and addresses will be.
	*/
	/*zh
	一步的开销往往不是它自己的工作。谁第一个需要某个大小等级的 span，谁就要为搜寻空闲页买单，而此时的堆又宽又空。

	`randinit` 另有一个看得见的动作：它把内核放在栈上的 16 个随机字节（AT_RANDOM）当作种子，然后用别的随机数把它们盖掉，
	以后谁来读栈，都无法由此推知哈希与地址。
	*/
	m.To("osinit")
	random := m.Int("startupRand")
	fmt.Printf("AT_RANDOM before randinit: %016x %016x\n", uint(m.Word(random)), uint(m.Word(random+8)))
	m.To("mcommoninit")
	fmt.Printf("AT_RANDOM after randinit:  %016x %016x\n", uint(m.Word(random)), uint(m.Word(random+8)))

	/*en
	## What if?

	`goenvs` makes a Go string of each environment variable, so a big environment makes every Go program start later. The
	cell adds a hundred variables. Change their number, or their length: which of the two counts?
	*/
	/*zh
	## 如果……会怎样？

	`goenvs` 为每个环境变量造一个 Go 字符串，所以环境变量一多，任何 Go 程序都会启动得更慢。这一格添加一百个变量。
	改一改个数，再改一改长度：两者哪个更要紧？
	*/
	cost := func(env ...string) int {
		x := lab.Boot(lab.Env(env...))
		x.To("mcommoninit")
		x.RunTo("runtime.goenvs")
		from := int(x.Tick())
		x.RunTo("runtime.checkfds")
		return int(x.Tick()) - from
	}
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("VARIABLE_%d=%s", i, strings.Repeat("x", 10))
	}
	few, lots := cost(), cost(many...)
	fmt.Printf("goenvs: %d instructions, with %d more variables %d\n", few, len(many), lots)
}
