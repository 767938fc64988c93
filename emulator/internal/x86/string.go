package x86

import (
	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// String instructions (SDM vol. 1, 5.1.8). A repeated instruction counts as one retired instruction; if an iteration
// faults, the registers are those before that iteration, so that the instruction can go on after the fault. The same holds
// for a slice: after so many iterations a repeated instruction makes Run come back, so that no single instruction can keep
// whoever called Run waiting. The next Run goes on with it.
var _ = family("string",
	opcode{x86asm.MOVSB, movs(1)},
	opcode{x86asm.MOVSW, movs(2)},
	opcode{x86asm.MOVSD, movs(4)},
	opcode{x86asm.MOVSQ, movs(8)},
	opcode{x86asm.STOSB, stos(1)},
	opcode{x86asm.STOSW, stos(2)},
	opcode{x86asm.STOSD, stos(4)},
	opcode{x86asm.STOSQ, stos(8)},
	opcode{x86asm.LODSB, lods(1)},
	opcode{x86asm.LODSW, lods(2)},
	opcode{x86asm.LODSD, lods(4)},
	opcode{x86asm.LODSQ, lods(8)},
	opcode{x86asm.CMPSB, cmps(1)},
	opcode{x86asm.CMPSW, cmps(2)},
	opcode{x86asm.CMPSD, cmps(4)},
	opcode{x86asm.CMPSQ, cmps(8)},
	opcode{x86asm.SCASB, scas(1)},
	opcode{x86asm.SCASW, scas(2)},
	opcode{x86asm.SCASD, scas(4)},
	opcode{x86asm.SCASQ, scas(8)},
)

// maxRepeat is how many iterations of a repeated instruction there are in a slice.
const maxRepeat = 1 << 16

// sliced is what an instruction panics with that is to go on in the next slice; Run recovers it.
type sliced struct{}

// step returns by how much the index registers move after each element.
func (c *CPU) step(size uint8) uint64 {
	if c.held&FlagDF != 0 {
		return -uint64(size)
	}
	return uint64(size)
}

// advance moves index register r.
func (c *CPU) advance(r uint8, by uint64, addr32 bool) {
	v := c.R[r&31] + by
	if addr32 {
		v = uint64(uint32(v))
	}
	c.R[r&31] = v
}

// room returns how many elements of size bytes from address a on lie on a's page.
func room(a uint64, size uint8) uint64 {
	return (memory.PageSize - a&memory.PageMask) / uint64(size)
}

// bulk returns up to n elements of size bytes from address a on within one page of the TLB given, or nil if the page is
// not there (it may be watched, or hold code) or the first element straddles its end.
func bulk(t *[memory.TLBSize]memory.TLBEntry, a, n uint64, size uint8) []byte {
	e := &t[a>>memory.PageShift&memory.TLBMask]
	if e.Tag != a>>memory.PageShift {
		return nil
	}
	off := a & memory.PageMask
	return e.Data[off : off+min(n, room(a, size))*uint64(size)]
}

// movs copies from operand 1 to operand 0. Forward copies go page by page unless they overlap in the way that repeats a
// pattern.
func movs(size uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		dst, src := &in.Args[0], &in.Args[1]
		step, addr32 := c.step(size), src.Addr32
		once := func() {
			c.Store(c.Addr(dst), size, c.Load(c.Addr(src), size))
			c.advance(RSI, step, addr32)
			c.advance(RDI, step, addr32)
		}
		if in.Rep == RepNone {
			once()
			return
		}
		left := uint64(maxRepeat)
		for n := c.count(addr32); n != 0; {
			if left == 0 {
				panic(sliced{})
			}
			to, from := c.Addr(dst), c.Addr(src)
			if step == uint64(size) && to-from >= memory.PageSize {
				d := bulk(&c.tlb.Write, to, min(n, left), size)
				if d := d[:min(len(d), len(bulk(&c.tlb.Read, from, n, size)))]; len(d) > 0 {
					copy(d, bulk(&c.tlb.Read, from, n, size))
					n -= uint64(len(d)) / uint64(size)
					left -= uint64(len(d)) / uint64(size)
					c.advance(RSI, uint64(len(d)), addr32)
					c.advance(RDI, uint64(len(d)), addr32)
					c.setCount(n, addr32)
					continue
				}
			}
			once()
			n--
			left--
			c.setCount(n, addr32)
		}
	}
}

// stos stores the accumulator to operand 0.
func stos(size uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		dst := &in.Args[0]
		step, addr32 := c.step(size), dst.Addr32
		if in.Rep == RepNone {
			c.Store(c.Addr(dst), size, c.R[RAX])
			c.advance(RDI, step, addr32)
			return
		}
		left := uint64(maxRepeat)
		for n := c.count(addr32); n != 0; {
			if left == 0 {
				panic(sliced{})
			}
			to := c.Addr(dst)
			if d := bulk(&c.tlb.Write, to, min(n, left), size); step == uint64(size) && len(d) > 0 {
				fill(d, c.R[RAX], size)
				n -= uint64(len(d)) / uint64(size)
				left -= uint64(len(d)) / uint64(size)
				c.advance(RDI, uint64(len(d)), addr32)
			} else {
				c.Store(to, size, c.R[RAX])
				n--
				left--
				c.advance(RDI, step, addr32)
			}
			c.setCount(n, addr32)
		}
	}
}

// fill repeats the low size bytes of v over d.
func fill(d []byte, v uint64, size uint8) {
	for i := range size {
		d[i] = byte(v >> (8 * i))
	}
	for done := int(size); done < len(d); done *= 2 {
		copy(d[done:], d[:done])
	}
}

// lods loads the accumulator from operand 1.
func lods(size uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		src := &in.Args[1]
		step, addr32 := c.step(size), src.Addr32
		c.repeat(in, addr32, func() bool {
			c.SetReg(RAX, size, c.Load(c.Addr(src), size))
			c.advance(RSI, step, addr32)
			return true
		})
	}
}

// cmps compares operand 0, at RSI, with operand 1, at RDI, while they are equal (REPE) or differ (REPNE). If an iteration
// faults the flags are those before the instruction (SDM vol. 2, REP).
func cmps(size uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		step, addr32 := c.step(size), in.Args[0].Addr32
		var a, b uint64
		if c.repeat(in, addr32, func() bool {
			b = c.Load(c.Addr(&in.Args[1]), size)
			a = c.Load(c.Addr(&in.Args[0]), size)
			c.advance(RSI, step, addr32)
			c.advance(RDI, step, addr32)
			return a == b == (in.Rep == RepE)
		}) {
			c.setSub(size, a, b)
		}
	}
}

// scas compares the accumulator with operand 1, at RDI.
func scas(size uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		step, addr32 := c.step(size), in.Args[1].Addr32
		a := c.R[RAX] & sizeMask(size)
		var b uint64
		if c.repeat(in, addr32, func() bool {
			b = c.Load(c.Addr(&in.Args[1]), size)
			c.advance(RDI, step, addr32)
			return a == b == (in.Rep == RepE)
		}) {
			c.setSub(size, a, b)
		}
	}
}

// repeat runs once, or with a repeat prefix as often as the count register says, as long as once returns true. It returns
// whether once ran at all.
func (c *CPU) repeat(in *Inst, addr32 bool, once func() bool) bool {
	if in.Rep == RepNone {
		once()
		return true
	}
	n := c.count(addr32)
	if n == 0 {
		return false
	}
	for more, left := true, maxRepeat; more && n != 0; left-- {
		if left == 0 {
			panic(sliced{})
		}
		more = once()
		n--
		c.setCount(n, addr32)
	}
	return true
}
