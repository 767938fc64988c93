package x86

import "golang.org/x/arch/x86/x86asm"

// Compare and exchange (SDM vol. 2). Only one guest thread runs at a time, so every instruction is atomic and LOCK changes
// nothing.
var _ = family("compare and exchange",
	opcode{x86asm.CMPXCHG, cmpxchg},
	opcode{x86asm.CMPXCHG8B, cmpxchg8b},
	opcode{x86asm.CMPXCHG16B, cmpxchg16b},
)

// cmpxchg writes memory even if the comparison fails, with what it held.
func cmpxchg(c *CPU, in *Inst) {
	acc, dst := c.R[RAX]&sizeMask(in.Size), c.Get(in, 0)
	if acc == dst {
		c.Set(in, 0, c.Get(in, 1))
	} else {
		if in.Args[0].Kind == Mem {
			c.Set(in, 0, dst)
		}
		c.SetReg(RAX, in.Size, dst)
	}
	c.setSub(in.Size, acc, dst)
}

// cmpxchg8b changes of the flags only ZF.
func cmpxchg8b(c *CPU, in *Inst) {
	addr := c.Addr(&in.Args[0])
	v := c.Load(addr, 8)
	if v == c.R[RDX]<<32|c.R[RAX]&0xffffffff {
		c.Store(addr, 8, c.R[RCX]<<32|c.R[RBX]&0xffffffff)
		c.setStatus(FlagZF, FlagZF)
		return
	}
	c.Store(addr, 8, v)
	c.SetReg(RAX, 4, v)
	c.SetReg(RDX, 4, v>>32)
	c.setStatus(FlagZF, 0)
}

func cmpxchg16b(c *CPU, in *Inst) {
	addr := c.Addr(&in.Args[0])
	if addr&15 != 0 {
		c.raise(TrapGP, 0)
	}
	v := c.Load128(addr)
	if v == (XMM{c.R[RAX], c.R[RDX]}) {
		c.Store128(addr, XMM{c.R[RBX], c.R[RCX]})
		c.setStatus(FlagZF, FlagZF)
		return
	}
	c.Store128(addr, v)
	c.R[RAX], c.R[RDX] = v[0], v[1]
	c.setStatus(FlagZF, 0)
}
