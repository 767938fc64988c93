package symbols

import (
	"debug/dwarf"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrOptimizedOut means that a variable has no value at an address: the compiler needs it no more, or not yet.
var ErrOptimizedOut = errors.New("optimized out here")

// A Piece is a part of a variable: in memory, or in a register.
type Piece struct {
	// InMemory says that the piece lies at Addr. Else Value holds it.
	InMemory bool
	Addr     uint64
	Value    [16]byte
	// Size is in bytes; 0 means that the piece is all of the variable.
	Size int
}

// FrameRegisters are what a frame still knows of the registers. DWARF numbers them: 0 to 15 are rax, rdx, rcx, rbx, rsi, rdi,
// rbp, rsp, r8 … r15, 17 to 32 are xmm0 … xmm15 (System V ABI for amd64, figure 3.36). ok is false for one that a callee may
// have changed.
type FrameRegisters func(n int) (low, high uint64, ok bool)

// Locate returns where the variable lies, in pieces from its beginning on. cfa is the frame's canonical address: what SP is
// behind the function's return.
func (l *Local) Locate(regs FrameRegisters, cfa uint64) ([]Piece, error) {
	if len(l.expr) == 0 {
		return nil, ErrOptimizedOut
	}
	return locate(l.expr, regs, cfa, l.table.bias)
}

// The operations of location expressions that Go's compiler writes (DWARF 5, 2.5 and 2.6).
const (
	opAddr          = 0x03
	opConst1u       = 0x08
	opConstu        = 0x10
	opConsts        = 0x11
	opPlus          = 0x22
	opPlusUconst    = 0x23
	opReg0          = 0x50
	opReg31         = 0x6f
	opBreg0         = 0x70
	opBreg31        = 0x8f
	opRegx          = 0x90
	opFbreg         = 0x91
	opPiece         = 0x93
	opCallFrameCFA  = 0x9c
	opStackValue    = 0x9f
	opImplicitValue = 0x9e
)

// locate evaluates a location expression.
func locate(expr []byte, regs FrameRegisters, cfa, bias uint64) (pieces []Piece, err error) {
	in := reader{b: expr}
	var stack []uint64
	var now Piece
	have := false // now holds something
	push := func(v uint64) { stack = append(stack, v) }
	flush := func(size int) {
		if n := len(stack); n > 0 && !have {
			now, have = Piece{InMemory: true, Addr: stack[n-1]}, true
		}
		now.Size = size
		if !have {
			err = ErrOptimizedOut // an empty piece
		}
		pieces = append(pieces, now)
		now, have, stack = Piece{}, false, nil
	}
	register := func(n int) {
		low, high, ok := regs(n)
		if !ok {
			err = fmt.Errorf("in register %d, which a callee may have changed: %w", n, ErrOptimizedOut)
		}
		binary.LittleEndian.PutUint64(now.Value[:], low)
		binary.LittleEndian.PutUint64(now.Value[8:], high)
		have = true
	}
	for len(in.b) > 0 && err == nil {
		switch op := in.byte(); {
		case op == opAddr:
			push(in.u64() + bias)
		case op == opConst1u:
			push(uint64(in.byte()))
		case op == opConstu:
			push(in.uleb())
		case op == opConsts:
			push(uint64(in.sleb()))
		case op == opPlus && len(stack) >= 2:
			n := len(stack)
			stack = append(stack[:n-2], stack[n-2]+stack[n-1])
		case op == opPlusUconst && len(stack) >= 1:
			stack[len(stack)-1] += in.uleb()
		case op >= opReg0 && op <= opReg31:
			register(int(op - opReg0))
		case op == opRegx:
			register(int(in.uleb()))
		case op >= opBreg0 && op <= opBreg31:
			low, _, ok := regs(int(op - opBreg0))
			if !ok {
				return nil, ErrOptimizedOut
			}
			push(low + uint64(in.sleb()))
		case op == opFbreg:
			push(cfa + uint64(in.sleb()))
		case op == opCallFrameCFA:
			push(cfa)
		case op == opStackValue && len(stack) >= 1:
			binary.LittleEndian.PutUint64(now.Value[:], stack[len(stack)-1])
			have, stack = true, nil
		case op == opImplicitValue:
			copy(now.Value[:], in.bytes(int(min(in.uleb(), 16))))
			have = true
		case op == opPiece:
			flush(int(min(in.uleb(), 1<<30)))
		default:
			return nil, fmt.Errorf("location expression % x: operation %#x is not known", expr, op)
		}
	}
	if err == nil && in.bad {
		err = fmt.Errorf("location expression % x breaks off", expr)
	}
	if err == nil && (have || len(stack) > 0) {
		flush(0)
	}
	if err == nil && len(pieces) == 0 {
		err = ErrOptimizedOut
	}
	if err != nil {
		return nil, err
	}
	return pieces, nil
}

// locationAt returns the location expression of a variable that holds at the address (without the bias), or nil.
func (t *Table) locationAt(u *unit, e *dwarf.Entry, addr uint64) []byte {
	switch v := e.Val(dwarf.AttrLocation).(type) {
	case []byte:
		return v
	case int64: // an offset into the location lists
		if lists := t.section("loclists"); len(lists) > 0 {
			return t.locationV5(u, lists, uint64(v), addr)
		}
		return t.locationV4(u, t.section("loc"), uint64(v), addr)
	}
	return nil
}

// section returns a DWARF section, read once.
func (t *Table) section(name string) []byte {
	b, ok := t.sections[name]
	if !ok {
		b, _ = debugSection(t.file, name) // one that cannot be read is as good as empty
		if t.sections == nil {
			t.sections = map[string][]byte{}
		}
		t.sections[name] = b
	}
	return b
}

// The entries of .debug_loclists (DWARF 5, 7.7.3).
const (
	lleEndOfList = iota
	lleBaseAddressx
	lleStartxEndx
	lleStartxLength
	lleOffsetPair
	lleDefaultLocation
	lleBaseAddress
	lleStartEnd
	lleStartLength
)

func (t *Table) locationV5(u *unit, lists []byte, off, addr uint64) []byte {
	in := reader{b: from(lists, off)}
	base := lowPC(u)
	indexed := func(i uint64) uint64 {
		table, _ := u.entry.Val(dwarf.AttrAddrBase).(int64)
		return u64(t.section("addr"), uint64(table)+8*min(i, 1<<32))
	}
	for !in.bad && len(in.b) > 0 {
		var low, high uint64
		switch in.byte() {
		case lleBaseAddressx:
			base = indexed(in.uleb())
			continue
		case lleBaseAddress:
			base = in.u64()
			continue
		case lleStartxEndx:
			low, high = indexed(in.uleb()), indexed(in.uleb())
		case lleStartxLength:
			low = indexed(in.uleb())
			high = low + in.uleb()
		case lleOffsetPair:
			low, high = base+in.uleb(), base+in.uleb()
		case lleDefaultLocation:
			low, high = 0, ^uint64(0)
		case lleStartEnd:
			low, high = in.u64(), in.u64()
		case lleStartLength:
			low = in.u64()
			high = low + in.uleb()
		default: // lleEndOfList, or what is not known
			return nil
		}
		expr := in.bytes(int(min(in.uleb(), 1<<20)))
		if addr >= low && addr < high {
			return expr
		}
	}
	return nil
}

// locationV4 reads .debug_loc (DWARF 4, 2.6.2): pairs of addresses, an all-ones first one giving a new base.
func (t *Table) locationV4(u *unit, lists []byte, off, addr uint64) []byte {
	in := reader{b: from(lists, off)}
	base := lowPC(u)
	for !in.bad && len(in.b) > 0 {
		low, high := in.u64(), in.u64()
		switch {
		case low == 0 && high == 0:
			return nil
		case low == ^uint64(0):
			base = high
			continue
		}
		expr := in.bytes(int(in.byte()) | int(in.byte())<<8)
		if addr >= base+low && addr < base+high {
			return expr
		}
	}
	return nil
}

func lowPC(u *unit) uint64 {
	low, _ := u.entry.Val(dwarf.AttrLowpc).(uint64)
	return low
}

// A reader takes numbers off a slice. Behind its end everything is 0, and bad is set.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.b, r.bad = nil, true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) uleb() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) sleb() int64 {
	var v int64
	for shift := uint(0); ; shift += 7 {
		b := r.byte()
		if shift < 64 {
			v |= int64(b&0x7f) << shift
		}
		if b&0x80 == 0 {
			if b&0x40 != 0 && shift+7 < 64 {
				v |= -1 << (shift + 7)
			}
			return v
		}
		if r.bad {
			return 0
		}
	}
}
