package gdbserver

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
)

// TestTargetDescription reads the description as a client does: every register is numbered by its place, is as long as in
// a g reply, and has a type that gdb knows or the feature defines.
func TestTargetDescription(t *testing.T) {
	type named struct {
		ID string `xml:"id,attr"`
	}
	var target struct {
		Features []struct {
			Name    string  `xml:"name,attr"`
			Vectors []named `xml:"vector"`
			Unions  []named `xml:"union"`
			Flags   []named `xml:"flags"`
			Regs    []struct {
				Name   string `xml:"name,attr"`
				Bits   int    `xml:"bitsize,attr"`
				Type   string `xml:"type,attr"`
				Number int    `xml:"regnum,attr"`
			} `xml:"reg"`
		} `xml:"feature"`
	}
	if err := xml.Unmarshal([]byte(targetXML), &target); err != nil {
		t.Fatal(err)
	}
	next, bytes := 0, 0
	var features []string
	for _, f := range target.Features {
		features = append(features, f.Name)
		known := " int int32 int64 data_ptr code_ptr i387_ext "
		for _, list := range [][]named{f.Vectors, f.Unions, f.Flags} {
			for _, n := range list {
				known += n.ID + " "
			}
		}
		for _, r := range f.Regs {
			if r.Number != next || registerNumber[r.Name] != next {
				t.Errorf("%s has the number %d and is register %d", r.Name, r.Number, next)
			}
			if !strings.Contains(known, " "+r.Type+" ") {
				t.Errorf("%s is of the unknown type %s", r.Name, r.Type)
			}
			next++
			bytes += r.Bits / 8
		}
	}
	if got, want := strings.Join(features, " "), strings.Join([]string{featureCore, featureSSE, featureLinux, featureSegments}, " "); got != want {
		t.Errorf("features are %s, want %s", got, want)
	}
	if got := len(appendRegisters(nil, &emulator.Registers{})); got != 2*bytes {
		t.Errorf("a g reply is %d digits long, the description says %d", got, 2*bytes)
	}
}

// TestRegisterOrder gives each register a value of its own and looks for it where gdb expects it.
func TestRegisterOrder(t *testing.T) {
	var r emulator.Registers
	for i := range r.GPR {
		r.GPR[i] = 0x1100 + uint64(i)
	}
	r.RIP, r.RFLAGS, r.FSBase, r.GSBase, r.MXCSR = 0x2200, 0x246, 0x3300, 0x4400, 0x1f80
	for i := range r.XMM {
		r.XMM[i] = [2]uint64{0x5500 + uint64(i), 0x6600 + uint64(i)}
	}
	for _, test := range []struct{ name, want string }{
		{"rax", "0011000000000000"},
		{"rbx", "0311000000000000"},
		{"rcx", "0111000000000000"},
		{"rdx", "0211000000000000"},
		{"rsi", "0611000000000000"},
		{"rdi", "0711000000000000"},
		{"rbp", "0511000000000000"},
		{"rsp", "0411000000000000"},
		{"r8", "0811000000000000"},
		{"r15", "0f11000000000000"},
		{"rip", "0022000000000000"},
		{"eflags", "46020000"},
		{"cs", "33000000"},
		{"ss", "2b000000"},
		{"gs", "00000000"},
		{"st7", "xxxxxxxxxxxxxxxxxxxx"},
		{"fop", "xxxxxxxx"},
		{"xmm0", "00550000000000000066000000000000"},
		{"xmm15", "0f550000000000000f66000000000000"},
		{"mxcsr", "801f0000"},
		{"orig_rax", "ffffffffffffffff"},
		{"fs_base", "0033000000000000"},
		{"gs_base", "0044000000000000"},
	} {
		number, ok := registerNumber[test.name]
		if !ok {
			t.Errorf("there is no %s", test.name)
			continue
		}
		if got := string(appendRegister(nil, number, &r)); got != test.want {
			t.Errorf("%s is %s, want %s", test.name, got, test.want)
		}
	}
}
