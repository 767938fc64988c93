package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/testprog"
)

const source = `package main

import "sync"

var nowhere *int

//go:noinline
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

//go:noinline
func deep(n int) int {
	var pad [64]int
	if n == 0 {
		return pad[n]
	}
	pad[n%64] = deep(n - 1)
	return pad[n%64] + n
}

//go:noinline
func fault() {
	defer func() { recover() }()
	*nowhere = 1
}

func work(done *sync.WaitGroup) {
	println(deep(200), fib(8))
	fault()
	done.Done()
}

func main() {
	var done sync.WaitGroup
	for i := 0; i < 3; i++ {
		done.Add(1)
		go work(&done)
	}
	done.Wait()
}
`

func newSession(t testing.TB, flags ...string) *history.Session {
	t.Helper()
	m, err := emulator.New(emulator.Config{Program: testprog.Build(t, runtime.Version(), source, flags...), CPUs: 2})
	if err != nil {
		t.Fatal(err)
	}
	return history.New(m)
}

func TestCalls(t *testing.T) {
	calls, returns := map[string]int{}, map[string]int{}
	type frame struct {
		name  string
		depth int
	}
	last := map[uint64]frame{} // of the last call, by goroutine
	var tick uint64
	err := Run(context.Background(), newSession(t), Options{Calls: true}, func(r *Record) error {
		if r.Tick < tick {
			t.Errorf("%+v comes after tick %d", r, tick)
		}
		tick = r.Tick
		switch r.Kind {
		case "call":
			calls[r.Func]++
			was := last[r.Goid]
			if was.name == "main.deep" && r.Func == "main.deep" && r.Depth != was.depth+1 {
				t.Errorf("deep calls itself from depth %d at depth %d", was.depth, r.Depth)
			}
			if r.Func == "main.work" && (r.Depth != 1 || // below the wrapper of the go statement
				r.Goid == 0) {
				t.Errorf("a goroutine begins with %+v", r)
			}
			last[r.Goid] = frame{r.Func, r.Depth}
		case "return":
			returns[r.Func]++
			if r.Func == "main.fib" && (r.Ticks == 0 || r.Ticks > 100_000) {
				t.Errorf("fib took %d ticks", r.Ticks)
			}
		case "jump":
		default:
			t.Errorf("%+v was not asked for", r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"main.fib": 3 * 67, "main.deep": 3 * 201, "main.fault": 3, "main.work": 3, "main.main": 1} {
		if calls[name] != want {
			t.Errorf("%s is called %d times, want %d", name, calls[name], want)
		}
		if name != "main.main" && returns[name] != want { // main.main returns into exit
			t.Errorf("%s returns %d times, want %d", name, returns[name], want)
		}
	}
}

func TestSyscalls(t *testing.T) {
	var all []string
	if err := Run(context.Background(), newSession(t), Options{Syscalls: true}, func(r *Record) error {
		if r.Kind != "syscall" || r.TID == 0 || r.PC == 0 {
			t.Errorf("%+v", r)
		}
		all = append(all, r.Text)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{"arch_prctl(ARCH_SET_FS, ", "clone(CLONE_VM|CLONE_FS", `write(2, "20100", 5) = 5`, "futex(", "exit_group(0) = ?"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// TestInsns replays a trace of instructions: what it says that they change must lead to the machine's registers.
func TestInsns(t *testing.T) {
	const from, to = 5000, 15000
	s := newSession(t)
	if err := s.Machine().Seek(from); err != nil {
		t.Fatal(err)
	}
	regs := values(s.Machine().Current().Registers)
	next := uint64(from)
	calls := 0
	if err := Run(context.Background(), s, Options{Calls: true, Syscalls: true, Insns: true, From: from, To: to}, func(r *Record) error {
		if r.Tick < from || r.Tick >= to {
			t.Errorf("%+v lies outside", r)
		}
		if r.Kind == "call" {
			calls++
		}
		if r.Kind != "insn" {
			return nil
		}
		if r.Tick != next || r.Text == "" || r.Func == "" {
			t.Fatalf("%+v, want tick %d", r, next)
		}
		next++
		for _, reg := range r.Registers {
			if regs[reg.Name] == uint64(reg.Value) {
				t.Fatalf("%+v does not change %s", r, reg.Name)
			}
			regs[reg.Name] = uint64(reg.Value)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if next != to || calls == 0 {
		t.Errorf("the trace ends at tick %d, with %d calls", next, calls)
	}
	if err := s.Machine().Seek(to); err != nil {
		t.Fatal(err)
	}
	for name, want := range values(s.Machine().Current().Registers) {
		if regs[name] != want {
			t.Errorf("%s is %#x after the trace, %#x in the machine", name, regs[name], want)
		}
	}
}

func values(r emulator.Registers) map[string]uint64 {
	m := map[string]uint64{}
	for _, c := range changes(&emulator.Registers{}, &r) {
		m[c.Name] = uint64(c.Value)
	}
	return m
}

func TestEnds(t *testing.T) {
	stop := errors.New("enough")
	n := 0
	err := Run(context.Background(), newSession(t), Options{Syscalls: true}, func(*Record) error {
		n++
		return stop
	})
	if err != stop || n != 1 {
		t.Errorf("%d records and %v, want one and its error", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = Run(ctx, newSession(t), Options{Calls: true}, func(*Record) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if err := Run(context.Background(), newSession(t), Options{Calls: true, From: 100, To: 100}, func(r *Record) error {
		return fmt.Errorf("%+v", r)
	}); err != nil {
		t.Errorf("an empty range tells of %v", err)
	}
}

func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		rec  Record
		text string
	}{
		{Record{Kind: "call", Tick: 7, TID: 1000, Goid: 1, PC: 0x401000, Depth: 2, Func: "main.f", From: 0x402005, Site: "main.go:7"},
			"         7  1000/g1       main.f  main.go:7\n"},
		{Record{Kind: "jump", Tick: 7, TID: 1000, Func: "main.f"}, "         7  1000      → main.f\n"},
		{Record{Kind: "return", Tick: 9, TID: 1000, Func: "main.f", Ticks: 2}, ""},
		{Record{Kind: "syscall", Tick: 9, TID: 1000, Text: "getpid() = 1000"}, "         9  1000      getpid() = 1000\n"},
		{Record{Kind: "insn", Tick: 9, TID: 1000, PC: 0x401000, Func: "main.f+1", Text: "INCQ AX", Registers: []Register{{"rax", 1}}},
			"         9  1000      0x401000 main.f+1                     INCQ AX                              rax=0x1\n"},
	} {
		var text, line bytes.Buffer
		if err := Text(&text)(&tt.rec); err != nil || text.String() != tt.text {
			t.Errorf("%+v reads %q, %v", tt.rec, text.String(), err)
		}
		var back Record
		if err := JSON(&line)(&tt.rec); err != nil || bytes.Count(line.Bytes(), []byte("\n")) != 1 {
			t.Errorf("%q, %v", line.String(), err)
		}
		if err := json.Unmarshal(line.Bytes(), &back); err != nil || fmt.Sprint(back) != fmt.Sprint(tt.rec) {
			t.Errorf("%q comes back as %+v, %v", line.String(), back, err)
		}
	}
}
