package x86

import (
	"bytes"
	"testing"
)

// operandLength returns how many bytes ModRM and what belongs to it take, for the ModRM given and zeroes behind it (SDM vol. 2,
// tables 2-2 and 2-3).
func operandLength(modrm byte) int {
	mod, rm := modrm>>6, modrm&7
	n := 1
	if mod != 3 && rm == 4 {
		n++ // SIB, which is 0: base RAX
	}
	switch {
	case mod == 0 && rm == 5, mod == 2:
		n += 4
	case mod == 1:
		n++
	}
	return n
}

// TestHintsDoNothing: 0F 0D and 0F 18 to 0F 1F, with any ModRM and any prefix but LOCK, are NOPs that touch no memory, unless the
// processor has the feature, and ours has none of them.
func TestHintsDoNothing(t *testing.T) {
	prefixes := [][]byte{{}, {0x66}, {0xf2}, {0xf3}, {0x2e}, {0x64}, {0x67}, {0x66, 0xf3}, {0x3e, 0xf2}}
	rexes := [][]byte{{}}
	for r := byte(0x40); r < 0x50; r++ {
		rexes = append(rexes, []byte{r})
	}
	for _, op := range []byte{0x0d, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f} {
		c, mem := machine(t, "")
		for r := range 16 {
			c.R[r] = 0xdead_0000_0000 // nothing is there
		}
		before := c.Context
		for _, prefix := range prefixes {
			for _, rex := range rexes {
				var all []byte // 16 bytes for each ModRM
				for modrm := range 256 {
					code := append(append(append([]byte{}, prefix...), rex...), 0x0f, op, byte(modrm))
					code = append(code, make([]byte, operandLength(byte(modrm))-1)...)
					all = append(append(all, code...), bytes.Repeat([]byte{0xc3}, 16-len(code))...) // RET ends the block
				}
				mem.Poke(all, testCode)
				for modrm := range 256 {
					c.Context = before
					c.RIP = testCode + uint64(16*modrm)
					n := uint64(len(prefix) + len(rex) + 2 + operandLength(byte(modrm)))
					want := c.Context
					want.RIP += n
					if ran, why := c.Run(1); ran != 1 || why != ExitBudget || c.Context != want {
						t.Fatalf("% x: retired %d, exit %d, trap %v, at %+d, want %d", all[16*modrm:][:n], ran, why, c.Trap.Vector, c.RIP-want.RIP+n, n)
					}
				}
			}
		}
	}
}

// TestHintsOfReal are hints as compilers and libraries write them.
func TestHintsOfReal(t *testing.T) {
	for _, code := range []string{
		"\xf3\x0f\x1e\xfa",         // ENDBR64
		"\xf3\x48\x0f\x1e\xc8",     // RDSSPQ rax: leaves rax alone
		"\xf3\x49\x0f\x1e\xcc",     // RDSSPQ r12
		"\x48\x0f\x1f\x04\x24",     // NOP qword [rsp]
		"\x48\x0f\x19\x44\x00\x00", // reserved
	} {
		c, _ := machine(t, code)
		before := c.Context
		ran, why := c.Run(1)
		before.RIP += uint64(len(code))
		if ran != 1 || why != ExitBudget || c.Context != before {
			t.Errorf("% x: retired %d, exit %d, %v at %#x", code, ran, why, c.Trap.Vector, c.RIP)
		}
	}
	c, _ := machine(t, "\xf0\x48\x0f\x1f\xc0") // LOCK
	if ran, why := c.Run(1); ran != 0 || why != ExitTrap || c.Trap.Vector != TrapUD || string(c.Trap.Bytes) != "\xf0\x48\x0f\x1f\xc0" {
		t.Errorf("LOCK NOP: retired %d, exit %d, %v, bytes % x", ran, why, c.Trap.Vector, c.Trap.Bytes)
	}
}
