package x86

import "github.com/rt0lab/rt0/emulator/internal/memory"

// The guest's loads and stores. The fast path is a pointer to the word itself: the page is in the TLB and the word lies
// within it. It is small enough to be inlined into the interpreter's loop. Everything else (TLB miss, page boundary,
// watchpoint, fault) is the slow path, which does not return if the access faults.

// r8 returns the uint8 at a for reading, or nil if that takes the slow path.
func (c *CPU) r8(a uint64) *uint8 {
	if e := &c.tlb.Read[a>>12&memory.TLBMask]; e.Tag == a>>12 {
		return word8(e.Data, a&4095)
	}
	return nil
}

// w8 returns the uint8 at a for writing, or nil if that takes the slow path.
func (c *CPU) w8(a uint64) *uint8 {
	if e := &c.tlb.Write[a>>12&memory.TLBMask]; e.Tag == a>>12 {
		return word8(e.Data, a&4095)
	}
	return nil
}

// r16 returns the uint16 at a for reading, or nil if that takes the slow path.
func (c *CPU) r16(a uint64) *uint16 {
	if e := &c.tlb.Read[a>>12&memory.TLBMask]; e.Tag == a>>12 && a&4095 <= 4094 {
		return word16(e.Data, a&4095)
	}
	return nil
}

// w16 returns the uint16 at a for writing, or nil if that takes the slow path.
func (c *CPU) w16(a uint64) *uint16 {
	if e := &c.tlb.Write[a>>12&memory.TLBMask]; e.Tag == a>>12 && a&4095 <= 4094 {
		return word16(e.Data, a&4095)
	}
	return nil
}

// r32 returns the uint32 at a for reading, or nil if that takes the slow path.
func (c *CPU) r32(a uint64) *uint32 {
	if e := &c.tlb.Read[a>>12&memory.TLBMask]; e.Tag == a>>12 && a&4095 <= 4092 {
		return word32(e.Data, a&4095)
	}
	return nil
}

// w32 returns the uint32 at a for writing, or nil if that takes the slow path.
func (c *CPU) w32(a uint64) *uint32 {
	if e := &c.tlb.Write[a>>12&memory.TLBMask]; e.Tag == a>>12 && a&4095 <= 4092 {
		return word32(e.Data, a&4095)
	}
	return nil
}

// r64 returns the uint64 at a for reading, or nil if that takes the slow path.
func (c *CPU) r64(a uint64) *uint64 {
	if e := &c.tlb.Read[a>>12&memory.TLBMask]; e.Tag == a>>12 && a&4095 <= 4088 {
		return word64(e.Data, a&4095)
	}
	return nil
}

// w64 returns the uint64 at a for writing, or nil if that takes the slow path.
func (c *CPU) w64(a uint64) *uint64 {
	if e := &c.tlb.Write[a>>12&memory.TLBMask]; e.Tag == a>>12 && a&4095 <= 4088 {
		return word64(e.Data, a&4095)
	}
	return nil
}

func (c *CPU) ld8(op *Op, a uint64) uint64 {
	if p := c.r8(a); p != nil {
		return uint64(*p)
	}
	return c.slowLoad(op, a, 1)
}

func (c *CPU) st8(op *Op, a, v uint64) {
	if p := c.w8(a); p != nil {
		*p = uint8(v)
		return
	}
	c.slowStore(op, a, v, 1)
}

func (c *CPU) ld16(op *Op, a uint64) uint64 {
	if p := c.r16(a); p != nil {
		return uint64(*p)
	}
	return c.slowLoad(op, a, 2)
}

func (c *CPU) st16(op *Op, a, v uint64) {
	if p := c.w16(a); p != nil {
		*p = uint16(v)
		return
	}
	c.slowStore(op, a, v, 2)
}

func (c *CPU) ld32(op *Op, a uint64) uint64 {
	if p := c.r32(a); p != nil {
		return uint64(*p)
	}
	return c.slowLoad(op, a, 4)
}

func (c *CPU) st32(op *Op, a, v uint64) {
	if p := c.w32(a); p != nil {
		*p = uint32(v)
		return
	}
	c.slowStore(op, a, v, 4)
}

func (c *CPU) ld64(op *Op, a uint64) uint64 {
	if p := c.r64(a); p != nil {
		return *p
	}
	return c.slowLoad(op, a, 8)
}

func (c *CPU) st64(op *Op, a, v uint64) {
	if p := c.w64(a); p != nil {
		*p = v
		return
	}
	c.slowStore(op, a, v, 8)
}

// slowLoad loads size bytes (1, 2, 4 or 8) when the fast path cannot.
func (c *CPU) slowLoad(op *Op, a uint64, size uint8) uint64 {
	c.cur = op
	p := c.readable(a, int(size))
	off := a & memory.PageMask
	if off+uint64(size) <= memory.PageSize {
		switch size {
		case 8:
			return *word64(p, off)
		case 4:
			return uint64(*word32(p, off))
		case 2:
			return uint64(*word16(p, off))
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
			*word64(p, off) = v
		case 4:
			*word32(p, off) = uint32(v)
		case 2:
			*word16(p, off) = uint16(v)
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
		c.Probe(a, 16)
	}
	c.st64(c.cur, a, v[0])
	c.st64(c.cur, a+8, v[1])
}

// Probe raises the fault that a store of size bytes at a would raise, and stores nothing. An instruction that reads,
// computes and writes back calls it where the write might fault after something else has changed.
func (c *CPU) Probe(a uint64, size uint8) {
	c.writable(a, 0)
	if last := a + uint64(size) - 1; a>>12 != last>>12 {
		c.writable(last&^memory.PageMask, 0)
	}
}
