package x86

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// The files testdata/sse/*.txt hold what a real processor did, so that every host can be held to it. A line is
//
//	CODE MNEMONIC | the state before | what of it has changed
//
// with states written as fields name=value in hexadecimal, SSE registers as high:low. What is missing before is 0, and the
// status flags are all set. #XM says that the instruction raised that exception. TestSSEHost -sse.update writes the files.

// goldenRegs are the general registers of a line.
var goldenRegs = []int{RAX, RCX, RDX}

// goldenFlags are the flags before every line.
const goldenFlags = FlagsArith | FlagIF | flagReserved

// A goldenState is a state of a line: xmm0 to xmm2, the general registers and the rest.
type goldenState struct {
	x       [3]XMM
	r       [3]uint64
	flags   uint64
	mxcsr   uint32
	faulted bool
}

// fields writes the state in fields, without those that are as in was.
func (s *goldenState) fields(was *goldenState) string {
	var out []string
	if s.faulted {
		out = append(out, "#XM")
	}
	if s.mxcsr != was.mxcsr {
		out = append(out, fmt.Sprintf("mxcsr=%x", s.mxcsr))
	}
	if s.flags != was.flags {
		out = append(out, fmt.Sprintf("flags=%x", s.flags))
	}
	for i, x := range s.x {
		if x != was.x[i] {
			out = append(out, fmt.Sprintf("x%d=%x:%x", i, x[1], x[0]))
		}
	}
	for i, r := range s.r {
		if r != was.r[i] {
			out = append(out, fmt.Sprintf("%s=%x", RegNames[goldenRegs[i]], r))
		}
	}
	return strings.Join(out, " ")
}

// parse sets the state from fields.
func (s *goldenState) parse(fields string) error {
next:
	for f := range strings.FieldsSeq(fields) {
		name, value, _ := strings.Cut(f, "=")
		var err error
		switch name {
		case "#XM":
			s.faulted = true
			continue next
		case "mxcsr":
			_, err = fmt.Sscanf(value, "%x", &s.mxcsr)
		case "flags":
			_, err = fmt.Sscanf(value, "%x", &s.flags)
		case "x0", "x1", "x2":
			x := &s.x[name[1]-'0']
			_, err = fmt.Sscanf(value, "%x:%x", &x[1], &x[0])
		default:
			err = fmt.Errorf("unknown field")
			for i, n := range goldenRegs {
				if RegNames[n] == name {
					_, err = fmt.Sscanf(value, "%x", &s.r[i])
				}
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

// goldenCode is where the instruction lies.
const goldenCode = 0x400000

// step executes one instruction from state s and returns the state after it.
func (s goldenState) step(t *testing.T, cpu *CPU, code []byte) goldenState {
	cpu.mem.Poke(code, goldenCode)
	cpu.Context = NewContext()
	cpu.RIP, cpu.MXCSR = goldenCode, s.mxcsr
	cpu.SetFlags(s.flags)
	copy(cpu.X[:], s.x[:])
	for i, n := range goldenRegs {
		cpu.R[n] = s.r[i]
	}
	_, why := cpu.Run(1)
	if why == ExitTrap && cpu.Trap.Vector != TrapXM {
		t.Fatalf("%x: %v", code, cpu.Trap.Vector)
	}
	out := goldenState{flags: cpu.Flags(), mxcsr: cpu.MXCSR, faulted: why == ExitTrap}
	copy(out.x[:], cpu.X[:])
	for i, n := range goldenRegs {
		out.r[i] = cpu.R[n]
	}
	return out
}

func TestSSEGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/sse/*.txt")
	if len(files) == 0 {
		t.Fatal("no files in testdata/sse")
	}
	mem := memory.New(1 << 20)
	if err := mem.Map(memory.Area{Start: goldenCode, End: goldenCode + 4096, Prot: memory.Read | memory.Write | memory.Exec}); err != nil {
		t.Fatal(err)
	}
	cpu := New(mem)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			lines, bad := 0, 0
			for in := bufio.NewScanner(f); in.Scan(); {
				lines++
				parts := strings.Split(in.Text(), "|")
				if len(parts) != 3 {
					t.Fatalf("line %d: not three parts", lines)
				}
				code, _, _ := strings.Cut(parts[0], " ")
				bytes, err := hex.DecodeString(code)
				if err != nil {
					t.Fatalf("line %d: %v", lines, err)
				}
				before := goldenState{flags: goldenFlags}
				if err := before.parse(parts[1]); err != nil {
					t.Fatalf("line %d: %v", lines, err)
				}
				after := before
				if err := after.parse(parts[2]); err != nil {
					t.Fatalf("line %d: %v", lines, err)
				}
				if got := before.step(t, cpu, bytes); got != after {
					if bad++; bad <= 10 {
						t.Errorf("%s\n   got %s", in.Text(), got.fields(&before))
					}
				}
			}
			if bad > 10 {
				t.Errorf("%d of %d lines differ", bad, lines)
			}
		})
	}
}
