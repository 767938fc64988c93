package symbols

import (
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// An Instruction is one machine instruction, disassembled.
type Instruction struct {
	Addr uint64
	// Bytes is the encoding.
	Bytes []byte
	// Text is the instruction in Go's assembly syntax, such as "MOVQ AX, 24(SP)". Bytes that are no instruction read
	// "?".
	Text string
}

// IsCall says whether the instruction is a call.
func (in Instruction) IsCall() bool { return strings.HasPrefix(in.Text, "CALL") }

// maxInst is the length of the longest x86 instruction (SDM vol. 2, 2.3.11).
const maxInst = 15

// Disassemble returns the instruction at the address.
func (t *Table) Disassemble(mem Memory, addr uint64) (Instruction, error) {
	code, err := readCode(mem, addr)
	if err != nil {
		return Instruction{}, fmt.Errorf("disassemble %#x: %w", addr, err)
	}
	return t.decode(code, addr), nil
}

// readCode reads up to 15 bytes: fewer where the mapping ends.
func readCode(mem Memory, addr uint64) ([]byte, error) {
	var b [maxInst]byte
	var err error
	for n := maxInst; n > 0; n-- {
		if err = mem.ReadMemory(b[:n], addr); err == nil {
			return b[:n], nil
		}
	}
	return nil, err
}

func (t *Table) decode(code []byte, addr uint64) Instruction {
	one := func(n int, text string) Instruction {
		return Instruction{addr, append([]byte(nil), code[:n]...), text}
	}
	if n, text := spell(code); n > 0 {
		return one(n, text)
	}
	inst, err := x86asm.Decode(code, 64)
	if err != nil || inst.Op == 0 || inst.Len > len(code) {
		return one(1, "? // byte 0x"+hex.EncodeToString(code[:1]))
	}
	for i, arg := range inst.Args {
		// x86asm leaves 32-bit displacements unsigned (golang/go#18666).
		if m, ok := arg.(x86asm.Mem); ok && m.Disp>>31 == 1 {
			m.Disp = int64(int32(m.Disp))
			inst.Args[i] = m
		}
	}
	return one(inst.Len, x86asm.GoSyntax(inst, addr, t.Name))
}

// spell knows the instructions that x86asm does not, or whose length it gets wrong.
func spell(code []byte) (int, string) {
	for _, s := range []struct{ code, text string }{
		{"\xf3\x0f\x1e\xfa", "ENDBR64"},
		{"\xc5\xf8\x77", "VZEROUPPER"},
		{"\xc5\xfc\x77", "VZEROALL"},
	} {
		if len(code) >= len(s.code) && string(code[:len(s.code)]) == s.code {
			return len(s.code), s.text
		}
	}
	return 0, ""
}

// Around disassembles the instruction at pc with up to before instructions ahead of it and after behind it, all of the
// same function. Instructions have no mark where they begin, so the way there starts from the last place that is known to
// be a beginning: the function's entry, or a line's start.
func (t *Table) Around(mem Memory, pc uint64, before, after int) ([]Instruction, error) {
	f, ok := t.Func(pc)
	if !ok {
		f = Func{Entry: pc, End: pc + uint64(after+1)*maxInst}
	}
	var list []Instruction
	for at := t.syncPoint(f, pc, before); at < pc; {
		in, err := t.Disassemble(mem, at)
		if err != nil {
			break
		}
		if at += uint64(len(in.Bytes)); at > pc {
			list = list[:0] // out of step: better none than wrong ones
			break
		}
		if list = append(list, in); len(list) > before {
			list = list[1:]
		}
	}
	at := pc
	for i := 0; i <= after && at < f.End; i++ {
		in, err := t.Disassemble(mem, at)
		if err != nil {
			if i == 0 {
				return nil, err
			}
			break
		}
		list = append(list, in)
		at += uint64(len(in.Bytes))
	}
	return list, nil
}

// syncPoint returns an address at which an instruction begins, at least n instructions ahead of pc if f is that long.
func (t *Table) syncPoint(f Func, pc uint64, n int) uint64 {
	const near = 1 << 10
	if pc-f.Entry <= near {
		return f.Entry
	}
	limit := pc - uint64(n*maxInst)
	if t.pcln != nil {
		if at, ok := t.pcln.lastStart(pc-t.bias, limit-t.bias); ok {
			return max(at+t.bias, f.Entry)
		}
	}
	if _, err := t.dwarf(); err != nil {
		return f.Entry
	}
	u := t.unitAt(pc - t.bias)
	if u == nil {
		return f.Entry
	}
	at := f.Entry
	for _, row := range t.lineRows(u) {
		if a := row.addr + t.bias; a > at && a <= limit && !row.end {
			at = a
		}
	}
	return at
}
