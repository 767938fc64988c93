package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse convert",
	opcode{x86asm.CVTSI2SD, cvtsi2sd}, opcode{x86asm.CVTSI2SS, cvtsi2ss},
	opcode{x86asm.CVTTSD2SI, cvttsd2si}, opcode{x86asm.CVTSD2SI, toGPR(&double, false)},
	opcode{x86asm.CVTTSS2SI, toGPR(&single, true)}, opcode{x86asm.CVTSS2SI, toGPR(&single, false)},
	opcode{x86asm.CVTSS2SD, cvtss2sd}, opcode{x86asm.CVTSD2SS, cvtsd2ss},

	opcode{x86asm.CVTPS2PD, convertPacked(8, 32, 64, func(v uint64, mx uint32) (uint64, uint32) { return single.toFormat(&double, v, mx) })},
	opcode{x86asm.CVTPD2PS, convertPacked(16, 64, 32, func(v uint64, mx uint32) (uint64, uint32) { return double.toFormat(&single, v, mx) })},
	opcode{x86asm.CVTDQ2PS, convertPacked(16, 32, 32, func(v uint64, mx uint32) (uint64, uint32) { return single.fromInt(int64(int32(v)), mx) })},
	opcode{x86asm.CVTDQ2PD, convertPacked(8, 32, 64, func(v uint64, mx uint32) (uint64, uint32) { return double.fromInt(int64(int32(v)), mx) })},
	opcode{x86asm.CVTPS2DQ, convertPacked(16, 32, 32, func(v uint64, mx uint32) (uint64, uint32) { return single.toInt(v, 32, rounding(mx), mx) })},
	opcode{x86asm.CVTTPS2DQ, convertPacked(16, 32, 32, func(v uint64, mx uint32) (uint64, uint32) { return single.toInt(v, 32, roundZero, mx) })},
	opcode{x86asm.CVTPD2DQ, convertPacked(16, 64, 32, func(v uint64, mx uint32) (uint64, uint32) { return double.toInt(v, 32, rounding(mx), mx) })},
	opcode{x86asm.CVTTPD2DQ, convertPacked(16, 64, 32, func(v uint64, mx uint32) (uint64, uint32) { return double.toInt(v, 32, roundZero, mx) })},

	opcode{x86asm.ROUNDSD, roundScalar(&double)}, opcode{x86asm.ROUNDSS, roundScalar(&single)},
	opcode{x86asm.ROUNDPD, roundPacked(&double)}, opcode{x86asm.ROUNDPS, roundPacked(&single)},
)

func cvtsi2sd(c *CPU, in *Inst) {
	v := c.Get(in, 1)
	if in.Wide {
		v = c.cvtI64toF64(v)
	} else {
		v = c.cvtI32toF64(v)
	}
	c.dst(in)[0] = v
}

func cvtsi2ss(c *CPU, in *Inst) {
	v := int64(c.Get(in, 1))
	if !in.Wide {
		v = int64(int32(v))
	}
	r, flags := single.fromInt(v, c.MXCSR)
	c.signal(flags)
	c.dst(in).setLane(32, 0, r)
}

func cvttsd2si(c *CPU, in *Inst) {
	v := c.low(in, 1, 8)
	if in.Wide {
		v = c.cvttF64toI64(v)
	} else {
		v = c.cvttF64toI32(v)
	}
	c.R[in.Args[0].Reg&15] = v
}

// toGPR converts to a general register of 32 or 64 bits, towards zero if truncate, else as MXCSR says.
func toGPR(f *format, truncate bool) func(*CPU, *Inst) {
	size := uint8(f.width() / 8)
	return func(c *CPU, in *Inst) {
		rc := rounding(c.MXCSR)
		if truncate {
			rc = roundZero
		}
		width := uint(32)
		if in.Wide {
			width = 64
		}
		c.R[in.Args[0].Reg&15] = c.slowToInt(f, c.low(in, 1, size), width, rc)
	}
}

func cvtss2sd(c *CPU, in *Inst) {
	v := c.cvtF32toF64(uint32(c.low(in, 1, 4)))
	c.dst(in)[0] = v
}

func cvtsd2ss(c *CPU, in *Inst) {
	v := c.cvtF64toF32(c.low(in, 1, 8))
	c.dst(in).setLane(32, 0, uint64(v))
}

// convertPacked converts as many lanes as fit both sides from width from to width to; the rest of the destination is
// cleared. size is how many bytes of memory are read: forms that need only 8 take them unaligned.
func convertPacked(size uint8, from, to uint, f func(v uint64, mx uint32) (uint64, uint32)) func(*CPU, *Inst) {
	n := 128 / max(from, to)
	return func(c *CPU, in *Inst) {
		var src XMM
		if size == 16 {
			src = c.GetX(in, 1, true)
		} else {
			src[0] = c.low(in, 1, size)
		}
		var r XMM
		var flags uint32
		for i := range n {
			v, fl := f(src.lane(from, i), c.MXCSR)
			r.setLane(to, i, v)
			flags |= fl
		}
		c.signal(flags)
		*c.dst(in) = r
	}
}

// roundLane is ROUNDxx: imm[1:0] is the rounding mode unless imm[2] asks for that of MXCSR; imm[3] keeps the inexact flag
// from being set (SDM vol. 2, figure 4-24).
func roundLane(f *format, v uint64, imm uint8, mx uint32) (uint64, uint32) {
	rc := uint32(imm & 3)
	if imm&4 != 0 {
		rc = rounding(mx)
	}
	r, flags := f.toIntegral(v, rc, mx)
	if imm&8 != 0 {
		flags &^= mxPE
	}
	return r, flags
}

func roundScalar(f *format) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		v, flags := roundLane(f, c.low(in, 1, uint8(f.width()/8)), imm8(in, 2), c.MXCSR)
		c.signal(flags)
		c.dst(in).setLane(f.width(), 0, v)
	}
}

func roundPacked(f *format) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		imm := imm8(in, 2)
		*c.dst(in) = c.eachLane(f, func(f *format, _, b XMM, i uint, mx uint32) (uint64, uint32) {
			return roundLane(f, b.lane(f.width(), i), imm, mx)
		}, b, b)
	}
}
