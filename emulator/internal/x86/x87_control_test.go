package x86

import "testing"

// TestControlWord loads control words, stores them again, and resets the unit: as the differential test does not.
func TestControlWord(t *testing.T) {
	const code = "\xd9\x2b" + // fldcw [rbx]
		"\xd9\x7b\x08" + // fnstcw [rbx+8]
		"\xdb\xe2" + // fnclex
		"\xdf\xe0" + // fnstsw ax
		"\xdb\xe3" + // fninit
		"\xd9\x7b\x10" + // fnstcw [rbx+16]
		"\x0f\x05"
	for _, tt := range []struct{ load, store uint16 }{
		{0x37f, 0x37f}, {0, 0x40}, {0xffff, 0x1f7f}, {0xc3f, 0xc7f}, {0x27f, 0x27f},
	} {
		c, m := machine(t, code)
		c.R[RBX], c.R[RAX] = testData, ^uint64(0)
		m.Poke([]byte{byte(tt.load), byte(tt.load >> 8)}, testData)
		if _, why := c.Run(100); why != ExitSyscall {
			t.Fatalf("exit %v: %v", why, c.Trap)
		}
		var b [18]byte
		m.Peek(b[:], testData)
		stored, reset := uint16(b[8])|uint16(b[9])<<8, uint16(b[16])|uint16(b[17])<<8
		if stored != tt.store || reset != 0x37f || c.R[RAX] != ^uint64(0xffff) {
			t.Errorf("fldcw %#x: stored %#x, want %#x; after fninit %#x; rax %#x", tt.load, stored, tt.store, reset, c.R[RAX])
		}
	}
}
