package history

import (
	"fmt"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// A Variable is a parameter or variable of a frame, with its value at the moment.
type Variable struct {
	Name  string
	Type  *symbols.Type
	Param bool
	// Addr is where the value lies in Memory. If it is in registers, Memory shows it at an address above all of the guest's.
	Addr   uint64
	Memory emulator.Memory
	// Err says why there is no value: symbols.ErrOptimizedOut where the code keeps none.
	Err error
}

// Locals returns the parameters and variables of a frame of Stack or ParkedStack, in the order of their declaration. Those
// declared on later lines than the frame has reached have no value yet and are left out.
func (s *Session) Locals(f *Frame) ([]Variable, error) {
	if s.Table == nil {
		return nil, symbols.ErrNoDWARF
	}
	locals, err := s.Table.Locals(f.at, f.level)
	if err != nil {
		return nil, err
	}
	var vars []Variable
	for i := range locals {
		l := &locals[i]
		if !l.Param && l.Line > f.Line {
			continue
		}
		vars = append(vars, s.variable(l, f))
	}
	return vars, nil
}

// aboveGuest is an address that no guest memory has: the upper, kernel's half of the address space.
const aboveGuest = 0xffff_8000_0000_0000

func (s *Session) variable(l *symbols.Local, f *Frame) Variable {
	v := Variable{Name: l.Name, Type: l.Type, Param: l.Param, Memory: s.m}
	size := l.Type.Size
	if l.Escaped {
		size = 8
	}
	pieces, err := l.Locate(f.register, f.CFA)
	if err != nil {
		v.Err = err
		return v
	}
	if size < 0 || size > maxWatch {
		v.Err = fmt.Errorf("%s: %d bytes are too many", l.Name, size)
		return v
	}
	if len(pieces) == 1 && pieces[0].InMemory {
		v.Addr = pieces[0].Addr
	} else {
		v.Memory, v.Err = s.assemble(pieces, size)
		v.Addr = aboveGuest
	}
	if l.Escaped && v.Err == nil {
		var b [8]byte
		if v.Err = v.Memory.ReadMemory(b[:], v.Addr); v.Err == nil {
			v.Addr, v.Memory = littleEndian(b[:]), s.m
		}
	}
	return v
}

// assemble puts a value of the size in bytes together from pieces.
func (s *Session) assemble(pieces []symbols.Piece, size int64) (emulator.Memory, error) {
	var b []byte
	for _, p := range pieces {
		n := int64(p.Size)
		if n == 0 {
			n = size - int64(len(b))
		}
		n = max(0, min(n, size-int64(len(b))))
		part := make([]byte, n)
		if !p.InMemory {
			copy(part, p.Value[:])
		} else if err := s.m.ReadMemory(part, p.Addr); err != nil {
			return nil, err
		}
		b = append(b, part...)
	}
	return &withValue{s.m, append(b, make([]byte, size-int64(len(b)))...)}, nil
}

// withValue is the guest's memory with a value above it.
type withValue struct {
	emulator.Memory
	value []byte
}

func (m *withValue) ReadMemory(b []byte, addr uint64) error {
	if addr < aboveGuest {
		return m.Memory.ReadMemory(b, addr)
	}
	if off := addr - aboveGuest; off <= uint64(len(m.value)) && uint64(len(b)) <= uint64(len(m.value))-off {
		copy(b, m.value[off:])
		return nil
	}
	return fmt.Errorf("%d bytes at %#x are not all in registers", len(b), addr)
}

func littleEndian(b []byte) (v uint64) {
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	return v
}

// Registers returns the thread's registers, if the frame is where the thread is at work; else nil, for only SP is known.
func (f *Frame) Registers() *emulator.Registers { return f.registers }

// register returns what the frame knows of a register, by DWARF's number. The frame on top knows all of them; the others
// only the stack pointer, because Go's functions save no registers for their callers.
func (f *Frame) register(n int) (low, high uint64, ok bool) {
	const rsp, xmm0 = 7, 17
	order := [16]int{emulator.RAX, emulator.RDX, emulator.RCX, emulator.RBX, emulator.RSI, emulator.RDI, emulator.RBP, emulator.RSP,
		emulator.R8, emulator.R9, emulator.R10, emulator.R11, emulator.R12, emulator.R13, emulator.R14, emulator.R15}
	switch {
	case n == rsp:
		return f.SP, 0, true
	case f.registers == nil || n < 0:
	case n < len(order):
		return f.registers.GPR[order[n]], 0, true
	case n >= xmm0 && n < xmm0+16:
		x := f.registers.XMM[n-xmm0]
		return x[0], x[1], true
	}
	return 0, 0, false
}
