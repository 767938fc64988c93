package boot

// init gives a new p its id. Nobody may use it yet: the world is stopped.
func (pp *p) init(id int32) {
	pp.id = id
	pp.status = _Pgcstop
}

// acquirep gives the p to the current m.
func acquirep(pp *p) {
	wirep(pp)
}

// wirep joins the current m and the p, in both directions.
func wirep(pp *p) {
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

// runqempty says whether no goroutine waits for the p.
func runqempty(pp *p) bool {
	return pp.runqhead == pp.runqtail && pp.runnext == 0
}

// pidleput puts the p at the head of sched.pidle.
func pidleput(pp *p) {
	if !runqempty(pp) {
		throw("pidleput: P has non-empty run queue")
	}
	pp.link = sched.pidle
	sched.pidle.set(pp)
	sched.npidle.Add(1)
}
