package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

// Bit tests and scans (SDM vol. 1, 5.1.6).
//
// BT, BTS, BTR and BTC set CF; the SDM leaves OF, SF, AF and PF undefined, and the machine leaves them alone. BSF and BSR
// set ZF, with the rest undefined: PF tells the parity of the bit number, the others are clear, as on Intel's processors.
// CPUID announces neither BMI1 nor LZCNT, so TZCNT and LZCNT are what they are on a
// processor without: BSF and BSR with a prefix that means nothing.
var _ = family("bit",
	opcode{x86asm.BT, bt},
	opcode{x86asm.BTS, bts},
	opcode{x86asm.BTR, btr},
	opcode{x86asm.BTC, btc},
	opcode{x86asm.BSF, bsf},
	opcode{x86asm.BSR, bsr},
	opcode{x86asm.TZCNT, bsf},
	opcode{x86asm.LZCNT, bsr},
)

// bitTest loads the operand with the bit that operand 1 selects, sets it to what change makes of it, and sets CF to what
// it was. change gets the operand and the bit's mask.
//
// With a register as operand 1, memory is a string of bits that reaches from the operand's address to both sides; with an
// immediate the bit number is taken modulo the operand's width.
func (c *CPU) bitTest(in *Inst, change func(v, bit uint64) uint64) {
	a := &in.Args[0]
	width := 8 * uint64(in.Size)
	n := c.Get(in, 1)
	bit := uint64(1) << (n & (width - 1))
	var v uint64
	if a.Kind == Mem {
		addr := c.Addr(a)
		if in.Args[1].Kind == GPR {
			n := int64(signExtend(n, in.Size)) >> (3 + log2(in.Size)) // in operands, rounded down
			addr = c.addrOffset(a, uint64(n)*uint64(in.Size))
		}
		v = c.Load(addr, in.Size)
		if change != nil {
			c.Store(addr, in.Size, change(v, bit))
		}
	} else {
		v = c.Get(in, 0)
		if change != nil {
			c.Set(in, 0, change(v, bit))
		}
	}
	var cf uint64
	if v&bit != 0 {
		cf = FlagCF
	}
	c.setStatus(FlagCF, cf)
}

// addrOffset returns the linear address of memory operand a moved by offset bytes.
func (c *CPU) addrOffset(a *Arg, offset uint64) uint64 {
	b := *a
	b.Imm += offset
	return c.Addr(&b)
}

func bt(c *CPU, in *Inst)  { c.bitTest(in, nil) }
func bts(c *CPU, in *Inst) { c.bitTest(in, func(v, bit uint64) uint64 { return v | bit }) }
func btr(c *CPU, in *Inst) { c.bitTest(in, func(v, bit uint64) uint64 { return v &^ bit }) }
func btc(c *CPU, in *Inst) { c.bitTest(in, func(v, bit uint64) uint64 { return v ^ bit }) }

// bsf leaves the destination alone when there is no bit to find, as all processors do although the SDM calls it undefined.
func bsf(c *CPU, in *Inst) {
	c.bitScan(in, func(v uint64) uint64 { return uint64(bits.TrailingZeros64(v)) })
}

func bsr(c *CPU, in *Inst) {
	c.bitScan(in, func(v uint64) uint64 { return 63 - uint64(bits.LeadingZeros64(v)) })
}

func (c *CPU) bitScan(in *Inst, find func(v uint64) uint64) {
	v := c.Get(in, 1)
	if v == 0 {
		c.setStatus(FlagsArith, FlagZF|FlagPF)
		return
	}
	r := find(v)
	c.Set(in, 0, r)
	c.setStatus(FlagsArith, parity(r))
}
