package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse logic",
	opcode{x86asm.PAND, binaryX(andX)}, opcode{x86asm.ANDPS, binaryX(andX)}, opcode{x86asm.ANDPD, binaryX(andX)},
	opcode{x86asm.PANDN, binaryX(andNotX)}, opcode{x86asm.ANDNPS, binaryX(andNotX)}, opcode{x86asm.ANDNPD, binaryX(andNotX)},
	opcode{x86asm.POR, binaryX(orX)}, opcode{x86asm.ORPS, binaryX(orX)}, opcode{x86asm.ORPD, binaryX(orX)},
	opcode{x86asm.PXOR, binaryX(xorX)}, opcode{x86asm.XORPS, binaryX(xorX)}, opcode{x86asm.XORPD, binaryX(xorX)},
	opcode{x86asm.PTEST, ptest},
)

func andX(a, b XMM) XMM    { return XMM{a[0] & b[0], a[1] & b[1]} }
func andNotX(a, b XMM) XMM { return XMM{^a[0] & b[0], ^a[1] & b[1]} }
func orX(a, b XMM) XMM     { return XMM{a[0] | b[0], a[1] | b[1]} }
func xorX(a, b XMM) XMM    { return XMM{a[0] ^ b[0], a[1] ^ b[1]} }

// ptest sets ZF if no bit of the source is set in the destination, CF if all are, and clears the other status flags.
func ptest(c *CPU, in *Inst) {
	b := c.GetX(in, 1, true)
	a := *c.dst(in)
	var f uint64
	if andX(a, b) == (XMM{}) {
		f = FlagZF
	}
	if andNotX(a, b) == (XMM{}) {
		f |= FlagCF
	}
	c.setStatus(FlagsArith, f)
}
