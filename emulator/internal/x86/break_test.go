package x86

import (
	"encoding/hex"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// TestSetBreaks changes breakpoints while the code around them lies decoded, and wants each run to stop where it would if
// the code had just been decoded.
func TestSetBreaks(t *testing.T) {
	const base = 0x400000
	// 0: inc rax; 3: inc rax; 6: inc rax; 9: jmp 0
	code, err := hex.DecodeString("48ffc0" + "48ffc0" + "48ffc0" + "ebf5")
	if err != nil {
		t.Fatal(err)
	}
	mem := memory.New(1 << 20)
	if err := mem.Map(memory.Area{Start: base, End: base + 4096, Prot: memory.Read | memory.Exec}); err != nil {
		t.Fatal(err)
	}
	mem.Poke(code, base)
	c := New(mem)
	c.RIP = base
	if ran, why := c.Run(400); ran != 400 || why != ExitBudget || c.RIP != base {
		t.Fatalf("ran %d, %v, at %#x", ran, why, c.RIP)
	}
	for _, tt := range []struct {
		breaks []uint64
		stops  []uint64 // where four runs, each passing its breakpoint, stop
	}{
		{nil, nil},
		{[]uint64{6}, []uint64{6, 6, 6, 6}},
		{[]uint64{6, 9}, []uint64{6, 9, 6, 9}},
		{[]uint64{9, 6, 9, 4}, []uint64{6, 9, 6, 9}},
		{[]uint64{3}, []uint64{3, 3, 3, 3}},
		{[]uint64{0}, []uint64{0, 0, 0, 0}},
		{[]uint64{1, 10, 11}, nil},
		{[]uint64{0, 3, 6, 9}, []uint64{3, 6, 9, 0}},
		{nil, nil},
	} {
		var at []uint64
		for _, b := range tt.breaks {
			at = append(at, base+b)
		}
		c.SetBreaks(at)
		for i := range 4 {
			c.Pass()
			ran, why := c.Run(400)
			switch {
			case tt.stops == nil && (ran != 400 || why != ExitBudget || c.RIP != base):
				t.Fatalf("breaks at %d: ran %d, exit %d, at %#x", tt.breaks, ran, why, c.RIP)
			case tt.stops != nil && (why != ExitBreak || c.RIP != base+tt.stops[i]):
				t.Fatalf("breaks at %d: run %d ends with exit %d at %#x, want %#x", tt.breaks, i, why, c.RIP, base+tt.stops[i])
			}
		}
		for c.RIP != base {
			c.Pass()
			c.Run(1)
		}
	}
}
