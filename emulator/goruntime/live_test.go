package goruntime_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/emulator/symbols"
	"github.com/rt0lab/rt0/internal/testprog"
)

// busy has goroutines that wait, goroutines that could run, and stops in the middle of it, in here.
const busy = `package main

import "runtime"

// here has a loop, for Go 1.4 does not know the directive.
//
//go:noinline
func here(n int) int {
	for i := 0; i < 1; i++ {
		n++
	}
	return n
}

var total int

func main() {
	runtime.GOMAXPROCS(4)
	wait, ready := make(chan int), make(chan int)
	for i := 0; i < 7; i++ {
		go func() { ready <- 1; <-wait }()
	}
	for i := 0; i < 7; i++ {
		<-ready
	}
	for i := 0; i < 5; i++ {
		go func() { <-wait }()
	}
	total = here(5)
	println(total)
}
`

func TestLive(t *testing.T) {
	for _, version := range append(slices.Clone(testprog.OldVersions), testprog.Versions...) {
		t.Run(version, func(t *testing.T) {
			program := testprog.Build(t, version, busy)
			m, err := emulator.New(emulator.Config{Program: program, CPUs: 4, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			table, err := symbols.Open(program)
			if err != nil {
				t.Fatal(err)
			}
			here, ok := table.FuncNamed("main.here")
			if !ok {
				t.Fatal("no main.here")
			}
			m.SetBreakpoints([]uint64{here.Entry})
			if ev, err := m.Run(context.Background(), math.MaxUint64); err != nil || ev.Kind != emulator.EventBreakpoint {
				t.Fatalf("%v, %v", ev, err)
			}
			checkLists(t, goruntime.New(table, m), m.Current().Registers)
		})
	}
}

// checkLists holds the runtime's lists to each other and to the registers of the thread that runs.
func checkLists(t *testing.T, r *goruntime.Runtime, regs emulator.Registers) {
	sched := r.Sched()
	for _, c := range []struct {
		name string
		list goruntime.List
		n    goruntime.Value
	}{{"pidle", sched.PidleChain, sched.Npidle}, {"midle", sched.MidleChain, sched.Nmidle}} {
		if c.list.Unreadable != nil || c.list.Absent || int64(len(c.list.Addrs)) != c.n.Int {
			t.Errorf("sched.%s is %+v, its count %v", c.name, c.list, c.n)
		}
	}
	ps, ms, gs := r.AllP(), r.AllM(), r.AllG()
	if len(ps.IDs) != 4 || !slices.Equal(ps.IDs, []int64{0, 1, 2, 3}) {
		t.Errorf("allp is %+v", ps)
	}
	for i, id := range ms.IDs {
		if id != int64(len(ms.IDs)-1-i) {
			t.Errorf("allm is %v", ms.IDs)
		}
	}
	waiting, runnable := 0, 0
	for _, addr := range gs.Addrs {
		switch g := r.G(addr); g.Status {
		case "_Gwaiting":
			waiting++
		case "_Grunnable":
			runnable++
		case "_Grunning":
			if m := r.M(g.M.Uint); m.Curg.Uint != addr && m.G0.Uint != addr {
				t.Errorf("goroutine %v runs on an m whose curg is %v", g.Goid, m.Curg)
			}
		}
	}
	queued := len(sched.GlobalQueue.Addrs)
	for i, addr := range ps.Addrs {
		p := r.P(addr)
		// A P that was taken off the list for an m to start with stays idle until that m has it.
		listed := slices.Contains(sched.PidleChain.Addrs, addr)
		promised := slices.ContainsFunc(ms.Addrs, func(m uint64) bool { return r.M(m).Nextp.Uint == addr })
		if idle := p.StatusName == "_Pidle"; idle != (listed || promised) {
			t.Errorf("P %d is %s; on sched.pidle: %v, an m's nextp: %v", i, p.StatusName, listed, promised)
		}
		if p.M.Uint != 0 && r.M(p.M.Uint).P.Uint != addr {
			t.Errorf("P %d has an m that has another p", i)
		}
		queued += len(p.Queue)
		if p.Runnext.OK() && p.Runnext.Uint != 0 {
			queued++
		}
	}
	if waiting < 7 || queued != runnable {
		t.Errorf("%d goroutines wait, %d can run, %d are queued", waiting, runnable, queued)
	}
	running := r.View("(*m)(0).curg")
	for _, addr := range ms.Addrs {
		g := r.G(r.M(addr).Curg.Uint)
		if sp := regs.SP(); g.StackLo.OK() && sp > g.StackLo.Uint && sp <= g.StackHi.Uint {
			running = g.Goid
		}
	}
	if !running.OK() || running.Int != 1 {
		t.Errorf("the thread runs goroutine %v, want 1", running)
	}
}

// FuzzEval: whatever the expression, it is a value or an error.
func FuzzEval(f *testing.F) {
	program := testprog.Build(f, testprog.Versions[len(testprog.Versions)-1], testprog.Hello)
	table, err := symbols.Open(program)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"g0.stack.hi", "&m0.tls[1]", "len(allp)", "(*p)(0xc000)", "allp[0].m", "*allm", "(((x)))", "m0.tls[m0.tls[0]]", "cap(allp)", "&(*g)(1).stack.lo", "a.b.c"} {
		f.Add(s)
	}
	r := goruntime.New(table, table.Image())
	f.Fuzz(func(t *testing.T, expr string) {
		if v, err := r.Eval(expr); err == nil {
			_ = v.String()
		}
		r.Place(expr)
	})
}
