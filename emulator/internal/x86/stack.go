package x86

import "golang.org/x/arch/x86/x86asm"

// The stack (SDM vol. 1, 6.2). Operands are 8 bytes, or 2 with an operand-size prefix.
var _ = family("stack",
	opcode{x86asm.PUSH, push},
	opcode{x86asm.POP, pop},
	opcode{x86asm.PUSHF, pushf},
	opcode{x86asm.PUSHFQ, pushf},
	opcode{x86asm.POPF, popf},
	opcode{x86asm.POPFQ, popf},
	opcode{x86asm.ENTER, enter},
	opcode{x86asm.LEAVE, leave},
)

// stackSize returns the size in bytes of what in pushes or pops: there are no 4-byte pushes in 64-bit mode.
func stackSize(in *Inst) uint8 {
	if in.Size == 2 {
		return 2
	}
	return 8
}

// push stores the low size bytes of v on the stack.
func (c *CPU) push(size uint8, v uint64) {
	sp := c.R[RSP] - uint64(size)
	c.Store(sp, size, v)
	c.R[RSP] = sp
}

func push(c *CPU, in *Inst) { c.push(stackSize(in), c.Get(in, 0)) }

// pop to memory addresses it with the stack pointer already moved; pop to RSP leaves there what was popped.
func pop(c *CPU, in *Inst) {
	size := stackSize(in)
	old := c.R[RSP]
	v := c.Load(old, size)
	a := &in.Args[0]
	switch a.Kind {
	case Mem:
		c.R[RSP] = old + uint64(size)
		addr := c.Addr(a)
		c.R[RSP] = old // in case the store faults
		c.Store(addr, size, v)
		c.R[RSP] = old + uint64(size)
	case Sreg:
		c.loadSelector(a.Reg, uint16(v))
		c.R[RSP] = old + uint64(size)
	default:
		c.R[RSP] = old + uint64(size)
		c.Set(in, 0, v)
	}
}

func pushf(c *CPU, in *Inst) { c.push(stackSize(in), c.Flags()) }

// popf changes of the upper flags only what user mode may: IF and IOPL stay.
func popf(c *CPU, in *Inst) {
	size := stackSize(in)
	f := c.Load(c.R[RSP], size)
	if size == 2 {
		f |= c.Flags() &^ 0xffff
	}
	c.R[RSP] += uint64(size)
	c.SetFlags(f)
}

// enter makes a stack frame: operand 0 is the space for locals in bytes, operand 1 the nesting level, for languages with
// nested functions, whose frame pointers are copied.
func enter(c *CPU, in *Inst) {
	size := uint64(stackSize(in))
	space, level := c.Get(in, 0)&0xffff, c.Get(in, 1)&31
	sp, bp := c.R[RSP]-size, c.R[RBP]
	frame := sp
	c.Store(sp, uint8(size), bp)
	if level > 0 {
		for range level - 1 {
			bp -= size
			sp -= size
			c.Store(sp, uint8(size), c.Load(bp, uint8(size)))
		}
		sp -= size
		c.Store(sp, uint8(size), frame)
	}
	c.Probe(sp-space, 1) // the SDM demands that the new stack pointer can be written through
	c.R[RSP] = sp - space
	if size == 2 {
		c.SetReg(RBP, 2, frame)
	} else {
		c.R[RBP] = frame
	}
}

func leave(c *CPU, in *Inst) {
	size := stackSize(in)
	bp := c.R[RBP]
	v := c.Load(bp, size)
	c.R[RSP] = bp + uint64(size)
	c.SetReg(RBP, size, v)
}
