package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse float compare",
	opcode{x86asm.UCOMISD, orderScalar(8, (*CPU).ucomiF64)},
	opcode{x86asm.COMISD, orderScalar(8, (*CPU).comiF64)},
	opcode{x86asm.UCOMISS, orderScalar(4, func(c *CPU, a, b uint64) { c.ucomiF32(uint32(a), uint32(b)) })},
	opcode{x86asm.COMISS, orderScalar(4, func(c *CPU, a, b uint64) { c.comiF32(uint32(a), uint32(b)) })},
	opcode{x86asm.CMPPS, cmpPacked(&single)}, opcode{x86asm.CMPPD, cmpPacked(&double)},
	opcode{x86asm.CMPSS, cmpScalar(&single)}, opcode{x86asm.CMPSD_XMM, cmpScalar(&double)},
)

func orderScalar(size uint8, f func(c *CPU, a, b uint64)) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) { f(c, c.low(in, 0, size), c.low(in, 1, size)) }
}

// holds evaluates predicate imm[2:0] of CMPxx (SDM vol. 2, table 3-1): equal, less, less or equal, unordered, and then
// their opposites. All but equal and unordered count a quiet NaN as invalid.
func (f *format) holds(imm uint8, a, b uint64, mx uint32) (bool, uint32) {
	o, flags := f.compare(a, b, imm&3 == 1 || imm&3 == 2, mx)
	var r bool
	switch imm & 3 {
	case 0:
		r = o == ordEqual
	case 1:
		r = o == ordLess
	case 2:
		r = o == ordLess || o == ordEqual
	case 3:
		r = o == ordUnordered
	}
	return r != (imm&4 != 0), flags
}

func cmpPacked(f *format) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		d := c.dst(in)
		imm := imm8(in, 2)
		*d = c.eachLane(f, func(f *format, a, b XMM, i uint, mx uint32) (uint64, uint32) {
			r, flags := f.holds(imm, a.lane(f.width(), i), b.lane(f.width(), i), mx)
			if r {
				return ^uint64(0), flags
			}
			return 0, flags
		}, *d, b)
	}
}

func cmpScalar(f *format) func(*CPU, *Inst) {
	size := uint8(f.width() / 8)
	return func(c *CPU, in *Inst) {
		r, flags := f.holds(imm8(in, 2), c.low(in, 0, size), c.low(in, 1, size), c.MXCSR)
		c.signal(flags)
		var v uint64
		if r {
			v = ^uint64(0)
		}
		c.dst(in).setLane(f.width(), 0, v)
	}
}
