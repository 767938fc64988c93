package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/budget"
)

// built caches the programs that tests build, by folder.
var built sync.Map

// build compiles a program of testdata for the guest.
func build(t testing.TB, dir string) []byte {
	t.Helper()
	once, _ := built.LoadOrStore(dir, sync.OnceValues(func() ([]byte, error) {
		out := filepath.Join(os.TempDir(), fmt.Sprintf("rt0-test-%d-%s", os.Getpid(), filepath.Base(dir)))
		defer os.Remove(out)
		cmd := exec.Command("go", "build", "-ldflags=-compressdwarf=false", "-o", out, "./"+dir)
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
		if msg, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s: %w\n%s", dir, err, msg)
		}
		return os.ReadFile(out)
	}))
	elf, err := once.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	return elf
}

func start(t testing.TB, cfg Config) *Machine {
	t.Helper()
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.OnReport(func(s string) { t.Log("machine:", s) })
	return m
}

// finish runs the machine to its end.
func finish(t testing.TB, m *Machine) {
	t.Helper()
	ev, err := m.Run(context.Background(), math.MaxUint64)
	if err != nil {
		t.Fatal(err)
	}
	if ev.Kind != EventExit {
		t.Fatalf("stopped by a %v at tick %d", ev.Kind, ev.Tick)
	}
}

func churn(t testing.TB, seed uint64) (*Machine, *bytes.Buffer) {
	var out bytes.Buffer
	return start(t, Config{Program: build(t, "testdata/churn"), CPUs: 4, Seed: seed, Stdout: &out, Stderr: &out}), &out
}

// TestSameSeedSameRun: a multi-threaded, GC-heavy program with timers and random choices ends at the same tick in the same
// state when it is run again, and also when it is stopped at random moments on the way.
func TestSameSeedSameRun(t *testing.T) {
	m, out := churn(t, 7)
	finish(t, m)
	if s, _ := m.Exited(); s.Status() != 0 {
		t.Fatalf("%v\n%s", s, out)
	}
	again, out2 := churn(t, 7)
	r := rand.New(rand.NewPCG(1, 1))
	stops := 0
	for {
		ev, err := again.Run(context.Background(), again.Tick()+1+r.Uint64N(m.Tick()/200))
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == EventExit {
			break
		}
		if stops++; stops%50 == 0 {
			again.Hash() // looking must not change anything
		}
	}
	if m.Tick() != again.Tick() || m.Hash() != again.Hash() || out.String() != out2.String() {
		t.Errorf("ticks %d and %d, hashes %x and %x, output\n%s and\n%s", m.Tick(), again.Tick(), m.Hash(), again.Hash(), out, out2)
	}
	other, out3 := churn(t, 8)
	finish(t, other)
	if other.Hash() == m.Hash() {
		t.Errorf("another seed made no difference: %s", out3)
	}
	t.Logf("%d ticks, %d stops", m.Tick(), stops)
}

// TestForwardAndBack: n ticks forward and back again is the same state, at 1,000 random moments.
func TestForwardAndBack(t *testing.T) {
	m, _ := churn(t, 3)
	finish(t, m)
	end := m.Tick()
	r := rand.New(rand.NewPCG(4, 4))
	known := map[uint64][32]byte{}
	for range 1000 {
		at := r.Uint64N(end)
		if r.IntN(3) > 0 { // most moves are short
			at = min(m.Tick()+r.Uint64N(20_000), end)
			at -= min(at, r.Uint64N(20_000))
		}
		if err := m.Seek(at); err != nil {
			t.Fatal(err)
		}
		h := m.Hash()
		if was, ok := known[at]; ok && was != h {
			t.Fatalf("tick %d has two states", at)
		}
		known[at] = h
		n := 1 + r.Uint64N(3000)
		if err := m.Seek(min(at+n, end)); err != nil {
			t.Fatal(err)
		}
		if err := m.Seek(at); err != nil {
			t.Fatal(err)
		}
		if m.Hash() != h {
			t.Fatalf("tick %d: %d forward and back again is another state", at, n)
		}
	}
}

// TestReplayIsSilent: what the guest writes reaches the host once, however often the moment is passed.
func TestReplayIsSilent(t *testing.T) {
	var out bytes.Buffer
	m := start(t, Config{Program: build(t, "testdata/churn"), CPUs: 2, Stdout: &out})
	finish(t, m)
	want, end := out.String(), m.Tick()
	if want == "" {
		t.Fatal("no output")
	}
	for range 3 {
		if err := m.Seek(end / 2); err != nil {
			t.Fatal(err)
		}
		finish(t, m)
	}
	if out.String() != want {
		t.Errorf("output %q, want %q", out.String(), want)
	}
}

func TestSeekBeyondTheEnd(t *testing.T) {
	m := start(t, Config{Program: build(t, "testdata/hello")})
	var end *EndError
	if err := m.Seek(1 << 60); !errors.As(err, &end) || end.End != m.Tick() || end.Kind != EventExit {
		t.Errorf("Seek(1<<60): %v", err)
	}
	if err := m.Seek(100); err != nil || m.Tick() != 100 {
		t.Errorf("after that, Seek(100): tick %d, %v", m.Tick(), err)
	}
}

func TestCancel(t *testing.T) {
	m := start(t, Config{Program: build(t, "testdata/forever")})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	asked := uint64(0) // the tick at which it was canceled
	m.OnSyscall(func(Syscall) {
		if asked == 0 {
			asked = m.Tick()
			cancel()
		}
	})
	ev, err := m.Run(ctx, math.MaxUint64)
	m.OnSyscall(nil)
	if err != nil || ev.Kind != EventCanceled {
		t.Fatalf("%v, %v", ev.Kind, err)
	}
	was := m.Tick()
	if further := was - asked; further > 1_000_000 { // a few milliseconds' work
		t.Errorf("it went on for %d instructions", further)
	}
	if ev, err := m.Run(context.Background(), was+1000); err != nil || ev.Tick != was+1000 {
		t.Errorf("it does not go on: %+v, %v", ev, err)
	}
}

// TestStep: a step is one instruction, on whatever thread.
func TestStep(t *testing.T) {
	m := start(t, Config{Program: build(t, "testdata/churn"), CPUs: 2})
	for _, at := range []uint64{0, 1000, 400_000, 2_000_000} {
		if err := m.Seek(at); err != nil {
			t.Fatal(err)
		}
		for i := range uint64(200) {
			if m.Tick() != at+i {
				t.Fatalf("tick %d, want %d", m.Tick(), at+i)
			}
			if _, err := m.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestWatch: every write to a watched word is reported after the instruction, with its address.
func TestWatch(t *testing.T) {
	m := start(t, Config{Program: build(t, "testdata/hello")})
	sp := m.Current().Registers.SP()
	m.SetWatchpoints([]Watch{{Addr: sp - 16, Len: 8, Write: true}})
	hits := 0
	for hits < 20 {
		before := m.Tick()
		ev, err := m.Run(context.Background(), math.MaxUint64)
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == EventExit {
			break
		}
		a := ev.Access
		if ev.Kind != EventWatchpoint || !a.Write || a.Addr >= sp-8 || a.Addr+uint64(a.Size) <= sp-16 || ev.Tick <= before {
			t.Fatalf("%+v %+v", ev, a)
		}
		hits++
	}
	if hits == 0 {
		t.Error("nobody wrote just below the first SP")
	}
}

// BenchmarkSeekInBoot holds a jump from anywhere to anywhere within the boot to 20 ms.
func BenchmarkSeekInBoot(b *testing.B) {
	m := start(b, Config{Program: build(b, "testdata/hello"), CPUs: 4})
	finish(b, m)
	end := m.Tick()
	r := rand.New(rand.NewPCG(2, 2))
	var worst time.Duration
	for b.Loop() {
		from, to := r.Uint64N(end), r.Uint64N(end)
		seek := func(tick uint64) func() {
			return func() {
				if err := m.Seek(tick); err != nil {
					b.Fatal(err)
				}
			}
		}
		worst = max(worst, budget.Least(3, seek(from), seek(to)))
	}
	budget.Hold(b, worst, 20*time.Millisecond)
}

// BenchmarkSnapshot holds a snapshot of a program with a heap to a millisecond.
func BenchmarkSnapshot(b *testing.B) {
	m := start(b, Config{Program: build(b, "testdata/hello"), CPUs: 4})
	finish(b, m)
	for b.Loop() {
		m.Snapshot()
	}
	budget.Each(b, time.Millisecond)
}

func BenchmarkHash(b *testing.B) {
	m := start(b, Config{Program: build(b, "testdata/hello"), CPUs: 4})
	finish(b, m)
	for b.Loop() {
		m.Hash()
	}
}

// TestSymbolAt: reports name a place by its function, whether the program is stripped or not.
func TestSymbolAt(t *testing.T) {
	m := start(t, Config{Program: build(t, "testdata/churn")})
	entry := m.Current().Registers.RIP
	if got := m.symbolAt(entry + 3); got != "_rt0_amd64_linux+0x3" {
		t.Errorf("the entry is at %q", got)
	}
	if got := m.symbolAt(1); got != "" {
		t.Errorf("address 1 is at %q", got)
	}
}
