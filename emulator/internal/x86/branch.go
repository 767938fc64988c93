package x86

import "golang.org/x/arch/x86/x86asm"

// Branches (SDM vol. 1, 5.1.7). RIP is already behind the instruction when one runs. Near branches in 64-bit mode have
// 64-bit operands whatever the prefixes: Intel's processors ignore an operand-size prefix on them, AMD's do not.
var (
	_ = family("branch",
		opcode{x86asm.CALL, call},
		opcode{x86asm.RET, ret},
		opcode{x86asm.JMP, jmp},
		opcode{x86asm.JRCXZ, jcxz},
		opcode{x86asm.JECXZ, jcxz},
		opcode{x86asm.LOOP, loop},
		opcode{x86asm.LOOPE, loope},
		opcode{x86asm.LOOPNE, loopne},
	)
	_ = family("conditional branch", conditional(jccs, jcc)...)
)

// branches names the instructions that set RIP themselves and so end a block.
var branches = map[x86asm.Op]bool{
	x86asm.CALL: true, x86asm.RET: true, x86asm.JMP: true, x86asm.JRCXZ: true, x86asm.JECXZ: true,
	x86asm.LOOP: true, x86asm.LOOPE: true, x86asm.LOOPNE: true,
	x86asm.JO: true, x86asm.JNO: true, x86asm.JB: true, x86asm.JAE: true, x86asm.JE: true, x86asm.JNE: true,
	x86asm.JBE: true, x86asm.JA: true, x86asm.JS: true, x86asm.JNS: true, x86asm.JP: true, x86asm.JNP: true,
	x86asm.JL: true, x86asm.JGE: true, x86asm.JLE: true, x86asm.JG: true,
}

// target returns where the branch goes. A non-canonical address is a #GP of the branch, before it did anything.
func (c *CPU) target(to uint64) uint64 {
	if int64(to<<16)>>16 != int64(to) {
		c.raise(TrapGP, 0)
	}
	return to
}

func call(c *CPU, in *Inst) {
	to, sp := c.Get(in, 0), c.R[RSP]-8
	c.Store(sp, 8, in.Next) // stays even if the target is no address
	c.RIP = c.target(to)
	c.R[RSP] = sp
}

// ret pops RIP, and then as many bytes of arguments as the operand says.
func ret(c *CPU, in *Inst) {
	to := c.target(c.Load(c.R[RSP], 8))
	c.R[RSP] += 8 + in.Args[0].Imm&0xffff
	c.RIP = to
}

func jmp(c *CPU, in *Inst) { c.RIP = c.target(c.Get(in, 0)) }

func jcc(cc uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		if c.cond(cc) {
			c.RIP = c.target(in.Args[0].Imm)
		}
	}
}

// The count register is ECX with an address-size prefix, else RCX.

func jcxz(c *CPU, in *Inst) {
	if c.count(in.Args[0].Addr32) == 0 {
		c.RIP = c.target(in.Args[0].Imm)
	}
}

func loop(c *CPU, in *Inst)   { c.loopIf(in, true) }
func loope(c *CPU, in *Inst)  { c.loopIf(in, c.cond(4)) }
func loopne(c *CPU, in *Inst) { c.loopIf(in, c.cond(5)) }

func (c *CPU) loopIf(in *Inst, ok bool) {
	a := &in.Args[0]
	n := c.count(a.Addr32) - 1
	if ok && n != 0 {
		c.RIP = c.target(a.Imm)
	}
	c.setCount(n, a.Addr32)
}

// count returns the count register: ECX if addr32, else RCX.
func (c *CPU) count(addr32 bool) uint64 {
	if addr32 {
		return uint64(uint32(c.R[RCX]))
	}
	return c.R[RCX]
}

func (c *CPU) setCount(n uint64, addr32 bool) {
	if addr32 {
		n = uint64(uint32(n))
	}
	c.R[RCX] = n
}
