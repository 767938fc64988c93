package emulator

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/linux"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// empty returns a kernel without a thread.
func empty(mem *memory.Space) *linux.Kernel {
	return linux.New(linux.Config{Mem: mem, CPU: x86.New(mem)})
}

// TestCheckpointsThin takes far more checkpoints than are kept, and wants them dense near the present, the start never
// forgotten, and the gaps in proportion to the distance.
func TestCheckpointsThin(t *testing.T) {
	mem := memory.New(1 << 20)
	kernel := empty(mem)
	const every, runs = 100, 10_000
	c := checkpoints{every: every}
	for i := range uint64(runs) {
		c.add(&Snapshot{tick: i * every, state: state{mem: mem.Snapshot(), kernel: kernel}})
	}
	end := uint64((runs - 1) * every)
	if len(c.list) > maxCheckpoints || c.list[0].tick != 0 || c.list[len(c.list)-1].tick != end {
		t.Fatalf("%d checkpoints from %d to %d", len(c.list), c.list[0].tick, c.list[len(c.list)-1].tick)
	}
	for i := 1; i < len(c.list); i++ {
		gap, away := c.list[i].tick-c.list[i-1].tick, end-c.list[i-1].tick
		if gap > every && gap > away/8 {
			t.Errorf("a gap of %d ticks at %d, %d from the present", gap, c.list[i-1].tick, away)
		}
	}
}

// TestCheckpointsMemory lets every checkpoint hold a mebibyte of its own.
func TestCheckpointsMemory(t *testing.T) {
	mem := memory.New(1 << 30)
	const base, size = 0x10000, 1 << 20
	if err := mem.Map(memory.Area{Start: base, End: base + size, Prot: memory.Read | memory.Write}); err != nil {
		t.Fatal(err)
	}
	c, kernel := checkpoints{every: 1}, empty(mem)
	for i := range uint64(400) {
		if _, f := mem.WriteAt(make([]byte, size), base); f != nil {
			t.Fatal(f)
		}
		c.add(&Snapshot{tick: i, state: state{mem: mem.Snapshot(), kernel: kernel}})
	}
	var bytes uint64
	for i := range len(c.list) - 1 {
		bytes += c.list[i].Unshared(c.list[i+1])
	}
	if bytes != c.bytes || bytes > maxCheckpointBytes || bytes < maxCheckpointBytes/2 {
		t.Errorf("%d checkpoints hold %d bytes, and are taken to hold %d", len(c.list), bytes, c.bytes)
	}
	if c.list[0].tick != 0 || c.list[len(c.list)-1].tick != 399 {
		t.Errorf("the checkpoints are from %d to %d", c.list[0].tick, c.list[len(c.list)-1].tick)
	}
}
