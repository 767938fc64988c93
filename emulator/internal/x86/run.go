package x86

import (
	"math"
	"math/bits"
)

// Run executes at most budget instructions of the thread whose context the CPU holds. It returns how many were retired,
// and why it stopped.
func (c *CPU) Run(budget uint64) (ran uint64, why Exit) {
	c.budget = int64(min(budget, math.MaxInt64))
	why, left := c.loop(c.budget)
	c.cur = nil
	return uint64(c.budget - left), why
}

// retired returns the number of instructions that this Run retired before the current one.
func (c *CPU) retired() uint64 { return uint64(c.budget-c.entered) + uint64(c.cur.N) - 1 }

// recovered turns what an instruction panicked with into the reason for leaving the loop and the number of instructions
// left, and puts RIP where it belongs. The instruction at cur is not retired.
func (c *CPU) recovered(e any) (why Exit, left int64) {
	why = ExitTrap
	switch e.(type) {
	case trapped:
	case watched:
		why = ExitWatch
	case sliced:
		why = ExitSlice
	default:
		panic(e)
	}
	left = c.entered - int64(c.cur.N) + 1
	if v := c.Trap.Vector; why == ExitTrap && (v == TrapBP || v == TrapOF || v == TrapDB) {
		left-- // INT3, INT 4 and ICEBP are traps: they retire, and RIP is behind them
		c.RIP = c.cur.In.Next
	} else {
		c.RIP = c.cur.PC
	}
	return why, left
}

// ea returns the address that op's memory operand names.
func (c *CPU) ea(op *Op) uint64 {
	return c.R[op.Base&31] + c.R[op.Index&31]<<(op.Shift&3) + op.Disp
}

// general executes op as any instruction without a case of its own is executed. The loop's cases for memory operands fall
// back on it when the fast path of the access fails.
func (c *CPU) general(op *Op) {
	c.cur = op
	op.In.run(c, op.In)
}

// loop is the interpreter: one dense switch. left is how many instructions may still be retired; it is brought up to date
// when a block is left, by the instruction's own number within the block.
func (c *CPU) loop(left int64) (why Exit, rest int64) {
	defer func() {
		if e := recover(); e != nil {
			why, rest = c.recovered(e)
		}
	}()
	var (
		op, br *Op // br is the branch that leaves the block
		to     uint64
		x, y   uint64 // what a fused comparison compares, shifted up as in lazyFlags
		how    uint32
	)
	b := c.block(c.RIP)
enter:
	if b.N > left {
		b = c.cut(b, left)
	}
	c.entered = left
	op = &b.Ops[0]
again:
	for {
		switch op.Code {
		case opGeneric:
			c.cur = op
			op.In.run(c, op.In)
			if c.leave {
				c.leave = false
				c.RIP = op.In.Next
				return c.reason, left - int64(op.N)
			}
		case opBranch:
			c.cur = op
			c.RIP = op.In.Next
			op.In.run(c, op.In)
			if c.leave {
				c.leave = false
				return c.reason, left - int64(op.N)
			}
			left -= int64(op.N)
			to = c.RIP
			goto dynamic
		case opNext:
			br = op
			goto jump
		case opStop:
			c.RIP = op.PC
			return ExitBudget, left - int64(op.N)
		case opBreak:
			if c.passing != op.PC {
				c.RIP = op.PC
				return ExitBreak, left
			}
			c.passing = noBreak
		case opStale:
			left -= int64(op.CC)
			to = op.PC
			goto dynamic
		case opTrap:
			c.cur = op
			op.In.run(c, op.In)
		case opNop:

		case opMov64:
			c.R[op.Dst&31] = c.R[op.Src&31] + op.Imm
		case opMov32:
			c.R[op.Dst&31] = uint64(uint32(c.R[op.Src&31] + op.Imm))
		case opMov64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = uint64(*p)
		case opMov32L:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = uint64(*p)
		case opMov64S:
			p := c.w64(c.ea(op))
			if p == nil {
				goto general
			}
			*p = c.R[op.Src&31] + op.Imm
		case opMov32S:
			p := c.w32(c.ea(op))
			if p == nil {
				goto general
			}
			*p = uint32(c.R[op.Src&31] + op.Imm)
		case opMov16S:
			p := c.w16(c.ea(op))
			if p == nil {
				goto general
			}
			*p = uint16(c.R[op.Src&31] + op.Imm)
		case opMov8S:
			p := c.w8(c.ea(op))
			if p == nil {
				goto general
			}
			*p = uint8(c.R[op.Src&31] + op.Imm)
		case opMovzx8:
			c.R[op.Dst&31] = uint64(uint8(c.R[op.Src&31]))
		case opMovzx16:
			c.R[op.Dst&31] = uint64(uint16(c.R[op.Src&31]))
		case opMovzx8L:
			p := c.r8(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = uint64(*p)
		case opMovzx16L:
			p := c.r16(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = uint64(*p)
		case opMovsx8L64:
			p := c.r8(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = uint64(int64(int8(uint64(*p))))
		case opMovsx16L64:
			p := c.r16(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = uint64(int64(int16(uint64(*p))))
		case opMovsxd:
			c.R[op.Dst&31] = uint64(int64(int32(c.R[op.Src&31])))
		case opMovsxdL:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = uint64(int64(int32(uint64(*p))))
		case opLea64:
			c.R[op.Dst&31] = c.ea(op)
		case opLea32:
			c.R[op.Dst&31] = uint64(uint32(c.ea(op)))

		case opAdd64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			c.R[op.Dst&31] = a + v
			c.lazy = lazyFlags{howAdd | 0<<8, a, v}
		case opAdd32:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			c.R[op.Dst&31] = uint64(uint32(a + v))
			c.lazy = lazyFlags{howAdd | 32<<8, a << 32, v << 32}
		case opAdd64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			c.R[op.Dst&31] = a + v
			c.lazy = lazyFlags{howAdd | 0<<8, a, v}
		case opAdd32L:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			c.R[op.Dst&31] = uint64(uint32(a + v))
			c.lazy = lazyFlags{howAdd | 32<<8, a << 32, v << 32}
		case opAdd64S:
			p := c.w64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			*p = a + v
			c.lazy = lazyFlags{howAdd | 0<<8, a, v}
		case opAdd32S:
			p := c.w32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			*p = uint32(a + v)
			c.lazy = lazyFlags{howAdd | 32<<8, a << 32, v << 32}
		case opSub64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			c.R[op.Dst&31] = a - v
			c.lazy = lazyFlags{howSub | 0<<8, a, v}
		case opSub32:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			c.R[op.Dst&31] = uint64(uint32(a - v))
			c.lazy = lazyFlags{howSub | 32<<8, a << 32, v << 32}
		case opSub64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			c.R[op.Dst&31] = a - v
			c.lazy = lazyFlags{howSub | 0<<8, a, v}
		case opSub32L:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			c.R[op.Dst&31] = uint64(uint32(a - v))
			c.lazy = lazyFlags{howSub | 32<<8, a << 32, v << 32}
		case opSub64S:
			p := c.w64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			*p = a - v
			c.lazy = lazyFlags{howSub | 0<<8, a, v}
		case opSub32S:
			p := c.w32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			*p = uint32(a - v)
			c.lazy = lazyFlags{howSub | 32<<8, a << 32, v << 32}
		case opAnd64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r := a & v
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opAnd32:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r := a & v
			c.R[op.Dst&31] = uint64(uint32(r))
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opAnd64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			r := a & v
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opAnd32L:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			r := a & v
			c.R[op.Dst&31] = uint64(uint32(r))
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opAnd64S:
			p := c.w64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			r := a & v
			*p = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opAnd32S:
			p := c.w32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			r := a & v
			*p = uint32(r)
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opOr64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r := a | v
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opOr32:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r := a | v
			c.R[op.Dst&31] = uint64(uint32(r))
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opOr64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			r := a | v
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opOr32L:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			r := a | v
			c.R[op.Dst&31] = uint64(uint32(r))
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opOr64S:
			p := c.w64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			r := a | v
			*p = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opOr32S:
			p := c.w32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			r := a | v
			*p = uint32(r)
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opXor64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r := a ^ v
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opXor32:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r := a ^ v
			c.R[op.Dst&31] = uint64(uint32(r))
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opXor64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			r := a ^ v
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opXor32L:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			r := a ^ v
			c.R[op.Dst&31] = uint64(uint32(r))
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opXor64S:
			p := c.w64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			r := a ^ v
			*p = r
			c.lazy = lazyFlags{howSub | 0<<8, r, 0}
		case opXor32S:
			p := c.w32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			r := a ^ v
			*p = uint32(r)
			c.lazy = lazyFlags{howSub | 32<<8, r << 32, 0}
		case opCmp64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			c.lazy = lazyFlags{howSub | 0<<8, a, v}
		case opCmp32:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			c.lazy = lazyFlags{howSub | 32<<8, a << 32, v << 32}
		case opCmp64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			c.lazy = lazyFlags{howSub | 0<<8, a, v}
		case opCmp32L:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := c.R[op.Dst&31], uint64(*p)
			c.lazy = lazyFlags{howSub | 32<<8, a << 32, v << 32}
		case opCmp64S:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			c.lazy = lazyFlags{howSub | 0<<8, a, v}
		case opCmp32S:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			a, v := uint64(*p), c.R[op.Src&31]+op.Imm
			c.lazy = lazyFlags{howSub | 32<<8, a << 32, v << 32}
		case opTest64:
			c.lazy = lazyFlags{howSub | 0<<8, (c.R[op.Dst&31] & (c.R[op.Src&31] + op.Imm)), 0}
		case opTest32:
			c.lazy = lazyFlags{howSub | 32<<8, (c.R[op.Dst&31] & (c.R[op.Src&31] + op.Imm)) << 32, 0}
		case opTest64S:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.lazy = lazyFlags{howSub | 0<<8, (uint64(*p) & (c.R[op.Src&31] + op.Imm)), 0}
		case opTest32S:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			c.lazy = lazyFlags{howSub | 32<<8, (uint64(*p) & (c.R[op.Src&31] + op.Imm)) << 32, 0}
		case opCmp8:
			c.lazy = lazyFlags{howSub | 56<<8, c.R[op.Dst&31] << 56, (c.R[op.Src&31] + op.Imm) << 56}
		case opTest8:
			c.lazy = lazyFlags{howSub | 56<<8, (c.R[op.Dst&31] & (c.R[op.Src&31] + op.Imm)) << 56, 0}
		case opCmp8S:
			p := c.r8(c.ea(op))
			if p == nil {
				goto general
			}
			c.lazy = lazyFlags{howSub | 56<<8, uint64(*p) << 56, (c.R[op.Src&31] + op.Imm) << 56}
		case opTest8S:
			p := c.r8(c.ea(op))
			if p == nil {
				goto general
			}
			c.lazy = lazyFlags{howSub | 56<<8, (uint64(*p) & (c.R[op.Src&31] + op.Imm)) << 56, 0}

		case opXor64Zero:
			c.R[op.Dst&31] = 0
			c.lazy = lazyFlags{howSub, 0, 0}
		case opAdc64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r, carry := bits.Add64(a, v, c.carry())
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howResult, r, carry | (a^v^r)&FlagAF | (a^r)&(v^r)>>63<<11}
		case opSbb64:
			a, v := c.R[op.Dst&31], c.R[op.Src&31]+op.Imm
			r, borrow := bits.Sub64(a, v, c.carry())
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howResult, r, borrow | (a^v^r)&FlagAF | (a^v)&(a^r)>>63<<11}
		case opInc64:
			a := c.R[op.Dst&31]
			c.R[op.Dst&31] = a + 1
			c.lazy = lazyFlags{howInc, a, c.carry()}
		case opInc32:
			a := c.R[op.Dst&31]
			c.R[op.Dst&31] = uint64(uint32(a + 1))
			c.lazy = lazyFlags{howInc | 32<<8, a << 32, c.carry()}
		case opDec64:
			a := c.R[op.Dst&31]
			c.R[op.Dst&31] = a - 1
			c.lazy = lazyFlags{howDec, a, c.carry()}
		case opDec32:
			a := c.R[op.Dst&31]
			c.R[op.Dst&31] = uint64(uint32(a - 1))
			c.lazy = lazyFlags{howDec | 32<<8, a << 32, c.carry()}
		case opNeg64:
			a := c.R[op.Dst&31]
			c.R[op.Dst&31] = -a
			c.lazy = lazyFlags{howSub, 0, a}
		case opNot64:
			c.R[op.Dst&31] = ^c.R[op.Dst&31]
		case opNot32:
			c.R[op.Dst&31] = uint64(^uint32(c.R[op.Dst&31]))
		case opShl64:
			a, n := c.R[op.Dst&31], op.Imm&63
			r := a << n
			c.R[op.Dst&31] = r
			carry := a >> (64 - n) & 1
			c.lazy = lazyFlags{howResult, r, carry | (a^a<<1)>>63<<11}
		case opShl32:
			a, n := c.R[op.Dst&31], op.Imm&31
			r := a << n
			c.R[op.Dst&31] = uint64(uint32(r))
			carry := r >> 32 & 1
			c.lazy = lazyFlags{howResult | 32<<8, r << 32, carry | (a^a<<1)>>31&1<<11}
		case opShr64:
			a, n := c.R[op.Dst&31], op.Imm&63
			r := a >> n
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howResult, r, a>>(n-1)&1 | a>>63<<11}
		case opShr32:
			a, n := uint64(uint32(c.R[op.Dst&31])), op.Imm&31
			r := a >> n
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howResult | 32<<8, r << 32, a>>(n-1)&1 | a>>31<<11}
		case opSar64:
			a, n := int64(c.R[op.Dst&31]), op.Imm&63
			r := uint64(a >> n)
			c.R[op.Dst&31] = r
			c.lazy = lazyFlags{howResult, r, uint64(a>>(n-1)) & 1}
		case opSar32:
			a, n := int64(int32(c.R[op.Dst&31])), op.Imm&31
			r := uint64(a >> n)
			c.R[op.Dst&31] = uint64(uint32(r))
			c.lazy = lazyFlags{howResult | 32<<8, r << 32, uint64(a>>(n-1)) & 1}
		case opImul64:
			c.R[op.Dst&31] = c.imul64(c.R[op.Base&31], c.R[op.Src&31]+op.Imm)
		case opImul64L:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.R[op.Dst&31] = c.imul64(c.R[op.Dst&31], uint64(*p))
		case opImul32:
			wide := int64(int32(c.R[op.Base&31])) * int64(int32(c.R[op.Src&31]+op.Imm))
			c.R[op.Dst&31] = uint64(uint32(wide))
			c.lazy = lazyFlags{howProduct | 32<<8, uint64(wide) << 32, imulFlags(wide != int64(int32(wide)))}
		case opMul64:
			hi, lo := bits.Mul64(c.R[RAX], c.R[op.Src&31])
			c.R[RAX], c.R[RDX] = lo, hi
			c.lazy = lazyFlags{howProduct, lo, imulFlags(hi != 0)}
		case opRol32Quiet:
			c.R[op.Dst&31] = uint64(bits.RotateLeft32(uint32(c.R[op.Dst&31]), int(op.Imm)))
		case opRol64Quiet:
			c.R[op.Dst&31] = bits.RotateLeft64(c.R[op.Dst&31], int(op.Imm))
		case opBswap32:
			c.R[op.Dst&31] = uint64(bits.ReverseBytes32(uint32(c.R[op.Dst&31])))
		case opBswap64:
			c.R[op.Dst&31] = bits.ReverseBytes64(c.R[op.Dst&31])

		case opPush64:
			p := c.w64(c.R[RSP] - 8)
			if p == nil {
				goto general
			}
			*p = c.R[op.Src&31]
			c.R[RSP] -= 8
		case opPop64:
			p := c.r64(c.R[RSP])
			if p == nil {
				goto general
			}
			c.R[RSP] += 8
			c.R[op.Dst&31] = *p
		case opSetcc:
			v := c.R[op.Dst&31] &^ 0xff
			if c.cond(op.CC) {
				v++
			}
			c.R[op.Dst&31] = v
		case opCmov64:
			if c.cond(op.CC) {
				c.R[op.Dst&31] = c.R[op.Src&31]
			}
		case opCmov32:
			if c.cond(op.CC) {
				c.R[op.Dst&31] = uint64(uint32(c.R[op.Src&31]))
			} else {
				c.R[op.Dst&31] = uint64(uint32(c.R[op.Dst&31]))
			}

		case opMovups:
			c.X[op.Dst&15] = c.X[op.Src&15]
		case opMovupsL:
			c.cur = op
			c.X[op.Dst&15] = c.Load128(c.ea(op))
		case opMovupsS:
			c.cur = op
			c.Store128(c.ea(op), c.X[op.Src&15])
		case opMovsd:
			c.X[op.Dst&15][0] = c.X[op.Src&15][0]
		case opMovsdL:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.X[op.Dst&15] = XMM{uint64(*p), 0}
		case opMovsdS:
			p := c.w64(c.ea(op))
			if p == nil {
				goto general
			}
			*p = c.X[op.Src&15][0]
		case opMovqXR:
			c.X[op.Dst&15] = XMM{c.R[op.Src&31], 0}
		case opMovqRX:
			c.R[op.Dst&31] = c.X[op.Src&15][0]
		case opXorps:
			c.X[op.Dst&15][0] ^= c.X[op.Src&15][0]
			c.X[op.Dst&15][1] ^= c.X[op.Src&15][1]
		case opAddsd:
			c.cur = op
			c.X[op.Dst&15][0] = c.addF64(c.X[op.Dst&15][0], c.X[op.Src&15][0])
		case opAddsdL:
			c.cur = op
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.X[op.Dst&15][0] = c.addF64(c.X[op.Dst&15][0], uint64(*p))
		case opSubsd:
			c.cur = op
			c.X[op.Dst&15][0] = c.subF64(c.X[op.Dst&15][0], c.X[op.Src&15][0])
		case opSubsdL:
			c.cur = op
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.X[op.Dst&15][0] = c.subF64(c.X[op.Dst&15][0], uint64(*p))
		case opMulsd:
			c.cur = op
			c.X[op.Dst&15][0] = c.mulF64(c.X[op.Dst&15][0], c.X[op.Src&15][0])
		case opMulsdL:
			c.cur = op
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.X[op.Dst&15][0] = c.mulF64(c.X[op.Dst&15][0], uint64(*p))
		case opDivsd:
			c.cur = op
			c.X[op.Dst&15][0] = c.divF64(c.X[op.Dst&15][0], c.X[op.Src&15][0])
		case opDivsdL:
			c.cur = op
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			c.X[op.Dst&15][0] = c.divF64(c.X[op.Dst&15][0], uint64(*p))

		case opJcc:
			if c.cond(op.CC) {
				br = op
				goto jump
			}
		case opJmp:
			br = op
			goto jump
		case opCall:
			at := c.R[RSP] - 8
			if p := c.w64(at); p != nil {
				*p = op.Disp
			} else {
				c.slowStore(op, at, op.Disp, 8)
			}
			c.R[RSP] = at
			br = op
			goto jump
		case opRet:
			p := c.r64(c.R[RSP])
			if p == nil || *p>>47 != 0 { // not canonical, or the kernel's half: the general instruction tells
				c.cur = op
				c.RIP = op.In.Next
				op.In.run(c, op.In)
				to = c.RIP
			} else {
				to = *p
				c.R[RSP] += 8
			}
			left -= int64(op.N)
			goto dynamic

		case opCmp64Jcc:
			x, y, how = c.R[op.Dst&31], c.R[op.Src&31]+op.Imm, howSub
			goto compared
		case opCmp64LJcc:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = c.R[op.Dst&31], uint64(*p), howSub
			goto compared
		case opCmp64SJcc:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = uint64(*p), c.R[op.Src&31]+op.Imm, howSub
			goto compared
		case opTest64Jcc:
			x, y, how = (c.R[op.Dst&31] & (c.R[op.Src&31] + op.Imm)), uint64(0), howSub
			goto compared
		case opTest64SJcc:
			p := c.r64(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = (uint64(*p) & (c.R[op.Src&31] + op.Imm)), uint64(0), howSub
			goto compared
		case opCmp32Jcc:
			x, y, how = (c.R[op.Dst&31])<<32, (c.R[op.Src&31]+op.Imm)<<32, howSub|32<<8
			goto compared
		case opCmp32LJcc:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = (c.R[op.Dst&31])<<32, (uint64(*p))<<32, howSub|32<<8
			goto compared
		case opCmp32SJcc:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = (uint64(*p))<<32, (c.R[op.Src&31]+op.Imm)<<32, howSub|32<<8
			goto compared
		case opTest32Jcc:
			x, y, how = (c.R[op.Dst&31]&(c.R[op.Src&31]+op.Imm))<<32, uint64(0), howSub|32<<8
			goto compared
		case opTest32SJcc:
			p := c.r32(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = (uint64(*p)&(c.R[op.Src&31]+op.Imm))<<32, uint64(0), howSub|32<<8
			goto compared
		case opCmp8Jcc:
			x, y, how = (c.R[op.Dst&31])<<56, (c.R[op.Src&31]+op.Imm)<<56, howSub|56<<8
			goto compared
		case opCmp8SJcc:
			p := c.r8(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = (uint64(*p))<<56, (c.R[op.Src&31]+op.Imm)<<56, howSub|56<<8
			goto compared
		case opTest8Jcc:
			x, y, how = (c.R[op.Dst&31]&(c.R[op.Src&31]+op.Imm))<<56, uint64(0), howSub|56<<8
			goto compared
		case opTest8SJcc:
			p := c.r8(c.ea(op))
			if p == nil {
				goto general
			}
			x, y, how = (uint64(*p)&(c.R[op.Src&31]+op.Imm))<<56, uint64(0), howSub|56<<8
			goto compared
		}
		op = next(op)
	}
compared: // and now the conditional jump behind the comparison
	c.lazy = lazyFlags{how, x, y}
	br = next(op)
	if op.CC>>outcome(x, y)&1 != 0 {
		goto jump
	}
	op = next(br)
	goto again
general: // a case whose memory access needs the slow path
	c.general(op)
	op = next(op)
	goto again
jump: // to br's target, along its link
	left -= int64(br.N)
	b = br.Link
	if b == nil {
		b = c.block(br.Imm)
		br.Link = b
	}
	goto enter
dynamic: // to an address known only now
	b = c.block(to)
	goto enter
}

// cut returns the first n instructions of b as a block of their own that then stops.
func (c *CPU) cut(b *Block, n int64) *Block {
	ops := c.scratch[:0]
	at := b.PC
	for i := range b.Ops {
		op := &b.Ops[i]
		if int64(op.N) > n || op.Code == opNext {
			break
		}
		ops = append(ops, *op)
		o := &ops[len(ops)-1]
		o.Code = o.Alt
		if op.In != nil {
			at = op.In.Next
		}
	}
	ops = append(ops, Op{Code: opStop, Alt: opStop, PC: at, N: uint16(n)})
	c.short.Ops, c.short.PC = ops, b.PC
	return &c.short
}

// Pass lets the next Run execute the instruction at RIP even if a breakpoint is set there.
func (c *CPU) Pass() { c.passing = c.RIP }
