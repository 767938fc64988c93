package exercise

import "github.com/rt0lab/rt0/lessons"

// The exercises in this file change the model: package model compares it with machines of 1, 2, 4 and 8 CPUs.

var mcommoninit = &Exercise{
	ID:    "mcommoninit",
	Title: lessons.Text{En: "write mcommoninit", Zh: "写出 mcommoninit"},
	Text: lessons.Text{
		En: "mcommoninit gives an m its id and puts it on allm, the list of all Ms, linked by m.alllink. The id is the next one " +
			"(mReserveID) unless the caller has reserved one: then it is 0 or more.",
		Zh: "mcommoninit 给 m 分配 id，并把它放到 allm 上；allm 是所有 M 的链表，由 m.alllink 相连。调用者若已预留 id（不小于 0）就用它，" +
			"否则用 mReserveID 取下一个。",
	},
	Hint: lessons.Text{
		En: "A list without a tail pointer grows at its head: first point to the old head, then become the head.",
		Zh: "没有尾指针的链表在表头生长：先指向旧表头，再成为新表头。",
	},
	After: lessons.Text{
		En: "The newest M is always the first on allm, so m0 ends up last.",
		Zh: "最新的 M 总在 allm 的最前面，所以 m0 最终排在最后。",
	},
	Start: `func mcommoninit(mp *m, id int64) {
	// Set mp.id; then put mp on allm.
}
`,
	Solution: `func mcommoninit(mp *m, id int64) {
	if id >= 0 {
		mp.id = id
	} else {
		mp.id = mReserveID()
	}
	mp.alllink = allm
	allm = mp
}
`,
	check: func(a *answer) error {
		return a.compare("",
			nudge{"mnext", lessons.Text{
				En: "Who counts sched.mnext up? An id of -1 asks for mReserveID.", Zh: "谁来递增 sched.mnext？id 为 -1 就要调用 mReserveID。"}},
			nudge{"m0.id", lessons.Text{
				En: "-1 is not an id: it asks for the next one.", Zh: "-1 不是 id，而是要求取下一个。"}},
			nudge{"alllink", lessons.Text{
				En: "m0 points to itself: set alllink before allm, while allm still is the old head.",
				Zh: "m0 指向了自己：要趁 allm 还是旧表头时先设置 alllink，再改 allm。"}},
			nudge{"allm", lessons.Text{En: "allm must begin with the new m.", Zh: "allm 应当以新的 m 开头。"}})
	},
}

var wirep = &Exercise{
	ID:    "wirep",
	Title: lessons.Text{En: "fill in wirep", Zh: "补全 wirep"},
	Text: lessons.Text{
		En: "procresize calls acquirep(allp[0]), and that calls wirep: it joins the current m (getg().m) and the p. When it returns, " +
			"m0 holds P 0. Fields that are a puintptr or muintptr are set with .set(pointer).",
		Zh: "procresize 调用 acquirep(allp[0])，它再调用 wirep，把当前的 m（getg().m）与 p 连接起来。返回之后 m0 就持有 P 0。" +
			"类型为 puintptr 或 muintptr 的字段用 .set(指针) 赋值。",
	},
	Hint: lessons.Text{
		En: "Three assignments: the m must know its p, the p its m, and the p's status must say that it is in use.",
		Zh: "三个赋值：m 要知道自己的 p，p 要知道自己的 m，p 的状态要表明它正被使用。",
	},
	After: lessons.Text{
		En: "Both directions matter: the thread finds its P through m.p, and whoever walks allp finds the thread through p.m.",
		Zh: "两个方向都重要：线程经 m.p 找到自己的 P，遍历 allp 的人经 p.m 找到线程。",
	},
	Start: `func wirep(pp *p) {
	gp := getg()
	// Join gp.m and pp.
	_ = gp
}
`,
	Solution: `func wirep(pp *p) {
	gp := getg()
	if gp.m.p != 0 {
		throw("wirep: already in go")
	}
	if pp.m != 0 || pp.status != _Pidle {
		throw("wirep: invalid p state")
	}
	gp.m.p.set(pp)
	pp.m.set(gp.m)
	pp.status = _Prunning
}
`,
	check: func(a *answer) error {
		return a.compare("",
			nudge{"m0.p", lessons.Text{En: "The m does not know its p yet.", Zh: "m 还不知道自己的 p。"}},
			nudge{".m", lessons.Text{En: "The bond has two directions: the p must know its m, too.", Zh: "绑定是双向的：p 也要知道自己的 m。"}},
			nudge{".status", lessons.Text{
				En: "A P that an M holds is running, whether or not there is a goroutine to run.",
				Zh: "被 M 持有的 P 就处于运行状态，无论有没有 goroutine 可运行。"}})
	},
}

var pidleput = &Exercise{
	ID:    "pidleput",
	Title: lessons.Text{En: "write pidleput", Zh: "写出 pidleput"},
	Text: lessons.Text{
		En: "pidleput puts an idle P at the head of the list sched.pidle, linked by p.link, and counts it in sched.npidle (an " +
			"atomic.Int32). A P with waiting goroutines must not go there: runqempty tells.",
		Zh: "pidleput 把空闲的 P 放到链表 sched.pidle 的表头（由 p.link 相连），并计入 sched.npidle（类型 atomic.Int32）。" +
			"还有 goroutine 等待的 P 不能放上去：用 runqempty 判断。",
	},
	Hint: lessons.Text{
		En: "sched.pidle and p.link have the same type, puintptr: one can be assigned to the other. Mind the order of the two writes.",
		Zh: "sched.pidle 与 p.link 类型相同，都是 puintptr，可以直接赋值。注意两次写入的先后。",
	},
	After: lessons.Text{
		En: "A list that grows and shrinks at its head is a stack: the P that was put last is the first to be taken again.",
		Zh: "在表头增减的链表就是栈：最后放进去的 P 最先被取走。",
	},
	Start: `func pidleput(pp *p) {
	if !runqempty(pp) {
		throw("pidleput: P has non-empty run queue")
	}
	// Put pp at the head of sched.pidle and count it.
}
`,
	Solution: `func pidleput(pp *p) {
	if !runqempty(pp) {
		throw("pidleput: P has non-empty run queue")
	}
	pp.link = sched.pidle
	sched.pidle.set(pp)
	sched.npidle.Add(1)
}
`,
	check: func(a *answer) error {
		return a.compare("",
			nudge{"npidle", lessons.Text{
				En: "Each P on the list is counted: sched.npidle.Add(1).", Zh: "链表上的每个 P 都要计数：sched.npidle.Add(1)。"}},
			nudge{"sched.pidle", lessons.Text{
				En: "The P that is put last must be the head.", Zh: "最后放入的 P 应当是表头。"}},
			nudge{".link", lessons.Text{
				En: "Keep the old head in p.link before you write the new one.", Zh: "写入新表头之前，先把旧表头存进 p.link。"}})
	},
}

var procresize126 = &Exercise{
	ID:    "pidle-order",
	Title: lessons.Text{En: "the order of sched.pidle in Go 1.26", Zh: "Go 1.26 中 sched.pidle 的顺序"},
	Text: lessons.Text{
		En: "At the end of procresize all Ps but that of m0 become idle. Since Go 1.26 sched.pidle begins with the highest P. " +
			"Complete the loop so that the model's list is that of the machine.",
		Zh: "procresize 的最后，除了 m0 的那个 P 以外，所有的 P 都变为空闲。从 Go 1.26 起，sched.pidle 以编号最大的 P 开头。" +
			"请补全循环，让模型的链表与机器一致。",
	},
	Hint: lessons.Text{
		En: "Go 1.26 counts down as ever, but gathers the Ps on a list idlePs of its own, by p.link; then it takes them off one by one " +
			"and calls pidleput. What does a stack do to the order?",
		Zh: "Go 1.26 仍从大到小循环，但先用 p.link 把这些 P 收集到自己的链表 idlePs 上，然后逐个取下并调用 pidleput。经过一个栈，顺序会怎样？",
	},
	After: lessons.Text{
		En: "The detour is there so that the garbage collector may take Ps for its workers before the rest are declared idle.",
		Zh: "绕这一圈，是为了让垃圾回收器先取走一些 P 给它的 worker，其余的才算空闲。",
	},
	Start: procresizeHead + `	for i := nprocs - 1; i >= 0; i-- {
		pp := allp[i]
		if gp.m.p.ptr() == pp {
			continue
		}
		pp.status = _Pidle
		// Make pp idle, in the order of Go 1.26.
	}
` + procresizeEnd,
	Solution: procresizeHead + `	var idlePs *p
	for i := nprocs - 1; i >= 0; i-- {
		pp := allp[i]
		if gp.m.p.ptr() == pp {
			continue
		}
		pp.status = _Pidle
		pp.link.set(idlePs)
		idlePs = pp
	}
	for idlePs != nil {
		pp := idlePs
		idlePs = pp.link.ptr()
		pidleput(pp)
	}
` + procresizeEnd,
	check: func(a *answer) error {
		return a.compare("", append(procresizeNudges,
			nudge{"sched.pidle", lessons.Text{
				En: "If yours begins with P1 it is the order of Go 1.25 and before, which put each P on sched.pidle inside the loop.",
				Zh: "如果你的链表以 P1 开头，那是 Go 1.25 及以前的顺序：它们在循环里就把每个 P 放上 sched.pidle。"}})...)
	},
}

var procresize125 = &Exercise{
	ID:    "pidle-order-125",
	Title: lessons.Text{En: "the order of sched.pidle up to Go 1.25", Zh: "Go 1.25 及以前 sched.pidle 的顺序"},
	Text: lessons.Text{
		En: "Most figures of sched.pidle begin with P1: they are older than Go 1.26. Complete the loop so that the model's list is " +
			"that of a program built by Go 1.25.0. (Its toolchain is downloaded if it is not there.)",
		Zh: "大多数 sched.pidle 的图以 P1 开头：它们早于 Go 1.26。请补全循环，让模型的链表与 Go 1.25.0 构建的程序一致。（没有这个工具链时会下载。）",
	},
	Hint: lessons.Text{
		En: "pidleput inside the loop is enough. Which P comes last when one counts down?",
		Zh: "在循环里调用 pidleput 就够了。从大到小数，最后一个是哪个 P？",
	},
	After: lessons.Text{
		En: "The loop counts down and pidleput puts each at the head: the lowest, P1, is put last and so comes first.",
		Zh: "循环从大到小，而 pidleput 总是放在表头：编号最小的 P1 最后放入，于是排在最前。",
	},
	Start: procresizeHead + `	for i := nprocs - 1; i >= 0; i-- {
		pp := allp[i]
		if gp.m.p.ptr() == pp {
			continue
		}
		pp.status = _Pidle
		// Make pp idle, in the order of Go 1.25.
	}
` + procresizeEnd,
	Solution: procresizeHead + `	for i := nprocs - 1; i >= 0; i-- {
		pp := allp[i]
		if gp.m.p.ptr() == pp {
			continue
		}
		pp.status = _Pidle
		if runqempty(pp) {
			pidleput(pp)
		}
	}
` + procresizeEnd,
	check: func(a *answer) error {
		return a.compare("1.25.0", append(procresizeNudges,
			nudge{"sched.pidle", lessons.Text{
				En: "If yours begins with the highest P it is the order of Go 1.26, or your loop counts up.",
				Zh: "如果你的链表以编号最大的 P 开头，那是 Go 1.26 的顺序，或者你的循环是从小到大数的。"}})...)
	},
}

var procresizeNudges = []nudge{
	{"npidle", lessons.Text{
		En: "Each idle P goes through pidleput, which counts it; that of m0 does not.",
		Zh: "每个空闲的 P 都要经过 pidleput（它负责计数），m0 的那个除外。"}},
	{"len(allp)", lessons.Text{
		En: "There are as many Ps as procresize is asked for.", Zh: "要求 procresize 建多少个 P，就有多少个。"}},
}

// procresizeHead and procresizeEnd are what both orders share.
const procresizeHead = `func procresize(nprocs int32) *p {
	allp = make([]*p, nprocs)
	for i := int32(0); i < nprocs; i++ {
		pp := new(p)
		pp.init(i)
		allp[i] = pp
	}
	reached("procresize")

	gp := getg()
	allp[0].status = _Pidle
	acquirep(allp[0])
	reached("acquirep")

`

const procresizeEnd = `
	gomaxprocs = nprocs
	return nil
}
`
