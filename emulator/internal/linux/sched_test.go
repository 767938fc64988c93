package linux

import (
	"math/rand/v2"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// busy is a guest of three threads that spin, sleep, wait for each other and get signals from a timer. It exits after
// about 60,000 instructions.
func busy(t testing.TB) *Kernel {
	const (
		futex, delay, flags = dataAt, dataAt + 16, cloneThread | CLONE_SETTLS
		handler, restorer   = codeAt + 0x800, codeAt + 0x900
		thread              = codeAt + 0x400
	)
	// mov ecx, n; loop: pause; dec ecx; jnz loop
	spin := func(n uint64) []byte {
		return append(imm32([]byte{0xb9}, n), 0xf3, 0x90, 0xff, 0xc9, 0x75, 0xfa)
	}
	body := [][]byte{
		call(13, SIGALRM, dataAt+64, 0, 8),
		call(38, itimerReal, dataAt+128, 0),
		call(56, flags, stackTop-0x3000, 0, 0, 0),
		call(56, flags, stackTop-0x5000, 0, 0, 0),
		spin(3000),
		call(35, delay, 0),
		call(202, futex, FUTEX_WAKE, 1),
		spin(4000),
		call(202, futex, FUTEX_WAKE, 1),
		call(35, delay, 0),
		call(318, dataAt+512, 64, 0),
		spin(3000),
		call(231, 7),
	}
	code := make([]byte, 0)
	for _, b := range body {
		code = append(code, b...)
		// A thread begins where its parent's clone returns; rax is 0 there: test eax, eax; jz thread.
		if len(b) > 4 && b[1] == 56 {
			code = append(code, 0x85, 0xc0, 0x0f, 0x84)
			code = append(code, imm32(nil, uint64(thread-codeAt-len(code)-4))...)
		}
	}
	child := append(spin(2000), call(202, futex, FUTEX_WAIT, 0, 0)...)
	child = append(child, spin(1000)...)
	child = append(child, call(60, 0)...)
	k := newGuest(t, at(thread-codeAt, code), at(handler-thread, child), at(restorer-handler, ret), call(15))
	poke(t, k, delay, 0, 700)
	poke(t, k, dataAt+64, handler, SA_RESTORER|SA_RESTART, restorer, 0)
	poke(t, k, dataAt+128, 0, 2, 0, 3) // every 2 µs from 3 µs on
	return k
}

func TestRunIsRepeatable(t *testing.T) {
	a, b := busy(t), busy(t)
	if s := finish(t, a); s.Code != 7 {
		t.Fatalf("status %v, want 7", s)
	}
	finish(t, b)
	if a.Tick != b.Tick || digest(a) != digest(b) {
		t.Errorf("two runs differ: ticks %d and %d", a.Tick, b.Tick)
	}
	if a.ThreadsMade() != 3 || a.Tick < 10_000 {
		t.Errorf("%d threads, %d ticks: the test tests nothing", a.ThreadsMade(), a.Tick)
	}
}

// Stopping, copying and going on at any tick must not change what comes after.
func TestStopAnywhere(t *testing.T) {
	whole := busy(t)
	finish(t, whole)
	want := digest(whole)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		k := busy(t)
		for k.Tick < whole.Tick {
			if s := k.Run(nil, k.Tick+1+r.Uint64N(whole.Tick/30)); s.Reason != StopTick {
				break
			}
			before := digest(k)
			if k.Run(nil, k.Tick); digest(k) != before {
				t.Fatalf("running to where it is changes the guest at tick %d", k.Tick)
			}
			if r.IntN(3) == 0 {
				c := k.Clone()
				c.Attach(k.Mem, k.CPU)
				k = c
			}
		}
		finish(t, k)
		if k.Tick != whole.Tick || digest(k) != want {
			t.Fatalf("stopping changed the run: tick %d, want %d", k.Tick, whole.Tick)
		}
	}
}

func TestSingleSteps(t *testing.T) {
	a, b := busy(t), busy(t)
	for n := uint64(1); n <= 12_000; n++ {
		if s := a.Run(nil, n); s.Reason != StopTick || a.Tick != n {
			t.Fatalf("step %d: reason %d at tick %d", n, s.Reason, a.Tick)
		}
	}
	b.Run(nil, 12_000)
	if digest(a) != digest(b) {
		t.Error("12,000 steps and one run of 12,000 instructions differ")
	}
}

func TestSeedDecidesTurns(t *testing.T) {
	turns := func(seed uint64) (n []uint64) {
		mem := memory.New(1 << 20)
		k := New(Config{Mem: mem, CPU: x86.New(mem), Seed: seed})
		for range 4 {
			n = append(n, k.turns.below(turnSpread))
		}
		return n
	}
	a, b, c := turns(1), turns(1), turns(2)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("one seed gives turns %v and %v", a, b)
		}
	}
	if a[0] == c[0] && a[1] == c[1] {
		t.Errorf("two seeds give turns %v and %v", a, c)
	}
}

func TestDeadlock(t *testing.T) {
	k := newGuest(t, call(202, dataAt, FUTEX_WAIT, 0, 0))
	for range 2 {
		if s := k.Run(nil, 1<<40); s.Reason != StopDeadlock || k.Tick != 6 {
			t.Fatalf("reason %d at tick %d, want deadlock at 6", s.Reason, k.Tick)
		}
	}
}

// When all wait, time jumps: a sleep of an hour takes no instruction.
func TestTimeLeaps(t *testing.T) {
	k := newGuest(t, call(35, dataAt, 0), call(231, 0))
	poke(t, k, dataAt, 3600, 0)
	finish(t, k)
	if k.Tick != 7 || k.Now() != 3600*nsPerSecond+4+3 {
		t.Errorf("tick %d, now %d", k.Tick, k.Now())
	}
}

func TestCancel(t *testing.T) {
	k := newGuest(t, forever)
	n := 0
	if s := k.Run(func() bool { n++; return n > 5 }, 1<<40); s.Reason != StopCanceled {
		t.Errorf("reason %d, want canceled", s.Reason)
	}
}

func TestBreakpoint(t *testing.T) {
	k := newGuest(t, nop, nop, nop, forever)
	k.CPU.SetBreaks([]uint64{codeAt + 2})
	for range 2 {
		if s := k.Run(nil, 100); s.Reason != StopBreak || s.PC != codeAt+2 || k.Tick != 2 {
			t.Fatalf("reason %d at %#x, tick %d", s.Reason, s.PC, k.Tick)
		}
	}
	k.CPU.Pass()
	if s := k.Run(nil, 100); s.Reason != StopTick {
		t.Errorf("reason %d, want tick", s.Reason)
	}
}

func TestWatch(t *testing.T) {
	store := []byte{0xc6, 0x04, 0x25, 0, 0, 2, 0, 7} // mov byte [dataAt], 7
	k := newGuest(t, nop, store, nop, call(318, dataAt+8, 8, 0), forever)
	k.Mem.SetWatches([]memory.Watch{{Addr: dataAt, Len: 16, Kinds: memory.Write}})
	s := k.Run(nil, 100)
	if s.Reason != StopWatch || k.Tick != 2 || s.Hit.Addr != dataAt || s.Hit.PC != codeAt+1 || s.Hit.TID != PID || s.Hit.Syscall {
		t.Fatalf("store: %+v at tick %d", s, k.Tick)
	}
	if peek(t, k, dataAt) != 7 {
		t.Error("the instruction has not been done")
	}
	s = k.Run(nil, 100)
	if s.Reason != StopWatch || k.Tick != 8 || s.Hit.Addr != dataAt+8 || s.Hit.Size != 8 || !s.Hit.Syscall || s.Hit.PC != s.PC-2 {
		t.Fatalf("system call: %+v at tick %d", s, k.Tick)
	}
	if s = k.Run(nil, 100); s.Reason != StopTick {
		t.Fatalf("afterwards: %+v", s)
	}
}
