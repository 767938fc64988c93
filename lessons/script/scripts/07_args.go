//go:build ignore

package main

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	/*en
	# argc, argv and auxv are read

	Now that there is a g, Go code can run. The first function that leaves something behind is `runtime.args`. It gets the two
	words that `rt0_go` copied, keeps them in the globals `argc` and `argv`, and goes looking for the auxiliary vector, which
	nobody has pointed out to it: it lies behind the environment, and the environment behind argv.
	*/
	/*zh
	# 读取 argc、argv 与 auxv

	有了 g，Go 代码就能运行了。第一个留下成果的函数是 `runtime.args`。它得到 `rt0_go` 复制的那两个字，存进全局变量 `argc` 和 `argv`，
	然后去找辅助向量。没有人告诉过它向量在哪里：它在环境变量之后，而环境变量在 argv 之后。
	*/
	m := lab.Boot(lab.Args("one", "two"), lab.Env("LESSON=args"))
	m.To("args")
	m.Tell()
	for _, name := range []string{"argc", "argv", "physPageSize"} {
		fmt.Printf("%-12s = %-14s %s\n", name, m.Eval(name), m.WhoWrote(name))
	}

	/*en
	Many notes, and even good books, say that `osinit` finds out the page size. You see who it really was: `sysauxv`, called by
	`args`. It runs over all the pairs and keeps three: the page size, whether the program is
	setuid, and where 16 random bytes lie. (A fourth would be the vDSO, code of the kernel's for reading the clock. This
	machine has none: its clock is the tick.)

	`os.Args` is not made here. There is no heap yet; only the address of the array is kept, and it points into what Linux left.
	Let us walk from the global as `sysargs` does:
	*/
	/*zh
	很多笔记，甚至一些好书，都说页大小是 `osinit` 查出来的。你看到了真正的功臣：`args` 调用的 `sysauxv`。它走完所有的“标签、值”对，
	只留下三样：页大小、程序是否 setuid、16 个随机字节的位置。（第四样是 vDSO，即内核提供的读时钟的代码。这台机器没有 vDSO：它的时钟就是 tick。）

	`os.Args` 不是在这里做的。现在还没有堆；保存的只是数组的地址，它指向 Linux 留下的那一块。让我们像 `sysargs` 那样，从这个全局变量出发走一遍：
	*/
	argv, argc := m.Int("argv"), m.Int("argc")
	n := argc + 1 // over the arguments and the zero word in one jump
	for m.Word(argv+8*n) != 0 {
		fmt.Printf("envp: %q\n", m.Str(m.Word(argv+8*n)))
		n++
	}
	auxv := argv + 8*(n+1)
	for at := auxv; m.Word(at) != 0; at += 16 {
		switch m.Word(at) {
		case 6:
			fmt.Println("AT_PAGESZ:", m.Word(at+8))
		case 23:
			fmt.Println("AT_SECURE:", m.Word(at+8))
		case 25:
			fmt.Println("AT_RANDOM points to startupRand:", m.Word(at+8) == m.Int("startupRand.array"))
		}
	}

	/*en
	The 16 random bytes are precious: from them come the seeds of all maps, of `select`, of the scheduler, even the address of the
	heap. Whoever knew them could predict your hash tables.

	**Predict.** They lie in plain sight on the process's stack, and stay mapped to the end. What do they look like when `main.main`
	begins?
	*/
	/*zh
	这 16 个随机字节很宝贵：所有 map、`select`、调度器的种子，甚至堆的地址，都由它们而来。谁知道了它们，谁就能预测你的哈希表。

	**先猜一猜。** 它们就明摆在进程的栈上，直到程序结束都能读到。到 `main.main` 开始时，它们会是什么样子？
	*/
	random := m.Int("startupRand.array")
	fmt.Printf("at args: %x\n", m.Bytes(random, 16))
	m.To("main")
	fmt.Printf("at main: %x\n", m.Bytes(random, 16))
	for _, w := range m.Writes(fmt.Sprintf("%#x:16", random)) {
		fmt.Println(w)
	}
	fmt.Println(m.WhoWrote("startupRand"))

	/*en
	`randinit` used them to seed the runtime's own generator, and then drew new numbers from it to overwrite them, 8 bytes at a
	time (the `memmove` above is its `copy`). Not zeros: C code in a cgo program may still take them for random. At last it
	forgot where they were. On the way to `main.main` that is all that the runtime ever changes in the kernel's block. The
	figure at `main`, compared with tick 0, says so, too:
	*/
	/*zh
	`randinit` 先用它们作运行时自己的随机数发生器的种子，然后从发生器取新的数，每次 8 字节地把它们盖掉（上面的 `memmove` 就是它的 `copy`）。
	盖上去的不是零：cgo 程序里的 C 代码之后可能还会把它们当随机数用。最后连它们的位置也忘掉。到 `main.main` 为止，内核留下的那一块里，
	运行时改动的只有这一处。把 `main` 时刻的图与时刻 0 相比，也是这个结论：
	*/
	m.Seek(0)
	m.Seek(m.TickOf("main"))
	lab.Show(m.Draw("entry"))

	/*en
	## What if?

	The same seed gives the same 16 bytes, hence the same heap, the same run: that is what makes time travel possible here. Change
	the seed, the arguments, the Go version. Below, two seeds and where the heap's first P comes to lie.
	*/
	/*zh
	## 如果……会怎样？

	同一个种子给出同样的 16 个字节，于是有同样的堆、同样的一次运行：时间旅行正是由此而来。改变种子、参数或 Go 版本试试。
	下面用两个种子，看看堆上的第一个 P 落在哪里。
	*/
	for _, seed := range []uint64{0, 0, 1} {
		other := lab.Boot(lab.Seed(seed))
		other.To("args")
		bytes := other.Bytes(other.Int("startupRand.array"), 16)
		other.To("procresize")
		fmt.Printf("seed %d: %x, allp[0] at %s\n", seed, bytes, other.Fact("allp[0]"))
	}
}
