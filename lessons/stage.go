package lessons

// A Stage is a part of the boot that ends at a change of state.
type Stage struct {
	// ID is the stage's name on the command line.
	ID    string
	Title Text
	// Story tells in one line what happened. {name} stands for a fact.
	Story Text
}

// Stages are the stages of the boot, in order.
var Stages = []Stage{
	{
		ID:    "osstack",
		Title: Text{"what Linux leaves on the stack", "Linux 留在栈上的东西"},
		Story: Text{
			"Linux has loaded the program. At SP {sp} lie argc ({argc}), argv ({argv}), envp, auxv; no instruction has run.",
			"Linux 已装载程序。SP {sp} 处依次是 argc（{argc}）、argv（{argv}）、envp、auxv；还没有执行任何指令。",
		},
	},
	{
		ID:    "entry",
		Title: Text{"control reaches rt0_go", "到达 rt0_go"},
		Story: Text{
			"The entry code loads DI = argc ({argc}) and SI = argv ({argv}) and jumps: nobody ever returns from rt0_go.",
			"入口代码令 DI = argc（{argc}）、SI = argv（{argv}），然后跳转过来：rt0_go 永远不会返回。",
		},
	},
	{
		ID:    "alignment",
		Title: Text{"SP is aligned, argc and argv are copied", "对齐 SP，复制 argc 与 argv"},
		Story: Text{
			"SP is now {sp}, a multiple of 16; argc and argv are copied below the kernel's block, which stays as it is.",
			"SP 现为 {sp}，是 16 的倍数；argc 与 argv 复制到内核那一块的下方，内核的原件保持不变。",
		},
	},
	{
		ID:    "g0stack",
		Title: Text{"g0 claims the stack", "g0 认领栈"},
		Story: Text{
			"g0 (at {&g0}) claims the stack from {g0.stack.lo} to {g0.stack.hi}: a claim on what Linux gave, nothing is allocated.",
			"g0（位于 {&g0}）认领从 {g0.stack.lo} 到 {g0.stack.hi} 的栈：只是认领 Linux 已给的栈，没有分配任何东西。",
		},
	},
	{
		ID:    "tls",
		Title: Text{"thread-local storage works", "线程本地存储可用"},
		Story: Text{
			"arch_prctl has set the FS base to {fsbase}[[ (&m0.tls[1] = {&m0.tls[1]}); the probe written through FS has arrived in m0.tls[0]: {m0.tls[0]}]].",
			"arch_prctl 已把 FS 基址设为 {fsbase}[[（&m0.tls[1] = {&m0.tls[1]}）；经 FS 写入的探针已出现在 m0.tls[0]：{m0.tls[0]}]]。",
		},
	},
	{
		ID:    "bind",
		Title: Text{"g0 and m0 know each other", "g0 与 m0 互相绑定"},
		Story: Text{
			"m0.g0 = {m0.g0} and g0.m = {g0.m}[[; m0.tls[0] = {m0.tls[0]}]]: from now on the thread finds its g through FS.",
			"m0.g0 = {m0.g0}，g0.m = {g0.m}[[，m0.tls[0] = {m0.tls[0]}]]：从此线程经 FS 找到自己的 g。",
		},
	},
	{
		ID:    "args",
		Title: Text{"argc, argv and auxv are read", "读取 argc、argv 与 auxv"},
		Story: Text{
			"The globals argc ({argc}) and argv ({argv}) are set; auxv told[[ the page size ({physPageSize}) and]] where the random bytes are[[ ({startupRand})]].",
			"全局变量 argc（{argc}）与 argv（{argv}）已设置；auxv 给出了[[页大小（{physPageSize}）和]]随机字节的位置[[（{startupRand}）]]。",
		},
	},
	{
		ID:    "osinit",
		Title: Text{"the CPUs are counted", "统计 CPU 数"},
		Story: Text{
			"sched_getaffinity has told the CPU count: {ncpu}.",
			"sched_getaffinity 给出 CPU 数：{ncpu}。",
		},
	},
	{
		ID:    "schedinit",
		Title: Text{"schedinit has begun", "schedinit 开始"},
		Story: Text{
			"sched.maxmcount = {sched.maxmcount}: the most threads (Ms, not Ps) that the program may have.",
			"sched.maxmcount = {sched.maxmcount}：程序最多可有的线程数（M，而不是 P）。",
		},
	},
	{
		ID:    "mcommoninit",
		Title: Text{"m0 is on allm", "m0 进入 allm"},
		Story: Text{
			"m0 has the id {m0.id} and is the first on allm: {allm}.",
			"m0 的 id 是 {m0.id}，成为 allm 上的第一个：{allm}。",
		},
	},
	{
		ID:    "procresize",
		Title: Text{"the Ps exist", "P 已建立"},
		Story: Text{
			"allp has {len(allp)} entries, the first at {allp[0]}; their statuses are {allp.status}.",
			"allp 有 {len(allp)} 项，第一项在 {allp[0]}；它们的状态是 {allp.status}。",
		},
	},
	{
		ID:    "acquirep",
		Title: Text{"m0 holds P 0", "m0 持有 P 0"},
		Story: Text{
			"m0.p = {m0.p}, allp[0].m = {allp[0].m}, and P 0 is running: {allp.status}.",
			"m0.p = {m0.p}，allp[0].m = {allp[0].m}，P 0 处于运行状态：{allp.status}。",
		},
	},
	{
		ID:    "pidle",
		Title: Text{"the other Ps are idle", "其余 P 空闲"},
		Story: Text{
			"schedinit has returned. {sched.npidle} Ps wait on sched.pidle, the head first: {sched.pidle}.",
			"schedinit 已返回。{sched.npidle} 个 P 在 sched.pidle 上等待，表头在前：{sched.pidle}。",
		},
	},
	{
		ID:    "newproc",
		Title: Text{"goroutine 1 is made", "创建 goroutine 1"},
		Story: Text{
			"newproc has made the goroutine that will run runtime.main; [[P 0's runnext is goroutine {allp[0].runnext.goid}, ]]the ring of P 0's run queue holds {allp[0].runq}.",
			"newproc 创建了将运行 runtime.main 的 goroutine；[[P 0 的 runnext 是 goroutine {allp[0].runnext.goid}，]]P 0 的环形运行队列里有 {allp[0].runq}。",
		},
	},
	{
		ID:    "mstart",
		Title: Text{"g0 keeps the place to return to", "g0 记下返回之处"},
		Story: Text{
			"g0.sched keeps pc {g0.sched.pc} and sp {g0.sched.sp}: the place to which every mcall on this thread returns.",
			"g0.sched 记下 pc {g0.sched.pc} 与 sp {g0.sched.sp}：这个线程上每次 mcall 都回到这里。",
		},
	},
	{
		ID:    "schedule",
		Title: Text{"goroutine 1 runs", "goroutine 1 开始运行"},
		Story: Text{
			"m0.curg is goroutine {m0.curg.goid}; SP has jumped from the process stack to {sp} on its heap stack; PC is in runtime.main.",
			"m0.curg 是 goroutine {m0.curg.goid}；SP 从进程栈跳到它在堆上的栈 {sp}；PC 在 runtime.main 中。",
		},
	},
	{
		ID:    "main",
		Title: Text{"main.main", "main.main"},
		Story: Text{
			"The runtime is up[[, its Ms are {allm}]]; the next instruction is the first of main.main.",
			"运行时已就绪[[，它的 M 是 {allm}]]；下一条指令就是 main.main 的第一条。",
		},
	},
}

// StageNamed returns the stage of that ID.
func StageNamed(id string) (Stage, bool) {
	for _, s := range Stages {
		if s.ID == id {
			return s, true
		}
	}
	return Stage{}, false
}
