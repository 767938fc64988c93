package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("pclmulqdq", opcode{x86asm.PCLMULQDQ, immX(pclmulqdq)})

// pclmulqdq multiplies without carries the half of a that imm[0] names by the half of b that imm[4] names.
func pclmulqdq(a, b XMM, imm uint8) (r XMM) {
	x, y := a[imm&1], b[imm>>4&1]
	// Four bits of y at a time: multiples[i] is x times i, its upper bits in the second half.
	var multiples [16]XMM
	multiples[1] = XMM{x}
	for i := 2; i < 16; i += 2 {
		m := multiples[i/2]
		m = XMM{m[0] << 1, m[1]<<1 | m[0]>>63}
		multiples[i] = m
		multiples[i+1] = XMM{m[0] ^ x, m[1]}
	}
	for s := 60; s >= 0; s -= 4 {
		m := &multiples[y>>s&15]
		r = XMM{r[0]<<4 ^ m[0], r[1]<<4 ^ r[0]>>60 ^ m[1]}
	}
	return r
}
