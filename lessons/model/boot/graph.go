package boot

import "fmt"

// seen is what the model looked like at the end of each stage: a line "@" and the stage's name, then a line for each field,
// its path as the runtime's source would write it, a space and the value.
var seen []string

// Run boots the model and returns what it looked like at the ends of the stages.
func Run(sp uintptr, cpus int32, env string) []string {
	rt0_go(sp, cpus, env)
	return seen
}

// reached notes what everything looks like at the end of a stage.
func reached(stage string) {
	seen = append(seen, "@"+stage)
	note := func(path string, value interface{}) {
		seen = append(seen, fmt.Sprint(path, " ", value))
	}
	base := "nil"
	if fs == &m0.tls[1] {
		base = "&m0.tls[1]"
	} else if fs != nil {
		base = "elsewhere"
	}
	note("g0.stack.lo", g0.stack.lo)
	note("g0.stack.hi", g0.stack.hi)
	note("g0.stackguard0", g0.stackguard0)
	note("g0.stackguard1", g0.stackguard1)
	note("g0.m", nameM(g0.m))
	note("fs", base)
	note("m0.tls[0]", nameG(m0.tls[0].ptr()))
	note("m0.g0", nameG(m0.g0.ptr()))
	note("m0.id", m0.id)
	note("m0.alllink", nameM(m0.alllink))
	note("allm", nameM(allm))
	note("numCPUStartup", numCPUStartup)
	note("sched.maxmcount", sched.maxmcount)
	note("sched.mnext", sched.mnext)
	note("len(allp)", len(allp))
	note("m0.p", nameP(m0.p.ptr()))
	for i, pp := range allp {
		at := fmt.Sprintf("allp[%d].", i)
		if pp == nil {
			note(at+"id", "nil")
			continue
		}
		note(at+"id", pp.id)
		note(at+"status", pp.status)
		note(at+"m", nameM(pp.m.ptr()))
		note(at+"runqhead", pp.runqhead)
		note(at+"runqtail", pp.runqtail)
		note(at+"runnext", nameG(pp.runnext.ptr()))
	}
	note("sched.npidle", sched.npidle.Load())
	note("sched.pidle", nameP(sched.pidle.ptr()))
	for i, pp := range allp {
		if pp != nil {
			note(fmt.Sprintf("allp[%d].link", i), nameP(pp.link.ptr()))
		}
	}
	note("gomaxprocs", gomaxprocs)
}

func nameG(gp *g) string {
	if gp == nil {
		return "nil"
	}
	if gp == &g0 {
		return "&g0"
	}
	return "another g"
}

func nameM(mp *m) string {
	if mp == nil {
		return "nil"
	}
	if mp == &m0 {
		return "&m0"
	}
	return "another m"
}

func nameP(pp *p) string {
	if pp == nil {
		return "nil"
	}
	for i, known := range allp {
		if known == pp {
			return fmt.Sprintf("allp[%d]", i)
		}
	}
	return "a p that is not on allp"
}
