package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/visible"
)

// A Record is one thing that happened. Fields that its Kind has no use for are empty, and left out of JSON.
type Record struct {
	// Kind is "call", "jump", "return", "syscall" or "insn". A jump is a call in place of a return: a function that ends by
	// jumping to another one.
	Kind string `json:"kind"`
	// Tick is the number of instructions retired before the function's first instruction, before the instruction, or when
	// the system call ended.
	Tick uint64 `json:"tick"`
	TID  int    `json:"tid"`
	// Goid is the number of the goroutine, 0 for the scheduler or when it is not known.
	Goid uint64 `json:"goid,omitempty"`
	// PC is the address of the function's first instruction, of the instruction, or of SYSCALL.
	PC Address `json:"pc"`
	// Depth is how many calls on the same stack have not returned, if calls are followed.
	Depth int    `json:"depth,omitempty"`
	Func  string `json:"func,omitempty"`
	// From is the address of the call, Site where it comes from: FILE:LINE.
	From Address `json:"from,omitempty"`
	Site string  `json:"site,omitempty"`
	// Ticks is, of a return, the number of instructions since the call, by all threads.
	Ticks uint64 `json:"ticks,omitempty"`
	// Text is the instruction, or the system call with arguments and result.
	Text string `json:"text,omitempty"`
	// Registers are those that the instruction changed, except RIP, in Intel's order.
	Registers []Register `json:"registers,omitempty"`
}

// A Register is a register's new value.
type Register struct {
	Name  string  `json:"name"`
	Value Address `json:"value"`
}

// An Address is a number that people read in base 16; JSON cannot hold all 64 bits of it as a number.
type Address uint64

// MarshalText makes the address "0x…".
func (a Address) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%#x", uint64(a)), nil }

// UnmarshalText reads what MarshalText made.
func (a *Address) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "0x%x", (*uint64)(a))
	return err
}

// JSON returns a sink that writes each record as a line of JSON.
func JSON(w io.Writer) func(*Record) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	return func(r *Record) error {
		line.Reset()
		err := enc.Encode(r)
		if err == nil {
			_, err = w.Write(visible.JSON(line.Bytes()))
		}
		return err
	}
}

// Text returns a sink that writes each record as a line for people. Returns are left out: indentation shows them.
func Text(w io.Writer) func(*Record) error {
	return func(r *Record) error {
		if r.Kind == "return" {
			return nil
		}
		who := fmt.Sprint(r.TID)
		if r.Goid != 0 {
			who += fmt.Sprintf("/g%d", r.Goid)
		}
		_, err := fmt.Fprintf(w, "%10d  %-9s %s\n", r.Tick, who, visible.Text(r.line()))
		return err
	}
}

// line is the part of a text line that depends on the kind.
func (r *Record) line() string {
	indent := strings.Repeat("  ", r.Depth)
	switch r.Kind {
	case "call", "jump":
		line := indent + r.Func
		if r.Kind == "jump" {
			line = indent + "→ " + r.Func
		}
		if r.Site != "" {
			line += "  " + r.Site
		}
		return line
	case "syscall":
		return indent + r.Text
	}
	line := fmt.Sprintf("%#x %-28s %-36s", uint64(r.PC), r.Func, r.Text)
	for _, reg := range r.Registers {
		line += fmt.Sprintf(" %s=%#x", reg.Name, uint64(reg.Value))
	}
	return indent + strings.TrimRight(line, " ")
}

// changes lists the registers that differ.
func changes(before, after *emulator.Registers) []Register {
	var list []Register
	add := func(name string, was, is uint64) {
		if was != is {
			list = append(list, Register{name, Address(is)})
		}
	}
	for i, name := range emulator.GPRNames {
		add(name, before.GPR[i], after.GPR[i])
	}
	add("rflags", before.RFLAGS, after.RFLAGS)
	add("fsbase", before.FSBase, after.FSBase)
	add("gsbase", before.GSBase, after.GSBase)
	for i := range before.XMM {
		for half, suffix := range [2]string{"", "h"} {
			add(fmt.Sprintf("xmm%d%s", i, suffix), before.XMM[i][half], after.XMM[i][half])
		}
	}
	add("mxcsr", uint64(before.MXCSR), uint64(after.MXCSR))
	return list
}
