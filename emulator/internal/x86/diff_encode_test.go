package x86

import (
	"fmt"

	"golang.org/x/arch/x86/x86asm"
)

// An encoding is the bytes of an instruction, with garbage behind.
type encoding struct {
	bytes []byte
	// disp and dispSize are the place of a displacement that stands for the whole address, or 0.
	disp, dispSize int
}

// A form is what a shape of instruction needs for encodings of it to be made: everything but registers and values.
type form struct {
	op     x86asm.Op
	prefix []byte // mandatory and operand-size prefixes
	wide   bool   // REX.W
	opcode []byte
	reg    byte // bits 3–5 of ModRM
	fixed  bool // reg is part of the opcode
	rm0    bool // so are bits 0–2, and 0
	memory bool
	modrm  bool
}

func (f form) String() string {
	return fmt.Sprintf("%v %x %x/%d w=%v m=%v", f.op, f.prefix, f.opcode, f.reg, f.wide, f.memory)
}

var stringOps = map[x86asm.Op]bool{
	x86asm.MOVSB: true, x86asm.MOVSW: true, x86asm.MOVSD: true, x86asm.MOVSQ: true,
	x86asm.STOSB: true, x86asm.STOSW: true, x86asm.STOSD: true, x86asm.STOSQ: true,
	x86asm.LODSB: true, x86asm.LODSW: true, x86asm.LODSD: true, x86asm.LODSQ: true,
	x86asm.CMPSB: true, x86asm.CMPSW: true, x86asm.CMPSD: true, x86asm.CMPSQ: true,
	x86asm.SCASB: true, x86asm.SCASW: true, x86asm.SCASD: true, x86asm.SCASQ: true,
}

// forms tries every opcode of the four maps with every mandatory prefix, REX.W, ModRM.reg and kind of operand, and returns
// those that decode to something the machine implements. So no form can be forgotten.
func forms() []form {
	var all []form
	prefixes := [][]byte{{}, {0x66}, {0xf3}, {0xf2}, {0x66, 0xf3}, {0x66, 0xf2}}
	maps := [][]byte{{}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}}
	for _, m := range maps {
		for op := range 256 {
			if skipOpcode(m, byte(op)) {
				continue
			}
			for _, prefix := range prefixes {
				for _, wide := range []bool{false, true} {
					all = append(all, formsOf(form{prefix: prefix, wide: wide, opcode: append(append([]byte(nil), m...), byte(op))})...)
				}
			}
		}
	}
	return all
}

// skipOpcode says whether the byte is a prefix or the way into another map.
func skipOpcode(m []byte, op byte) bool {
	switch len(m) {
	case 0:
		return op == 0x0f || op&0xf0 == 0x40 || isLegacyPrefix(op) || op == 0xc4 || op == 0xc5 || op == 0x62
	case 1:
		return op == 0x38 || op == 0x3a
	}
	return false
}

// A shape is what two values of ModRM must share to be the same form.
type shape struct {
	op    x86asm.Op
	rm0   bool // only with 0 in the last bits of ModRM
	kinds [4]Kind
	sizes [4]uint8
}

// formsOf completes f with ModRM.
func formsOf(f form) []form {
	f.modrm = true
	var shapes [2][8]shape // by memory or register, and ModRM.reg
	for mod, first := range []byte{0x00, 0xc0} {
		for reg := range byte(8) {
			s := &shapes[mod][reg]
			in, ok := lowerBytes(f.encode(0, first|reg<<3|1, nil), 0)
			if !ok { // the fences want 0 in the last bits
				if in, ok = lowerBytes(f.encode(0, first|reg<<3, nil), 0); !ok {
					continue
				}
				s.rm0 = true
			}
			s.op = in.Op
			for j, a := range in.Args {
				s.kinds[j], s.sizes[j] = a.Kind, a.Size
				if a.Kind == High {
					s.kinds[j] = GPR
				}
			}
		}
	}
	var all [2]bool // ModRM.reg makes no difference
	for mod := range shapes {
		all[mod] = true
		for reg := range shapes[mod] {
			all[mod] = all[mod] && shapes[mod][reg] == shapes[mod][0]
		}
	}
	if all[0] && all[1] && shapes[0][0] == shapes[1][0] {
		f.modrm = false
		shapes[1] = [8]shape{}
	}
	var out []form
	for mod := range shapes {
		for reg, s := range shapes[mod] {
			if s.op == 0 || all[mod] && reg > 0 {
				continue
			}
			g := f
			g.op, g.memory, g.reg, g.fixed, g.rm0 = s.op, mod == 0, byte(reg), !all[mod], s.rm0
			out = append(out, g)
		}
	}
	return out
}

// encode puts the parts together. rex is its low four bits; it is left out if nothing needs it.
func (f form) encode(rex, modrm byte, tail []byte) []byte {
	b := append([]byte(nil), f.prefix...)
	if f.wide {
		rex |= 0x48
	}
	if rex != 0 {
		b = append(b, rex|0x40)
	}
	b = append(b, f.opcode...)
	if f.modrm {
		b = append(b, modrm)
	}
	b = append(b, tail...)
	for len(b) < 15 {
		b = append(b, 0)
	}
	return b[:15]
}

// instance makes a random encoding of the form.
func (s diffSource) instance(f form) encoding {
	var rex byte
	switch s.IntN(4) {
	case 0:
		rex = 0x40 | byte(s.IntN(8))
	case 1:
		rex = 0x40 // alone: it turns AH into SPL
	}
	extra := []byte{}
	if s.IntN(12) == 0 {
		extra = append(extra, 0x67)
	}
	if s.IntN(12) == 0 {
		extra = append(extra, []byte{0x64, 0x65, 0x2e, 0x3e}[s.IntN(4)])
	}
	if s.IntN(24) == 0 {
		extra = append(extra, 0xf0)
	}
	g := f
	g.prefix = append(extra, f.prefix...)

	reg := byte(s.IntN(8))
	if f.fixed {
		reg = f.reg
	}
	modrm := byte(0xc0) | reg<<3
	if !f.rm0 {
		modrm |= byte(s.IntN(8))
	}
	var tail []byte
	whole := 0 // bytes of a displacement that is the whole address
	if f.modrm && f.memory {
		modrm &^= 0xc0
		mod := byte(s.IntN(3))
		modrm |= mod << 6
		if modrm&7 == 4 {
			sib := byte(s.Uint64())
			tail = append(tail, sib)
			if mod == 0 && sib&7 == 5 {
				tail = s.displacement(tail, 4)
				if sib>>3&7 == 4 && rex&2 == 0 {
					whole = 4
				}
			}
		} else if mod == 0 && modrm&7 == 5 {
			tail = s.displacement(tail, 4)
			whole = 4
		}
		switch mod {
		case 1:
			tail = s.displacement(tail, 1)
		case 2:
			tail = s.displacement(tail, 4)
		}
	}
	head := len(g.prefix) + len(f.opcode)
	if rex != 0 || f.wide {
		head++
	}
	if f.modrm {
		head++
	}
	head += len(tail)
	e := encoding{}
	if whole > 0 {
		e.disp, e.dispSize = head-whole, whole
	}
	tail = s.immediate(tail, f)
	e.bytes = g.encode(rex, modrm, tail)
	if len(f.opcode) == 1 && f.opcode[0]&^3 == 0xa0 { // moffs
		e.disp, e.dispSize = head, 8
		if len(extra) > 0 && extra[0] == 0x67 {
			e.dispSize = 4
		}
	}
	return e
}

func (s diffSource) displacement(b []byte, n int) []byte {
	if n == 1 || s.IntN(2) == 0 {
		v := int32(int8(s.Uint64()))
		for i := range n {
			b = append(b, byte(v>>(8*i)))
		}
		return b
	}
	v := uint32(s.Uint64())
	return append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}

// immediate appends what may become the immediate: for branches a short way forward, into the INT3s.
func (s diffSource) immediate(b []byte, f form) []byte {
	if branches[f.op] && f.op != x86asm.RET {
		return append(b, byte(s.IntN(100)), 0, 0, 0)
	}
	v := s.word()
	switch f.op {
	case x86asm.RET:
		v &= 0xffff
	case x86asm.ENTER:
		v = uint64(s.IntN(600)) | uint64(s.IntN(40))<<16
		if s.IntN(4) != 0 {
			v &= 0x1ffff
		}
	case x86asm.INT:
		v = v&0xff | 0x100
		if v&0xff == 0x80 { // Linux's 32-bit system call
			v++
		}
	}
	for i := range 8 {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}
