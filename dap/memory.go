package dap

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/google/go-dap"
)

// Bounds of what one request may ask for.
const (
	maxRead        = 1 << 20 // bytes
	maxDisassembly = 10_000  // instructions
)

func (s *session) readMemory(r *dap.ReadMemoryRequest) error {
	addr, err := parseReference(r.Arguments.MemoryReference, r.Arguments.Offset)
	if err != nil {
		return err
	}
	want := max(0, min(r.Arguments.Count, maxRead))
	const page = 4096
	var b []byte
	for len(b) < want {
		at := addr + uint64(len(b))
		part := make([]byte, min(want-len(b), page-int(at%page)))
		if s.past.Machine().ReadMemory(part, at) != nil {
			break
		}
		b = append(b, part...)
	}
	s.reply(r, &dap.ReadMemoryResponse{Body: dap.ReadMemoryResponseBody{
		Address: fmt.Sprintf("%#x", addr), Data: base64.StdEncoding.EncodeToString(b), UnreadableBytes: want - len(b),
	}})
	return nil
}

// disassemble returns exactly as many instructions as asked for; where there are none it fills up with places that say so.
func (s *session) disassemble(r *dap.DisassembleRequest) error {
	a := r.Arguments
	at, err := parseReference(a.MemoryReference, a.Offset)
	if err != nil {
		return err
	}
	if a.InstructionCount < 0 || a.InstructionCount > maxDisassembly || a.InstructionOffset < -maxDisassembly || a.InstructionOffset > maxDisassembly {
		return fmt.Errorf("%d instructions from number %d are too many", a.InstructionCount, a.InstructionOffset)
	}
	list := s.before(at, max(0, -a.InstructionOffset))
	for n := max(0, a.InstructionOffset) + a.InstructionCount; len(list) < n+max(0, -a.InstructionOffset); {
		in, size := s.instruction(at)
		list = append(list, in)
		at += size
	}
	list = list[max(0, a.InstructionOffset):]
	s.reply(r, &dap.DisassembleResponse{Body: dap.DisassembleResponseBody{Instructions: list[:a.InstructionCount]}})
	return nil
}

// before returns the n instructions before the address.
func (s *session) before(at uint64, n int) []dap.DisassembledInstruction {
	var list []dap.DisassembledInstruction
	for start := at; len(list) < n; {
		var addrs []uint64
		if s.past.Table != nil {
			known, _ := s.past.Table.Around(s.past.Machine(), start, n-len(list), 0)
			for _, in := range known {
				if in.Addr < start {
					addrs = append(addrs, in.Addr)
				}
			}
		}
		if len(addrs) == 0 { // the function begins here, or nothing is known
			if start == 0 {
				start++
			}
			addrs = []uint64{start - 1}
		}
		var part []dap.DisassembledInstruction
		for _, a := range addrs {
			in, _ := s.instruction(a)
			part = append(part, in)
		}
		list = append(part, list...)
		start = addrs[0]
	}
	return list
}

// instruction describes the instruction at the address, and tells its length.
func (s *session) instruction(at uint64) (dap.DisassembledInstruction, uint64) {
	out := dap.DisassembledInstruction{Address: fmt.Sprintf("%#x", at), Instruction: "(no instruction)"}
	if s.past.Table == nil {
		return out, 1
	}
	in, err := s.past.Table.Disassemble(s.past.Machine(), at)
	if err != nil || len(in.Bytes) == 0 {
		return out, 1
	}
	out.Instruction, out.InstructionBytes = in.Text, hex.EncodeToString(in.Bytes)
	if f, ok := s.past.Table.Func(at); ok {
		out.Symbol = f.Name
		if file, line, ok := s.past.Table.Line(at); ok {
			out.Location, out.Line = source(file), s.clientLine(line)
		}
	}
	return out, uint64(len(in.Bytes))
}
