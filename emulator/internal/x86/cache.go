package x86

import (
	"slices"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

const (
	// maxBlock is the most instructions of a block.
	maxBlock = 64
	// cacheBits is the binary logarithm of the number of entries of the first-level block cache.
	cacheBits = 14
	// minDecoded is how many instructions may be kept decoded at least, some 20 MiB; decodedShare is for how many bytes of
	// the memory limit there may be one.
	minDecoded   = 1 << 16
	decodedShare = 1 << 10
)

// blockCache finds decoded blocks by address: a direct-mapped table in front of a map.
type blockCache struct {
	near [1 << cacheBits]nearBlock
	all  map[uint64]*Block
	ops  int // in all blocks since init
}

type nearBlock struct {
	pc uint64
	b  *Block
}

func (k *blockCache) init() {
	k.all = make(map[uint64]*Block)
	k.ops = 0
	for i := range k.near {
		k.near[i] = nearBlock{} // address 0 is looked for in entry 0 only
	}
	k.near[0].pc = 1
}

// dropBlocks forgets all blocks. Blocks may still be linked to each other, and one of them may be running: it may even have
// overwritten itself. So each operation is made to look up its address again. All else stays in it, for the one that is being
// executed right now.
func (c *CPU) dropBlocks() {
	for _, b := range c.cache.all {
		makeStale(b.Ops)
	}
	makeStale(c.short.Ops)
	c.cache.init()
}

// dropBlocksAt forgets the blocks that hold instructions at the addresses. It must not be called while a block runs.
func (c *CPU) dropBlocksAt(at []uint64) {
	if len(at) == 0 {
		return
	}
	slices.Sort(at)
	for pc, b := range c.cache.all {
		i, _ := slices.BinarySearch(at, pc)
		if i == len(at) || at[i] >= b.end() {
			continue
		}
		makeStale(b.Ops)
		delete(c.cache.all, pc)
		if e := &c.cache.near[nearIndex(pc)]; e.pc == pc {
			*e = nearBlock{pc: noBreak}
		}
	}
}

// end returns an address behind the block's last instruction, or behind the first byte of one that raises an exception.
func (b *Block) end() uint64 {
	last := &b.Ops[len(b.Ops)-1]
	if last.In != nil && last.In.Next > last.PC {
		return last.In.Next
	}
	return max(last.PC, b.PC+1)
}

func makeStale(ops []Op) {
	var retired uint16
	for i := range ops {
		op := &ops[i]
		if op.Code == opStop {
			continue // looks up nothing
		}
		op.Code, op.Alt, op.CC = opStale, opStale, uint8(retired)
		retired = op.N
	}
}

func nearIndex(pc uint64) uint64 { return (pc ^ pc>>cacheBits) & (1<<cacheBits - 1) }

// block returns the block at pc, decoding it if need be.
func (c *CPU) block(pc uint64) *Block {
	e := &c.cache.near[nearIndex(pc)]
	if e.pc == pc {
		return e.b
	}
	b := c.cache.all[pc]
	if b == nil {
		b = c.decode(pc)
		// A program that has run more code than may be kept is decoded anew, which it cannot notice.
		if c.cache.ops += len(b.Ops); uint64(c.cache.ops) > max(minDecoded, c.mem.Limit()/decodedShare) {
			c.dropBlocks()
		}
		c.cache.all[pc] = b
	}
	*e = nearBlock{pc, b}
	return b
}

// fetch reads up to 15 bytes of code at pc. It returns fewer when the next page cannot be executed, with its fault.
func (c *CPU) fetch(pc uint64, buf *[15]byte) ([]byte, *memory.Fault) {
	p, f := c.mem.Readable(pc, memory.AccessExec)
	if f != nil {
		return nil, f
	}
	n := copy(buf[:], p[pc&memory.PageMask:])
	if n < len(buf) {
		q, f := c.mem.Readable(pc+uint64(n), memory.AccessExec)
		if f != nil {
			return buf[:n], f
		}
		copy(buf[n:], q[:])
	}
	return buf[:], nil
}

// decode makes the block at pc. A block ends at a jump that is always taken, before a breakpoint, before an instruction
// that cannot be decoded or fetched, and at maxBlock instructions. If it is the first instruction that fails, the block is
// one operation that raises the exception.
func (c *CPU) decode(pc uint64) *Block {
	b := &Block{PC: pc, Ops: make([]Op, 0, 16)}
	at := pc
	if _, ok := c.breaks[pc]; ok {
		b.Ops = append(b.Ops, Op{Code: opBreak, Alt: opBreak, PC: pc})
	}
	ended := false
	for b.N < maxBlock && !ended {
		if _, ok := c.breaks[at]; ok && at != pc {
			break
		}
		in, trap := c.decodeOne(at)
		if trap != nil {
			if b.N > 0 {
				break
			}
			t := *trap
			b.N = 1
			b.Ops = append(b.Ops, Op{Code: opTrap, Alt: opTrap, PC: at, N: 1, In: &Inst{run: func(c *CPU, in *Inst) {
				c.Trap = t
				panic(trapped{})
			}}})
			ended = true
			break
		}
		b.N++
		op := Op{PC: at, In: in, N: uint16(b.N), Code: opGeneric, Base: Zero, Index: Zero}
		ended = specialise(&op, in)
		op.Alt = op.Code
		b.Ops = append(b.Ops, op)
		at = in.Next
	}
	if !ended {
		b.Ops = append(b.Ops, Op{Code: opNext, Alt: opNext, PC: at, Imm: at, N: uint16(b.N)})
	}
	fuse(b.Ops)
	b.Ops = append([]Op(nil), b.Ops...) // no spare capacity: blocks live long
	return b
}

// decodeOne decodes and lowers the instruction at pc. Its pages are marked even if it cannot be decoded or fetched, so that
// the block of the exception is dropped when that changes.
func (c *CPU) decodeOne(pc uint64) (*Inst, *Trap) {
	var buf [15]byte
	code, f := c.fetch(pc, &buf)
	c.mem.MarkCode(pc)
	if len(code) == 0 {
		return nil, faultTrap(f)
	}
	x, err := x86asm.Decode(buf[:], 64)
	if err != nil || x.Op == 0 {
		if spelled := buf; respell(spelled[:]) { // the report of an instruction that is lacking shows memory's bytes
			x, err = x86asm.Decode(spelled[:], 64)
		}
	}
	known := err == nil && x.Op != 0
	if !known {
		x.Len = len(code)
	}
	if last := pc + uint64(x.Len) - 1; last>>memory.PageShift != pc>>memory.PageShift {
		c.mem.MarkCode(last)
	}
	if known && x.Len > len(code) { // its rest lies where nothing can be executed
		return nil, faultTrap(f)
	}
	if !known {
		return nil, &Trap{Vector: TrapUD, Unimplemented: true, Bytes: append([]byte(nil), code...)}
	}
	in, ok := lower(&x, code[:x.Len], pc)
	if !ok {
		return nil, &Trap{Vector: TrapUD, Unimplemented: x.Op != x86asm.UD1 && x.Op != x86asm.UD2, Bytes: append([]byte(nil), code[:x.Len]...)}
	}
	return in, nil
}

func faultTrap(f *memory.Fault) *Trap {
	return &Trap{Vector: TrapPF, Addr: f.Addr, Access: f.Access, Mapped: f.Mapped}
}
