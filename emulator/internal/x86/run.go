package x86

import "math"

// Codes of the operations that have a case of their own in the loop.
const (
	opGeneric uint16 = iota // Inst.run does it
	opNext                  // not an instruction: go on at Imm
	opStop                  // not an instruction: the budget is used up; RIP = PC
	opBreak                 // not an instruction: a breakpoint
	opStale                 // not an instruction: the block was dropped, look up PC again
	opTrap                  // an instruction that only raises an exception
	opBranch                // a generic instruction that sets RIP itself
)

// specialise chooses the operation's code and says whether the instruction ends the block.
func specialise(op *Op, in *Inst) (ends bool) {
	if branches[in.Op] {
		op.Code = opBranch
		return true
	}
	return false
}

// fuse marks neighbours that are done in one go.
func fuse(ops []Op) {}

// Run executes at most budget instructions of the thread whose context the CPU holds. It returns how many were retired,
// and why it stopped.
func (c *CPU) Run(budget uint64) (ran uint64, why Exit) {
	left := int64(min(budget, math.MaxInt64))
	for {
		why, done := c.loop(&left)
		if done {
			c.cur = nil
			return budget - uint64(left), why
		}
	}
}

// loop is the interpreter. It returns done = false when it should be called again.
func (c *CPU) loop(left *int64) (why Exit, done bool) {
	var entered int64 // instructions left when the current block was entered
	defer func() {
		switch e := recover(); e.(type) {
		case nil:
			return
		case trapped:
			why, done = ExitTrap, true
		case watched:
			why, done = ExitWatch, true
		default:
			panic(e)
		}
		// The instruction at cur is not retired.
		*left = entered - int64(c.cur.N)
		if c.cur.Code != opTrap {
			*left++
		}
		if c.Trap.Vector != TrapBP || why == ExitWatch {
			c.RIP = c.cur.PC
		}
	}()
	b := c.block(c.RIP)
	for {
		if b.N > *left {
			b = c.cut(b, *left)
		}
		entered = *left
		op := &b.Ops[0]
	block:
		for {
			switch op.Code {
			case opGeneric:
				c.cur = op
				op.In.run(c, op.In)
				if c.leave {
					c.leave = false
					c.RIP = op.In.Next
					*left = entered - int64(op.N)
					return c.reason, true
				}
			case opBranch:
				c.cur = op
				c.RIP = op.In.Next
				op.In.run(c, op.In)
				*left = entered - int64(op.N)
				if c.leave {
					c.leave = false
					return c.reason, true
				}
				b = c.block(c.RIP)
				break block
			case opNext:
				*left = entered - int64(op.N)
				c.RIP = op.Imm
				b = c.block(op.Imm)
				break block
			case opStop:
				*left = entered - int64(op.N)
				c.RIP = op.PC
				return ExitBudget, true
			case opBreak:
				if c.passing != op.PC {
					c.RIP = op.PC
					return ExitBreak, true
				}
				c.passing = noBreak
			case opStale:
				b = c.block(op.PC)
				break block
			case opTrap:
				c.cur = op
				op.In.run(c, op.In)
			}
			op = next(op)
		}
	}
}

// cut returns the first n instructions of b as a block of their own that then stops.
func (c *CPU) cut(b *Block, n int64) *Block {
	ops := c.scratch[:0]
	at := b.PC
	for i := range b.Ops {
		op := &b.Ops[i]
		if int64(op.N) > n {
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
	return &Block{Ops: ops, PC: b.PC}
}

// Pass lets the next Run execute the instruction at RIP even if a breakpoint is set there.
func (c *CPU) Pass() { c.passing = c.RIP }
