package boot

// rt0_go is the assembly in asm_amd64.s as Go. sp is the stack pointer with which Linux starts the program, cpus the number
// of processors that it may use, env the value of GOMAXPROCS in its environment, "" if there is none.
func rt0_go(sp uintptr, cpus int32, env string) {
	sp = sp - 40
	sp = sp &^ 15

	// g0 claims the stack that Linux gave. Nothing is allocated.
	g0.stackguard0 = sp - 64*1024
	g0.stackguard1 = g0.stackguard0
	g0.stack.lo = g0.stackguard0
	g0.stack.hi = sp

	// settls: from now on the thread finds its g through FS.
	fs = &m0.tls[1]

	m0.tls[0].set(&g0)
	m0.g0.set(&g0)
	g0.m = &m0
	reached("bind")

	osinit(cpus)
	schedinit(env)
	reached("pidle")
}

// osinit counts the processors (sched_getaffinity).
func osinit(cpus int32) {
	numCPUStartup = cpus
}

// getg returns the current g: the word at -8(FS).
func getg() *g {
	return m0.tls[0].ptr()
}

// throw ends the program: the runtime has found itself in a state that cannot be.
func throw(s string) {
	panic("fatal error: " + s)
}
