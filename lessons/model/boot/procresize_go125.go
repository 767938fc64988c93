//go:build rt0_go125

package boot

// procresize makes the Ps, gives the first to the current m and puts the others on sched.pidle.
//
// Up to Go 1.25 each goes there at once. The loop counts down, so the lowest comes last and is the head.
func procresize(nprocs int32) *p {
	old := gomaxprocs

	allp = make([]*p, nprocs)
	for i := old; i < nprocs; i++ {
		pp := new(p)
		pp.init(i)
		allp[i] = pp
	}
	reached("procresize")

	gp := getg()
	gp.m.p = 0
	pp := allp[0]
	pp.m = 0
	pp.status = _Pidle
	acquirep(pp)
	reached("acquirep")

	var runnablePs *p
	for i := nprocs - 1; i >= 0; i-- {
		pp := allp[i]
		if gp.m.p.ptr() == pp {
			continue
		}
		pp.status = _Pidle
		if runqempty(pp) {
			pidleput(pp)
			continue
		}
		pp.link.set(runnablePs)
		runnablePs = pp
	}

	gomaxprocs = nprocs
	return runnablePs
}
