package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse shift",
	opcode{x86asm.PSLLW, shiftX(16, shiftLeft)}, opcode{x86asm.PSLLD, shiftX(32, shiftLeft)}, opcode{x86asm.PSLLQ, shiftX(64, shiftLeft)},
	opcode{x86asm.PSRLW, shiftX(16, shiftRight)}, opcode{x86asm.PSRLD, shiftX(32, shiftRight)}, opcode{x86asm.PSRLQ, shiftX(64, shiftRight)},
	opcode{x86asm.PSRAW, shiftX(16, shiftArithmetic)}, opcode{x86asm.PSRAD, shiftX(32, shiftArithmetic)},
	opcode{x86asm.PSLLDQ, pslldq}, opcode{x86asm.PSRLDQ, psrldq},
)

// A laneShift shifts v, a lane of width bits zero-extended, by n, which may be more than the width.
type laneShift func(v uint64, n uint64, width uint) uint64

// shiftX shifts all lanes by the same count: an immediate, or the low 64 bits of the source, all of which count.
func shiftX(width uint, f laneShift) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		var n uint64
		if in.Args[1].Kind == Imm {
			n = uint64(imm8(in, 1))
		} else {
			n = c.GetX(in, 1, true)[0]
		}
		d := c.dst(in)
		mask := ^uint64(0) >> (64 - width)
		for h, v := range *d {
			var r uint64
			for s := uint(0); s < 64; s += width {
				r |= f(v>>s&mask, n, width) & mask << s
			}
			d[h] = r
		}
	}
}

func shiftLeft(v, n uint64, width uint) uint64  { return v << n }
func shiftRight(v, n uint64, width uint) uint64 { return v >> n }

func shiftArithmetic(v, n uint64, width uint) uint64 {
	return uint64(int64(v<<(64-width)) >> (64 - width) >> n)
}

func pslldq(c *CPU, in *Inst) {
	d := c.dst(in)
	*d = shiftBytes(XMM{}, *d, 16-min(16, uint(imm8(in, 1))))
}

func psrldq(c *CPU, in *Inst) {
	d := c.dst(in)
	*d = shiftBytes(*d, XMM{}, min(16, uint(imm8(in, 1))))
}

// shiftBytes returns 16 bytes from byte n on (0 to 32) of the 32 that lo and hi are together; zeros follow them.
func shiftBytes(lo, hi XMM, n uint) XMM {
	words := [6]uint64{lo[0], lo[1], hi[0], hi[1]}
	if n >= 32 {
		return XMM{}
	}
	w, s := n/8, n%8*8
	at := func(i uint) uint64 { return words[i]>>s | words[i+1]<<(64-s) }
	return XMM{at(w), at(w + 1)}
}
