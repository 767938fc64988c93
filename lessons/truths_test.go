package lessons

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
)

// A reader reads facts of one moment; a fact that is not there fails the test.
type reader struct {
	t *testing.T
	m *Moment
}

func (r reader) value(name string) Value {
	f, ok := r.m.Fact(name)
	if !ok {
		r.t.Errorf("%s: no fact %s (absent: %v)", r.m.Stage.ID, name, r.m.Absent)
	}
	return f.Value
}

func (r reader) word(name string) uint64      { return r.value(name).Word }
func (r reader) number(name string) int64     { return r.value(name).Number }
func (r reader) list(name string) []int64     { return r.value(name).Numbers }
func (r reader) names(name string) []string   { return r.value(name).Names }
func (r reader) register(i int) uint64        { return r.m.Registers.GPR[i] }
func (r reader) in(symbols ...string) bool    { return slices.Contains(symbols, r.m.Symbol) }
func (r reader) onStack(addr, lo uint64) bool { return addr >= lo && addr < r.word("g0.stack.hi") }

// minor returns the 26 of "go1.26.8".
func minor(version string) int {
	n := 0
	fmt.Sscanf(version, "go1.%d", &n)
	return n
}

// truths are what must hold at the ends of the stages, in every version since the one of that number, if any: the words of
// the table of stages, as relations.
var truths = []struct {
	stage, what string
	holds       func(r reader, procs int) bool
	since       int
}{
	{"osstack", "no instruction has run", func(r reader, _ int) bool { return r.m.Tick == 0 && r.in("_rt0_amd64_linux") }, 0},
	{"osstack", "SP is aligned by the ABI", func(r reader, _ int) bool { return r.word("sp")%16 == 0 }, 0},
	{"osstack", "argc is 2", func(r reader, _ int) bool { return r.number("argc") == 2 }, 0},
	{"osstack", "argv follows argc", func(r reader, _ int) bool { return r.word("argv") == r.word("sp")+8 }, 0},
	{"entry", "DI = argc", func(r reader, _ int) bool { return r.register(emulator.RDI) == uint64(r.number("argc")) }, 0},
	{"entry", "SI = argv", func(r reader, _ int) bool { return r.register(emulator.RSI) == r.word("argv") }, 0},
	{"entry", "in rt0_go", func(r reader, _ int) bool { return r.in("runtime.rt0_go") }, 0},
	{"alignment", "SP is aligned", func(r reader, _ int) bool { return r.word("sp")%16 == 0 }, 0},
	{"alignment", "SP has moved by 48", func(r reader, _ int) bool { return r.word("argv")-8-r.word("sp") == 48 }, 0},
	{"alignment", "argc and argv are copied", func(r reader, _ int) bool {
		return slices.ContainsFunc(r.m.Stack, func(w StackWord) bool { return w.Note.En == "argv, copied" && w.Addr < r.word("argv")-8 })
	}, 0},
	{"g0stack", "g0.stack.hi = SP", func(r reader, _ int) bool { return r.word("g0.stack.hi") == r.word("sp") }, 0},
	{"g0stack", "64 KiB are claimed, 104 bytes less up to 1.20", func(r reader, _ int) bool {
		size := uint64(65536)
		if minor(r.m.Go) < 21 {
			size -= 104
		}
		return r.word("g0.stack.hi")-r.word("g0.stack.lo") == size
	}, 0},
	{"g0stack", "the guard is at the lower end", func(r reader, _ int) bool { return r.word("g0.stackguard0") == r.word("g0.stack.lo") }, 0},
	{"tls", "FS = &m0.tls[1]", func(r reader, _ int) bool { return r.word("fsbase") == r.word("&m0.tls[1]") }, 5},
	{"tls", "the probe has arrived", func(r reader, _ int) bool { return r.word("m0.tls[0]") == probe }, 5},
	{"bind", "m0.tls[0] = &g0", func(r reader, _ int) bool { return r.word("m0.tls[0]") == r.word("&g0") }, 5},
	{"bind", "m0.g0 = &g0", func(r reader, _ int) bool { return r.word("m0.g0") == r.word("&g0") }, 0},
	{"bind", "g0.m = &m0", func(r reader, _ int) bool { return r.word("g0.m") == r.word("&m0") }, 0},
	{"args", "the page size is known", func(r reader, _ int) bool { return r.number("physPageSize") == 4096 }, 5},
	{"args", "the random bytes are on the stack Linux made", func(r reader, _ int) bool { return r.word("startupRand") > r.word("argv") }, 0},
	{"osinit", "ncpu is the machine's", func(r reader, _ int) bool { return r.number("ncpu") == int64(r.m.CPUs) }, 0},
	{"schedinit", "maxmcount", func(r reader, _ int) bool { return r.number("sched.maxmcount") == 10000 }, 0},
	{"schedinit", "in schedinit", func(r reader, _ int) bool { return r.in("runtime.schedinit") }, 0},
	{"mcommoninit", "m0 alone is on allm", func(r reader, _ int) bool { return slices.Equal(r.list("allm"), []int64{0}) && r.number("m0.id") == 0 }, 0},
	{"procresize", "as many Ps as there shall be", func(r reader, procs int) bool { return r.number("len(allp)") == int64(procs) }, 0},
	{"procresize", "each initialised, none in use", func(r reader, procs int) bool {
		return slices.Equal(r.names("allp.status"), slices.Repeat([]string{"_Pgcstop"}, procs))
	}, 0},
	{"acquirep", "m0.p = allp[0]", func(r reader, _ int) bool { return r.word("m0.p") == r.word("allp[0]") && r.word("m0.p") != 0 }, 0},
	{"acquirep", "allp[0].m = m0", func(r reader, _ int) bool { return r.word("allp[0].m") == r.word("&m0") }, 0},
	{"acquirep", "P 0 alone is running", func(r reader, procs int) bool {
		return slices.Equal(r.names("allp.status"), append([]string{"_Prunning"}, slices.Repeat([]string{"_Pgcstop"}, procs-1)...))
	}, 0},
	{"pidle", "back in rt0_go", func(r reader, _ int) bool { return r.in("runtime.rt0_go") && r.word("sp") == r.word("g0.stack.hi") }, 0},
	{"pidle", "the other Ps are idle", func(r reader, procs int) bool {
		return slices.Equal(r.names("allp.status"), append([]string{"_Prunning"}, slices.Repeat([]string{"_Pidle"}, procs-1)...))
	}, 0},
	{"pidle", "npidle", func(r reader, procs int) bool {
		return r.number("sched.npidle") == int64(procs-1) && r.number("gomaxprocs") == int64(procs)
	}, 0},
	{"pidle", "the order: from 1 up to 1.25, from the last P since 1.26", func(r reader, procs int) bool {
		var want []int64
		for i := 1; i < procs; i++ {
			want = append(want, int64(i))
		}
		if minor(r.m.Go) >= 26 {
			slices.Reverse(want)
		}
		return slices.Equal(r.list("sched.pidle"), want)
	}, 0},
	{"newproc", "goroutine 1 is next", func(r reader, _ int) bool { return r.number("allp[0].runnext.goid") == 1 }, 5},
	{"mstart", "g0.sched is in mstart's frames", func(r reader, _ int) bool {
		return r.onStack(r.word("g0.sched.sp"), r.word("g0.stack.lo")) && r.in("runtime.mstart", "runtime.mstart0", "runtime.mstart1", "runtime.save", "runtime.gosave")
	}, 0},
	{"mstart", "the guard has risen by 928", func(r reader, _ int) bool { return r.word("g0.stackguard0") == r.word("g0.stack.lo")+928 }, 18},
	{"schedule", "m0 runs goroutine 1", func(r reader, _ int) bool { return r.number("m0.curg.goid") == 1 }, 0},
	{"schedule", "at runtime.main, off g0's stack", func(r reader, _ int) bool {
		return r.in("runtime.main") && !r.onStack(r.word("sp"), r.word("g0.stack.lo"))
	}, 0},
	{"schedule", "the thread-local g is g1, not g0", func(r reader, _ int) bool {
		return r.word("m0.tls[0]") == r.register(emulator.R14) && r.word("m0.tls[0]") != r.word("&g0")
	}, 17},
	{"main", "at main.main", func(r reader, _ int) bool {
		return r.in("main.main") && strings.HasSuffix(r.m.File, "/main.go") && r.m.Line == 3
	}, 0},
	{"main", "m0 is the last on allm", func(r reader, _ int) bool { l := r.list("allm"); return len(l) > 1 && l[len(l)-1] == 0 }, 0},
	{"main", "goroutine 1 still runs", func(r reader, _ int) bool { return r.number("m0.curg.goid") == 1 }, 0},
}
