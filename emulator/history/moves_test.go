package history

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/race"
)

// ticksOf goes from the present in one direction until a move finds nothing more, and returns where it stopped.
func ticksOf(t *testing.T, move func() (Stop, error)) []uint64 {
	t.Helper()
	var ticks []uint64
	for {
		stop, err := move()
		if err != nil {
			t.Fatal(err)
		}
		if stop.Reason == ReasonExit || stop.Reason == ReasonStart {
			return ticks
		}
		ticks = append(ticks, stop.Tick)
	}
}

// TestThereAndBack finds all places of a kind going forward, then going backward: they must be the same.
func TestThereAndBack(t *testing.T) {
	race.TooMuch(t, "one goroutine, for minutes")
	ctx := context.Background()
	for _, tt := range []struct {
		name     string
		set      func(s *Session) error
		syscalls bool
		// back is how many ticks before the stop forward the stop backward lies.
		back, least uint64
	}{
		{name: "breakpoint", set: breakAt("main.add"), least: 40},
		{name: "condition", set: breakAt("main.add", "goid != 1 && rax > 30"), least: 9},
		{name: "condition on a variable", set: breakAt("main.add", "n >= 31"), least: 9},
		{name: "file and line", set: breakAt("main.go:" + lineOf("counter += n")), least: 40},
		{name: "inlined function", set: breakAt("runtime.add"), least: 300},
		{name: "several breakpoints", set: breakAt("main.deep", "", "runtime.clone", "", "runtime.sigtrampgo", ""), least: 800},
		{name: "writes", set: watch("main.counter", OnWrite), back: 1, least: 40},
		{name: "changes", set: watch("main.counter", OnChange), back: 1, least: 39},
		{name: "accesses", set: watch("main.counter", OnAccess), back: 1, least: 41},
		{name: "syscalls", syscalls: true, back: 1, least: 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t, threads, 4)
			move := func(dir Direction) func() (Stop, error) {
				return func() (Stop, error) { return s.Continue(ctx, dir) }
			}
			if tt.syscalls {
				move = func(dir Direction) func() (Stop, error) {
					return func() (Stop, error) { return s.RunToSyscall(ctx, dir) }
				}
			} else if err := tt.set(s); err != nil {
				t.Fatal(err)
			}
			there := ticksOf(t, move(Forward))
			back := ticksOf(t, move(Backward))
			slices.Reverse(back)
			for i := range back {
				back[i] += tt.back
			}
			if !slices.Equal(there, back) {
				t.Errorf("forward %d places %d, backward %d places %d", len(there), there, len(back), back)
			}
			if uint64(len(there)) < tt.least {
				t.Errorf("%d places, expected at least %d", len(there), tt.least)
			}
		})
	}
}

func breakAt(specsAndConditions ...string) func(*Session) error {
	return func(s *Session) error {
		for i := 0; i < len(specsAndConditions); i += 2 {
			condition := ""
			if i+1 < len(specsAndConditions) {
				condition = specsAndConditions[i+1]
			}
			if _, err := s.Break(specsAndConditions[i], condition); err != nil {
				return err
			}
		}
		return nil
	}
}

func watch(expr string, kind Kind) func(*Session) error {
	return func(s *Session) error {
		_, err := s.Watch(expr, kind)
		return err
	}
}

// A state is what a moment of a stretch of the run looks like to a debugger.
type state struct {
	tid   int
	pc    uint64
	place Place
	call  bool
	next  uint64 // address behind the instruction
}

// stretch steps through n instructions from the present and returns what it saw, at first the present itself.
func stretch(t *testing.T, s *Session, n int) []state {
	t.Helper()
	var seen []state
	for range n {
		cur := s.m.Current()
		in, _ := s.instruction(cur.Registers.RIP)
		seen = append(seen, state{cur.TID, cur.Registers.RIP, s.PlaceOf(&cur, cur.Registers.SP()), in.Op == x86asm.CALL,
			cur.Registers.RIP + uint64(in.Len)})
		ev, err := s.m.Step()
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == emulator.EventExit {
			break
		}
	}
	return seen
}

// TestStepsAgainstOracle compares moves by instructions and over calls, of single threads too, with what single steps saw.
func TestStepsAgainstOracle(t *testing.T) {
	race.TooMuch(t, "one goroutine, for half a minute")
	ctx := context.Background()
	s := newSession(t, threads, 4)
	for _, spec := range []string{"main.add", "runtime.clone", "runtime.sigtrampgo"} {
		if _, err := s.RunToTick(ctx, 0); err != nil {
			t.Fatal(err)
		}
		if stop, err := s.RunTo(ctx, Forward, spec); err != nil || stop.Reason != ReasonBreakpoint {
			t.Fatalf("%s: %+v, %v", spec, stop, err)
		}
		first := s.Tick()
		seen := stretch(t, s, 60_000)
		last := first + uint64(len(seen)) - 1
		for i := 0; i < len(seen)-1; i += 1 + i%97 {
			here := seen[i]
			at := first + uint64(i)
			find := func(from, step int, match func(i int) bool) (uint64, bool) {
				for j := from; j >= 0 && j < len(seen); j += step {
					if match(j) {
						return first + uint64(j), true
					}
				}
				return 0, false
			}
			expect := func(move string, dir Direction, want uint64, ok bool, do func(context.Context, Direction, int) (Stop, error)) {
				t.Helper()
				if !ok || want == 0 {
					return // beyond the stretch
				}
				if _, err := s.RunToTick(ctx, at); err != nil {
					t.Fatal(err)
				}
				stop, err := do(ctx, dir, here.tid)
				if err != nil {
					t.Fatalf("%s %v of thread %d at tick %d: %v", move, dir, here.tid, at, err)
				}
				if stop.Tick != want {
					t.Errorf("%s %v of thread %d at tick %d (%#x): tick %d, want %d", move, dir, here.tid, at, here.pc, stop.Tick, want)
				}
			}
			expect("step", Forward, at+1, at < last, s.StepInstruction)
			want, ok := find(i-1, -1, func(j int) bool { return seen[j].tid == here.tid })
			expect("step", Backward, want, ok, s.StepInstruction)
			if want, ok := at+1, true; here.call {
				want, ok = find(i+1, 1, func(j int) bool { return seen[j].pc == here.next && seen[j].place == here.place })
				expect("over", Forward, want, ok, s.StepOver)
				// Back from there over the same call is where this began.
				if ok && !slices.ContainsFunc(seen[i+1:want-first], func(x state) bool { return x.pc == here.pc && x.place == here.place }) {
					if _, err := s.RunToTick(ctx, want); err != nil {
						t.Fatal(err)
					}
					if stop, err := s.StepOver(ctx, Backward, 0); err != nil || stop.Tick != at {
						t.Errorf("back over the call of tick %d from tick %d: %+v, %v", at, want, stop, err)
					}
				}
			} else {
				expect("over", Forward, want, ok, s.StepOver)
			}
		}
	}
}

func TestStepOut(t *testing.T) {
	ctx := context.Background()
	s := newSession(t, threads, 4)
	for range 5 {
		b, err := s.Break("main.fib", "rax == 0")
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.Continue(ctx, Forward)
		if err := s.Delete(b.ID); err != nil {
			t.Fatal(err)
		}
		if err != nil || in.Reason != ReasonBreakpoint {
			t.Fatalf("%+v, %v", in, err)
		}
		cur := s.m.Current()
		frames := s.Stack(&cur)
		out, err := s.StepOut(ctx, Forward, 0)
		if err != nil || out.Reason != ReasonDone {
			t.Fatalf("%+v, %v", out, err)
		}
		if len(frames) < 3 || frames[0].Func != "main.fib" || frames[1].PC != out.PC || frames[len(frames)-1].Func != "runtime.goexit" {
			t.Errorf("fib returns to %#x, its stack is %+v", out.PC, frames)
		}
		call, err := s.StepOver(ctx, Backward, 0)
		if err != nil || call.Tick != in.Tick-1 {
			t.Errorf("back over the call from %d: %+v, %v, want tick %d", out.Tick, call, err, in.Tick-1)
		}
		if _, err := s.RunToTick(ctx, in.Tick+3); err != nil {
			t.Fatal(err)
		}
		back, err := s.StepOut(ctx, Backward, 0)
		if err != nil || back.Tick != in.Tick-1 {
			t.Errorf("out backward: %+v, %v, want tick %d", back, err, in.Tick-1)
		}
		if _, err := s.RunToTick(ctx, out.Tick); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWrites(t *testing.T) {
	ctx := context.Background()
	s := newSession(t, threads, 4)
	var all []Write
	if err := s.Writes(ctx, "main.counter", 0, 0, func(w Write) bool {
		all = append(all, w)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if s.Tick() != 0 {
		t.Errorf("Writes leaves the session at tick %d", s.Tick())
	}
	if len(all) != 40 {
		t.Fatalf("%d writes, want 40", len(all))
	}
	var value uint64
	for i, w := range all {
		was, is := binary.LittleEndian.Uint64(w.Old), binary.LittleEndian.Uint64(w.New)
		if was != value || is < was || w.Func != "main.add" || !strings.HasSuffix(w.File, "main.go") || strconv.Itoa(w.Line) != lineOf("counter += n") || w.Goid < 2 || w.TID == 0 || w.Syscall {
			t.Errorf("write %d: %+v", i, w)
		}
		value = is
		for tick, want := range map[uint64][]byte{w.Tick: w.Old, w.Tick + 1: w.New} {
			if _, err := s.RunToTick(ctx, tick); err != nil {
				t.Fatal(err)
			}
			var b [8]byte
			if addr, _, err := s.Locate("main.counter"); err != nil || s.m.ReadMemory(b[:], addr) != nil || !bytes.Equal(b[:], want) {
				t.Errorf("write %d: at tick %d the value is %d, want %d", i, tick, b, want)
			}
		}
		if i == 0 {
			if _, err := s.RunToTick(ctx, w.Tick); err != nil {
				t.Fatal(err)
			}
			if _, err := s.LastWrite(ctx, "main.counter"); !errors.Is(err, ErrNoWrite) {
				t.Errorf("before the first write: %v", err)
			}
		}
		if i%10 == 9 {
			if _, err := s.RunToTick(ctx, w.Tick+500); err != nil {
				t.Fatal(err)
			}
			here := s.m.Hash()
			if got, err := s.LastWrite(ctx, "main.counter"); err != nil || got.Tick < w.Tick {
				t.Errorf("last write at tick %d: %+v, %v, want tick %d", w.Tick+500, got, err, w.Tick)
			}
			if s.m.Hash() != here {
				t.Error("LastWrite changes the session's state")
			}
		}
	}
	if value != 780 {
		t.Errorf("the last write makes it %d, want 780", value)
	}
	last := end(t, s)
	if got, err := s.LastWrite(ctx, "main.counter"); err != nil || got.Tick != all[39].Tick || got.Func != "main.add" {
		t.Errorf("last write at tick %d: %+v, %v, want tick %d", last, got, err, all[39].Tick)
	}
}

// dropped is a program that gives memory back, which makes it read as zeroes.
const dropped = `package main

import "syscall"

var word *byte

func main() {
	b, _ := syscall.Mmap(-1, 0, 8192, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	word = &b[4096]
	b[4096] = 7
	syscall.Madvise(b, syscall.MADV_DONTNEED)
	println(b[4096])
}
`

// TestMemoryGivenBack finds a madvise to be the last writer of the memory that it drops.
func TestMemoryGivenBack(t *testing.T) {
	s := newSession(t, dropped, 1)
	end(t, s)
	addr := s.Runtime.View("main.word").Uint
	w, err := s.LastWrite(context.Background(), fmt.Sprintf("%#x:1", addr))
	if err != nil || !w.Syscall || !bytes.Equal(w.Old, []byte{7}) || !bytes.Equal(w.New, []byte{0}) {
		t.Errorf("%+v, %v", w, err)
	}
}

// reads is a program in which the kernel writes memory: at once, after a wait, and into a pipe's reader.
const reads = `package main

import (
	"os"
	"syscall"
)

var (
	buf  [16]byte
	pipe [2]int
)

func main() {
	f, _ := os.Open("/proc/self/comm")
	syscall.Read(int(f.Fd()), buf[:])
	syscall.Pipe(pipe[:])
	go func() { syscall.Write(pipe[1], []byte("later")) }()
	syscall.Read(pipe[0], buf[:])
	buf[0] = 'L'
}
`

func TestKernelWrites(t *testing.T) {
	ctx := context.Background()
	s := newSession(t, reads, 2)
	var all []Write
	if err := s.Writes(ctx, "main.buf", 0, 0, func(w Write) bool {
		all = append(all, w)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 {
		t.Fatalf("%d writes, want 3: %+v", len(all), all)
	}
	for i, want := range []string{"program\n", "laterm\n", "Laterm"} {
		if got := string(all[i].New); !strings.HasPrefix(got, want[:5]) || all[i].Syscall != (i < 2) {
			t.Errorf("write %d: %q, %+v", i, got, all[i])
		}
	}
	end(t, s)
	for i := 2; i >= 0; i-- {
		w, err := s.LastWrite(ctx, "main.buf")
		if err != nil || w.Tick != all[i].Tick || w.Syscall != all[i].Syscall || w.PC != all[i].PC {
			t.Errorf("last write %d: %+v, %v, want %+v", i, w, err, all[i])
		}
		if _, err := s.RunToTick(ctx, w.Tick); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCanceled(t *testing.T) {
	s := newSession(t, threads, 4)
	if _, err := s.Break("main.main", ""); err != nil {
		t.Fatal(err)
	}
	last := end(t, s)
	here := s.m.Hash()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, move := range map[string]func() (Stop, error){
		"continue": func() (Stop, error) { return s.Continue(ctx, Backward) },
		"tick":     func() (Stop, error) { return s.RunToTick(ctx, 1000) },
		"over":     func() (Stop, error) { return s.StepOver(ctx, Backward, 0) },
	} {
		stop, err := move()
		if !errors.Is(err, context.Canceled) || stop.Reason != ReasonCanceled {
			t.Errorf("%s: %+v, %v", name, stop, err)
		}
		if s.Tick() != last || s.m.Hash() != here {
			t.Errorf("%s: a canceled move leaves the session at tick %d, it began at %d", name, s.Tick(), last)
		}
	}
}
