//go:build !rt0_go125

package boot

// procresize makes the Ps, gives the first to the current m and puts the others on sched.pidle.
//
// Since Go 1.26 they are first gathered on a list of their own, which turns their order around: garbage collection may want
// some of them before the rest are idle.
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
	var idlePs *p
	for i := nprocs - 1; i >= 0; i-- {
		pp := allp[i]
		if gp.m.p.ptr() == pp {
			continue
		}
		pp.status = _Pidle
		if runqempty(pp) {
			pp.link.set(idlePs)
			idlePs = pp
			continue
		}
		pp.link.set(runnablePs)
		runnablePs = pp
	}
	for idlePs != nil {
		pp := idlePs
		idlePs = pp.link.ptr()
		pidleput(pp)
	}

	gomaxprocs = nprocs
	return runnablePs
}
