package boot

import "strconv"

// schedinit makes the world: the first m, then as many Ps as there are processors or as GOMAXPROCS asks for.
func schedinit(env string) {
	gp := getg()

	sched.maxmcount = 10000
	reached("schedinit")

	mcommoninit(gp.m, -1)
	reached("mcommoninit")

	procs := numCPUStartup
	if n, err := strconv.Atoi(env); err == nil && n > 0 {
		procs = int32(n)
	}
	procresize(procs)
}

// mcommoninit gives an m its id and puts it at the head of allm. An id below 0 means the next one.
func mcommoninit(mp *m, id int64) {
	if id >= 0 {
		mp.id = id
	} else {
		mp.id = mReserveID()
	}

	mp.alllink = allm
	allm = mp
}

// mReserveID returns the next id of an m.
func mReserveID() int64 {
	id := sched.mnext
	sched.mnext++
	if sched.mnext > int64(sched.maxmcount) {
		throw("thread exhaustion")
	}
	return id
}
