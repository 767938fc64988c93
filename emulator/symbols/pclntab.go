package symbols

import (
	"bytes"
	"encoding/binary"
)

// A pclntab is Go's own table of functions and lines ("PC line table"), which every Go program carries because the runtime
// unwinds stacks with it. Its four layouts are told apart by the magic number in its first word (internal/abi/symtab.go;
// runtime/symtab.go has the reader, cmd/link/internal/ld/pcln.go the writer).
type pclntab struct {
	version pclnVersion
	data    []byte
	nfunc   uint64
	text    uint64 // the address from which 1.18 and later count entries
	// Parts of data. In a Go 1.2 table all of them are data itself: its offsets count from the table's start.
	names, cus, files, pcs, funcTab []byte
}

type pclnVersion uint8

const (
	pcln12 pclnVersion = iota + 1
	pcln116
	pcln118
	pcln120
)

var pclnMagic = map[uint32]pclnVersion{
	0xfffffffb: pcln12,
	0xfffffffa: pcln116,
	0xfffffff0: pcln118,
	0xfffffff1: pcln120,
}

// newPclntab reads the header of a table at the start of data, which lies at addr. It returns nil if it is none.
func (t *Table) newPclntab(data []byte, addr uint64) *pclntab {
	p := &pclntab{data: data, version: pclnMagic[u32(data, 0)]}
	if p.version == 0 || len(data) < 16 || data[6] != 1 || data[7] != 8 {
		return nil
	}
	p.nfunc = u64(data, 8)
	if p.nfunc == 0 || p.nfunc > uint64(len(data))/8 {
		return nil
	}
	first := 24 // where the header's offsets begin: after nfunc and nfiles
	switch p.version {
	case pcln12:
		p.names, p.files, p.pcs = data, data, data
		p.funcTab = from(data, 16)
	case pcln118, pcln120:
		p.text = u64(data, 24) // zero since Go 1.26
		first = 32
		fallthrough
	default:
		part := func(i int) []byte { return from(data, u64(data, uint64(first+8*i))) }
		p.names, p.cus, p.files, p.pcs, p.funcTab = part(0), part(1), part(2), part(3), part(4)
	}
	if p.version >= pcln118 {
		p.text = t.textStart(addr, uint64(u32(p.funcTab, 0)), p.text)
	}
	if p.entry(0) >= p.entry(p.nfunc) || !t.executable(p.entry(0)) {
		return nil
	}
	return p
}

// entry returns the address of function i, or for i == nfunc the end of the last one.
func (p *pclntab) entry(i uint64) uint64 {
	if p.version >= pcln118 {
		return p.text + uint64(u32(p.funcTab, 8*i))
	}
	return u64(p.funcTab, 16*i)
}

// record returns the description (runtime._func) of function i without its first field, the entry.
func (p *pclntab) record(i uint64) []byte {
	switch p.version {
	case pcln12:
		return from(p.data, u64(p.funcTab, 16*i+8)+8)
	case pcln116:
		return from(p.funcTab, u64(p.funcTab, 16*i+8)+8)
	}
	return from(p.funcTab, uint64(u32(p.funcTab, 8*i+4))+4)
}

// funcs returns all functions with a name.
func (p *pclntab) funcs() []Func {
	var funcs []Func
	for i := range p.nfunc {
		entry, end := p.entry(i), p.entry(i+1)
		if name := cstring(p.names, uint64(u32(p.record(i), 0))); name != "" && end > entry {
			funcs = append(funcs, Func{name, entry, end})
		}
	}
	return funcs
}

// index returns the number of the function in which the address lies.
func (p *pclntab) index(addr uint64) (uint64, bool) {
	lo, hi := uint64(0), p.nfunc
	for lo < hi {
		if mid := lo + (hi-lo)/2; p.entry(mid+1) <= addr {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo != p.nfunc && addr >= p.entry(lo)
}

// line returns the source line of the instruction at addr.
func (p *pclntab) line(addr uint64) (file string, line int, ok bool) {
	lo, ok := p.index(addr)
	if !ok {
		return "", 0, false
	}
	rec := p.record(lo)
	fileNo, ok1 := p.value(u32(rec, 16), p.entry(lo), addr)
	n, ok2 := p.value(u32(rec, 20), p.entry(lo), addr)
	if !ok1 || !ok2 || fileNo < 0 || n < 0 {
		return "", 0, false
	}
	if p.version == pcln12 {
		table := from(p.data, uint64(u32(p.funcTab, 16*p.nfunc+8)))
		file = cstring(p.files, uint64(u32(table, 4*uint64(fileNo))))
	} else {
		cu := uint64(u32(rec, 28))
		file = cstring(p.files, uint64(u32(p.cus, 4*(cu+uint64(fileNo)))))
	}
	return file, int(n), file != ""
}

// lastStart returns the last address not above the limit at which a line begins, in the function in which addr lies.
func (p *pclntab) lastStart(addr, limit uint64) (start uint64, ok bool) {
	i, ok := p.index(addr)
	if !ok || limit < p.entry(i) {
		return 0, false
	}
	start = p.entry(i)
	p.walk(u32(p.record(i), 20), start, func(_ int64, end uint64) bool {
		if end > limit {
			return false
		}
		start = end
		return true
	})
	return start, true
}

// value returns what the table at off says of addr.
func (p *pclntab) value(off uint32, entry, addr uint64) (value int64, ok bool) {
	p.walk(off, entry, func(v int64, end uint64) bool {
		value, ok = v, addr < end
		return !ok
	})
	return value, ok
}

// walk decodes the table of (value change, address change) pairs at off, in which the first value is -1 plus its change, and
// calls f with each value and the address up to which it holds, until f returns false.
func (p *pclntab) walk(off uint32, entry uint64, f func(value int64, end uint64) bool) {
	b := from(p.pcs, uint64(off))
	val, pc := int64(-1), entry
	for first := true; ; first = false {
		dv, n := binary.Uvarint(b)
		if n <= 0 || dv == 0 && !first {
			return
		}
		b = b[n:]
		dpc, n := binary.Uvarint(b)
		if n <= 0 {
			return
		}
		b = b[n:]
		val += int64(dv>>1) ^ -int64(dv&1) // zigzag
		if pc += dpc; !f(val, pc) {
			return
		}
	}
}

// from returns b without its first off bytes, empty if there are not so many.
func from(b []byte, off uint64) []byte {
	if off > uint64(len(b)) {
		return nil
	}
	return b[off:]
}

// u32 and u64 read little-endian numbers; what lies beyond the end reads as 0.
func u32(b []byte, off uint64) uint32 {
	if b = from(b, off); len(b) < 4 {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

func u64(b []byte, off uint64) uint64 {
	if b = from(b, off); len(b) < 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// cstring reads the NUL-terminated string at off, "" if there is none or it is absurdly long.
func cstring(b []byte, off uint64) string {
	b = from(b, off)
	i := bytes.IndexByte(b[:min(len(b), 4096)], 0)
	if i < 0 {
		return ""
	}
	return string(b[:i])
}
