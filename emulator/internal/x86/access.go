package x86

import "github.com/rt0lab/rt0/emulator/internal/memory"

// The guest's loads and stores. Each has a fast path, small enough to be inlined into the interpreter's loop: the page is
// in the TLB and the value lies within it. Everything else (TLB miss, page boundary, watchpoint, fault) is the slow path,
// which does not return if the access faults.

func (c *CPU) ld64(op *Op, a uint64) uint64 {
	e := &c.tlb.Read[a>>12&memory.TLBMask]
	if e.Tag == a>>12 && a&4095 <= 4088 {
		return get64(e.Data, a&4095)
	}
	return c.slowLoad(op, a, 8)
}

func (c *CPU) ld32(op *Op, a uint64) uint64 {
	e := &c.tlb.Read[a>>12&memory.TLBMask]
	if e.Tag == a>>12 && a&4095 <= 4092 {
		return uint64(get32(e.Data, a&4095))
	}
	return c.slowLoad(op, a, 4)
}

func (c *CPU) ld16(op *Op, a uint64) uint64 {
	e := &c.tlb.Read[a>>12&memory.TLBMask]
	if e.Tag == a>>12 && a&4095 <= 4094 {
		return uint64(get16(e.Data, a&4095))
	}
	return c.slowLoad(op, a, 2)
}

func (c *CPU) ld8(op *Op, a uint64) uint64 {
	e := &c.tlb.Read[a>>12&memory.TLBMask]
	if e.Tag == a>>12 {
		return uint64(*word8(e.Data, a&4095))
	}
	return c.slowLoad(op, a, 1)
}

func (c *CPU) st64(op *Op, a, v uint64) {
	e := &c.tlb.Write[a>>12&memory.TLBMask]
	if e.Tag == a>>12 && a&4095 <= 4088 {
		put64(e.Data, a&4095, v)
		return
	}
	c.slowStore(op, a, v, 8)
}

func (c *CPU) st32(op *Op, a, v uint64) {
	e := &c.tlb.Write[a>>12&memory.TLBMask]
	if e.Tag == a>>12 && a&4095 <= 4092 {
		put32(e.Data, a&4095, uint32(v))
		return
	}
	c.slowStore(op, a, v, 4)
}

func (c *CPU) st16(op *Op, a, v uint64) {
	e := &c.tlb.Write[a>>12&memory.TLBMask]
	if e.Tag == a>>12 && a&4095 <= 4094 {
		put16(e.Data, a&4095, uint16(v))
		return
	}
	c.slowStore(op, a, v, 2)
}

func (c *CPU) st8(op *Op, a, v uint64) {
	e := &c.tlb.Write[a>>12&memory.TLBMask]
	if e.Tag == a>>12 {
		*word8(e.Data, a&4095) = uint8(v)
		return
	}
	c.slowStore(op, a, v, 1)
}

// slowLoad loads size bytes (1, 2, 4 or 8) when the fast path cannot.
func (c *CPU) slowLoad(op *Op, a uint64, size uint8) uint64 {
	c.cur = op
	p := c.readable(a, int(size))
	off := a & memory.PageMask
	if off+uint64(size) <= memory.PageSize {
		switch size {
		case 8:
			return get64(p, off)
		case 4:
			return uint64(get32(p, off))
		case 2:
			return uint64(get16(p, off))
		}
		return uint64(*word8(p, off))
	}
	in := memory.PageSize - off // bytes on the first page
	q := c.readable(a+in, 0)
	var v uint64
	for i := range uint64(size) {
		if i < in {
			v |= uint64(p[off+i]) << (8 * i)
		} else {
			v |= uint64(q[i-in]) << (8 * i)
		}
	}
	return v
}

// slowStore stores the low size bytes of v when the fast path cannot.
func (c *CPU) slowStore(op *Op, a, v uint64, size uint8) {
	c.cur = op
	off := a & memory.PageMask
	if off+uint64(size) <= memory.PageSize {
		p := c.writable(a, int(size))
		switch size {
		case 8:
			put64(p, off, v)
		case 4:
			put32(p, off, uint32(v))
		case 2:
			put16(p, off, uint16(v))
		default:
			*word8(p, off) = uint8(v)
		}
		return
	}
	in := memory.PageSize - off
	c.writable(a, int(size))
	q := c.writable(a+in, 0)
	p := c.writable(a, 0) // again: making the second page may have flushed nothing, but it costs nothing to be sure
	for i := range uint64(size) {
		if i < in {
			p[off+i] = byte(v >> (8 * i))
		} else {
			q[i-in] = byte(v >> (8 * i))
		}
	}
}

// readable returns the page of a for reading, telling watchpoints of an access to size bytes at a (none if size is 0).
func (c *CPU) readable(a uint64, size int) *[memory.PageSize]byte {
	p, f := c.mem.Readable(a, memory.AccessRead)
	if f != nil {
		c.raiseFault(f)
	}
	if size > 0 {
		c.mem.Touch(a, size, memory.AccessRead)
	}
	return p
}

func (c *CPU) writable(a uint64, size int) *[memory.PageSize]byte {
	p, f := c.mem.Writable(a)
	if f != nil {
		c.raiseFault(f)
	}
	if size > 0 {
		c.mem.Touch(a, size, memory.AccessWrite)
	}
	return p
}

// Load returns size bytes (1, 2, 4 or 8) at a, zero-extended.
func (c *CPU) Load(a uint64, size uint8) uint64 {
	switch size {
	case 8:
		return c.ld64(c.cur, a)
	case 4:
		return c.ld32(c.cur, a)
	case 2:
		return c.ld16(c.cur, a)
	}
	return c.ld8(c.cur, a)
}

// Store stores the low size bytes (1, 2, 4 or 8) of v at a.
func (c *CPU) Store(a uint64, size uint8, v uint64) {
	switch size {
	case 8:
		c.st64(c.cur, a, v)
	case 4:
		c.st32(c.cur, a, v)
	case 2:
		c.st16(c.cur, a, v)
	default:
		c.st8(c.cur, a, v)
	}
}

// Load128 returns 16 bytes at a.
func (c *CPU) Load128(a uint64) XMM {
	lo := c.ld64(c.cur, a)
	return XMM{lo, c.ld64(c.cur, a+8)}
}

// Store128 stores 16 bytes at a; a fault leaves memory as it was.
func (c *CPU) Store128(a uint64, v XMM) {
	if a>>12 != (a+15)>>12 {
		c.writable(a+15, 0)
	}
	c.st64(c.cur, a, v[0])
	c.st64(c.cur, a+8, v[1])
}

// Probe raises the fault that a store of size bytes at a would raise, and stores nothing. An instruction that reads,
// computes and writes back calls it where the write might fault after something else has changed.
func (c *CPU) Probe(a uint64, size uint8) {
	c.writable(a, 0)
	if a>>12 != (a+uint64(size)-1)>>12 {
		c.writable(a+uint64(size)-1, 0)
	}
}
