package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

// Data transfer (SDM vol. 1, 5.1.1). No flags change.
var _ = family("move",
	opcode{x86asm.MOV, mov},
	opcode{x86asm.MOVZX, movzx},
	opcode{x86asm.MOVSX, movsx},
	opcode{x86asm.MOVSXD, movsx},
	opcode{x86asm.LEA, lea},
	opcode{x86asm.XCHG, xchg},
	opcode{x86asm.BSWAP, bswap},
	opcode{x86asm.MOVBE, movbe},
	opcode{x86asm.XLATB, xlat},
)

func mov(c *CPU, in *Inst) {
	dst, src := &in.Args[0], &in.Args[1]
	switch {
	case dst.Kind == Sreg:
		c.loadSelector(dst.Reg, uint16(c.Get(in, 1)))
	case dst.Kind == Other:
		c.controlRegister(dst.Reg)
	case src.Kind == Other:
		c.controlRegister(src.Reg)
	default:
		c.Set(in, 0, c.Get(in, 1))
	}
}

func movzx(c *CPU, in *Inst) { c.Set(in, 0, c.Get(in, 1)) }

func movsx(c *CPU, in *Inst) { c.Set(in, 0, signExtend(c.Get(in, 1), in.Args[1].Size)) }

// lea computes an address without the segment base and accesses nothing.
func lea(c *CPU, in *Inst) {
	a := in.Args[1]
	a.Seg = Zero
	c.Set(in, 0, c.Addr(&a))
}

func xchg(c *CPU, in *Inst) {
	a, b := c.Get(in, 0), c.Get(in, 1)
	c.Set(in, 0, b)
	c.Set(in, 1, a)
}

// bswap clears a 16-bit register: undefined by the SDM, but all processors do it.
func bswap(c *CPU, in *Inst) {
	v := c.Get(in, 0)
	if in.Size == 2 {
		c.Set(in, 0, 0)
		return
	}
	c.Set(in, 0, reverse(v, in.Size))
}

func movbe(c *CPU, in *Inst) { c.Set(in, 0, reverse(c.Get(in, 1), in.Size)) }

// reverse returns the low size bytes of v in the opposite order.
func reverse(v uint64, size uint8) uint64 { return bits.ReverseBytes64(v) >> shiftOf(size) }

// xlat loads AL from the table at RBX; AL is the index.
func xlat(c *CPU, in *Inst) {
	v := c.Load(c.addrOffset(&in.Args[0], c.R[RAX]&0xff), 1)
	c.SetReg(RAX, 1, v)
}
