package x86

import (
	"encoding/hex"
	"testing"
)

// TestInteger holds instructions whose results are well known or often got wrong to fixed values, on every host. The flags
// are written as letters: c p a z s o.
func TestInteger(t *testing.T) {
	for _, x := range []struct {
		asm, code     string
		rax, rcx, rdx uint64
		flags         string
		rax2, rcx2    uint64
		rdx2          uint64
		flags2        string
	}{
		{"add al, cl", "00c8", 0x1ff, 1, 0, "", 0x100, 1, 0, "cpaz"},
		{"add ah, ch", "00ec", 0x7f00, 0x0100, 0, "", 0x8000, 0x0100, 0, "aso"},
		{"add eax, ecx", "01c8", 1<<40 | 0x7fffffff, 1, 0, "", 0x80000000, 1, 0, "paso"},
		{"adc rax, rcx", "4811c8", ^uint64(0), 0, 0, "c", 0, 0, 0, "cpaz"},
		{"sub ax, cx", "6629c8", 0xffff0000, 1, 0, "", 0xffffffff, 1, 0, "cpas"},
		{"sbb rax, rax", "4819c0", 77, 0, 0, "c", ^uint64(0), 0, 0, "cpas"},
		{"cmp rax, -128", "483d80ffffff", 0x8000000000000000, 0, 0, "", 0x8000000000000000, 0, 0, "cs"},
		{"inc eax keeps CF", "ffc0", 0xffffffff, 0, 0, "c", 0, 0, 0, "cpaz"},
		{"dec al", "fec8", 0x80, 0, 0, "", 0x7f, 0, 0, "ao"},
		{"neg rax", "48f7d8", 0x8000000000000000, 0, 0, "", 0x8000000000000000, 0, 0, "cpso"},
		{"not ax", "66f7d0", 0xff0f, 0, 0, "cz", 0x00f0, 0, 0, "cz"},
		{"and rax, imm32", "4825000000f0", ^uint64(0), 0, 0, "c", 0xfffffffff0000000, 0, 0, "ps"},
		{"xadd eax, eax", "0fc1c0", 21, 0, 0, "", 42, 0, 0, ""},
		{"shl eax, 0", "c1e000", 1<<40 | 5, 0, 0, "czo", 5, 0, 0, "czo"},
		{"shl al, 9", "c0e009", 0xff, 0, 0, "", 0, 0, 0, "pz"},
		{"shl eax, cl = 33", "d3e0", 0xc0000000, 33, 0, "", 0x80000000, 33, 0, "cps"},
		{"shr rax, 1", "48d1e8", 0x8000000000000001, 0, 0, "", 0x4000000000000000, 0, 0, "cpo"},
		{"sar al, 31", "c0f81f", 0x80, 0, 0, "", 0xff, 0, 0, "cps"},
		{"rol al, 8", "c0c008", 0x81, 0, 0, "zs", 0x81, 0, 0, "czs"},
		{"ror rax, 1", "48d1c8", 1, 0, 0, "z", 0x8000000000000000, 0, 0, "czo"},
		{"rcl al, 9", "c0d009", 0x55, 0, 0, "c", 0x55, 0, 0, "c"},
		{"rcr ax, 1", "66d1d8", 1, 0, 0, "c", 0x8000, 0, 0, "co"},
		{"shld eax, edx, 4", "0fa4d004", 0x12345678, 0, 0xabcdef01, "", 0x2345678a, 0, 0xabcdef01, "c"},
		{"shrd rax, rdx, cl = 64", "480fadd0", 3, 64, 9, "co", 3, 64, 9, "co"},
		{"mul cl", "f6e1", 0xff, 0xff, 7, "", 0xfe01, 0xff, 7, "co"},
		{"mul rcx", "48f7e1", 1 << 63, 2, 7, "", 0, 2, 1, "cpo"},
		{"imul ecx", "f7e9", 0xffffffff, 5, 7, "", 0xfffffffb, 5, 0xffffffff, "s"},
		{"imul ax, cx", "660fafc1", 0x4000, 2, 0, "", 0x8000, 2, 0, "cpso"},
		{"imul rax, rcx, -3", "486bc1fd", 0, 7, 0, "", ^uint64(20), 7, 0, "ps"},
		{"div cl", "f6f1", 1000, 7, 0, "", 6<<8 | 142, 7, 0, ""},
		{"div rcx", "48f7f1", 0, 3, 1, "", 0x5555555555555555, 3, 1, ""},
		{"idiv ecx", "f7f9", 0xfffffff9, 2, 0xffffffff, "", 0xfffffffd, 2, 0xffffffff, ""},
		{"bt eax, ecx = 33", "0fa3c8", 2, 33, 0, "z", 2, 33, 0, "cz"},
		{"btc rax, 63", "480fbaf83f", 0, 0, 0, "", 0x8000000000000000, 0, 0, ""},
		{"bsf eax, 0 leaves eax", "0fbcc1", 1<<40 | 7, 0, 0, "", 1<<40 | 7, 0, 0, "pz"},
		{"bsr rax, rcx", "480fbdc1", 0, 0x10000, 0, "", 16, 0x10000, 0, ""},
		{"tzcnt is bsf here", "f30fbcc1", 9, 8, 0, "", 3, 8, 0, "p"},
		{"cmpxchg ecx, edx, equal", "0fb1d1", 1<<40 | 5, 5, 9, "", 1<<40 | 5, 9, 9, "pz"},
		{"cmpxchg ecx, edx, different", "0fb1d1", 4, 1<<40 | 5, 9, "", 5, 1<<40 | 5, 9, "cpas"},
		{"xchg eax, r8d", "4190", 1<<40 | 5, 0, 0, "", 0, 0, 0, ""},
		{"nop with REX", "4890", 5, 0, 0, "", 5, 0, 0, ""},
		{"endbr64", "f30f1efa", 5, 0, 0, "", 5, 0, 0, ""},
		{"bswap eax", "0fc8", 0x11223344, 0, 0, "", 0x44332211, 0, 0, ""},
		{"movsx eax, cl", "0fbec1", 0, 0x80, 0, "", 0xffffff80, 0x80, 0, ""},
		{"movzx ax, cl", "660fb6c1", 0xffffffffffffffff, 0x80, 0, "", 0xffffffffffff0080, 0x80, 0, ""},
		{"movsxd rax, ecx", "4863c1", 0, 0x80000000, 0, "", 0xffffffff80000000, 0x80000000, 0, ""},
		{"lea eax, fs:[rcx + rdx*4 - 8]", "648d4491f8", 0, 1 << 32, 3, "", 4, 1 << 32, 3, ""},
		{"cmove eax, ecx, not equal", "0f44c1", 1<<40 | 5, 9, 0, "", 5, 9, 0, ""},
		{"setg al", "0f9fc0", 0x7700, 0, 0, "so", 0x7701, 0, 0, "so"},
		{"cdqe", "4898", 0x80000000, 0, 0, "", 0xffffffff80000000, 0, 0, ""},
		{"cwd", "6699", 0x8000, 0, 0, "", 0x8000, 0, 0xffff, ""},
		{"lahf", "9f", 0, 0, 0, "cpazs", 0xd700, 0, 0, "cpazs"},
		{"sahf", "9e", 0xd500, 0, 0, "o", 0xd500, 0, 0, "cpazso"},
		{"cmc", "f5", 0, 0, 0, "c", 0, 0, 0, ""},
		{"mov ax, ss", "668cd0", 0x11111, 0, 0, "", 0x1002b, 0, 0, ""},
		{"movabs rax, imm64", "48b8efcdab8967452301", 0, 0, 0, "", 0x0123456789abcdef, 0, 0, ""},
		{"sal, the alias", "d1f0", 3, 0, 0, "", 6, 0, 0, "p"},
	} {
		code, err := hex.DecodeString(x.code)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := machine(t, string(code))
		c.R[RAX], c.R[RCX], c.R[RDX] = x.rax, x.rcx, x.rdx
		c.SetFlags(flagBits(x.flags))
		n, why := c.Run(1)
		if n != 1 || why != ExitBudget || c.RIP != testCode+uint64(len(code)) {
			t.Errorf("%s: retired %d, exit %v at %#x", x.asm, n, why, c.RIP)
			continue
		}
		if c.R[RAX] != x.rax2 || c.R[RCX] != x.rcx2 || c.R[RDX] != x.rdx2 {
			t.Errorf("%s: rax %#x rcx %#x rdx %#x, want %#x %#x %#x", x.asm, c.R[RAX], c.R[RCX], c.R[RDX], x.rax2, x.rcx2, x.rdx2)
		}
		if got := c.Flags() & FlagsArith; got != flagBits(x.flags2) {
			t.Errorf("%s: flags %s, want %s", x.asm, flagNames(got), x.flags2)
		}
	}
}

// flagBits is the inverse of flagNames.
func flagBits(s string) (f uint64) {
	for _, r := range s {
		f |= map[rune]uint64{'c': FlagCF, 'p': FlagPF, 'a': FlagAF, 'z': FlagZF, 's': FlagSF, 'o': FlagOF}[r]
	}
	return f
}
