package gdbserver

import (
	"encoding/binary"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
)

// A register is one entry of the register file that the target description announces. Its number in the protocol is its
// index in registerFile.
type register struct {
	name string
	// size is in bytes.
	size int
	// kind is its type in the target description, group how gdb groups it, feature the set it belongs to.
	kind, group, feature string
	// read puts the value, little-endian, into b, which is size bytes long. A nil read marks what the machine does not
	// have: gdb shows it as unavailable.
	read func(b []byte, r *emulator.Registers)
}

// Names of the register sets gdb knows (GDB manual, "i386 Features").
const (
	featureCore     = "org.gnu.gdb.i386.core"
	featureSSE      = "org.gnu.gdb.i386.sse"
	featureLinux    = "org.gnu.gdb.i386.linux"
	featureSegments = "org.gnu.gdb.i386.segments"
)

// Selectors of a 64-bit user thread under Linux (arch/x86/include/asm/segment.h: __USER_CS, __USER_DS); the others are 0.
const (
	userCS = 0x33
	userDS = 0x2b
)

// registerFile holds gdb's amd64 registers in gdb's order, which is not Intel's.
var registerFile = makeRegisterFile()

// Protocol numbers, of all registers by name and of those that a stop reply carries along.
var (
	registerNumber  = numberRegisters()
	ripNumber       = registerNumber["rip"]
	rspNumber       = registerNumber["rsp"]
	expeditedNumber = expedited()
)

func makeRegisterFile() []register {
	var file []register
	for _, gpr := range []struct {
		index int
		kind  string
	}{
		{emulator.RAX, "int64"}, {emulator.RBX, "int64"}, {emulator.RCX, "int64"}, {emulator.RDX, "int64"},
		{emulator.RSI, "int64"}, {emulator.RDI, "int64"}, {emulator.RBP, "data_ptr"}, {emulator.RSP, "data_ptr"},
		{emulator.R8, "int64"}, {emulator.R9, "int64"}, {emulator.R10, "int64"}, {emulator.R11, "int64"},
		{emulator.R12, "int64"}, {emulator.R13, "int64"}, {emulator.R14, "int64"}, {emulator.R15, "int64"},
	} {
		file = append(file, register{emulator.GPRNames[gpr.index], 8, gpr.kind, "", featureCore,
			func(b []byte, r *emulator.Registers) { put64(b, r.GPR[gpr.index]) }})
	}
	file = append(file,
		register{"rip", 8, "code_ptr", "", featureCore, func(b []byte, r *emulator.Registers) { put64(b, r.RIP) }},
		register{"eflags", 4, "eflags", "", featureCore, func(b []byte, r *emulator.Registers) { put32(b, uint32(r.RFLAGS)) }},
	)
	for _, s := range []struct {
		name     string
		selector uint32
	}{{"cs", userCS}, {"ss", userDS}, {"ds", 0}, {"es", 0}, {"fs", 0}, {"gs", 0}} {
		file = append(file, register{s.name, 4, "int32", "", featureCore,
			func(b []byte, _ *emulator.Registers) { put32(b, s.selector) }})
	}
	for i := range 8 {
		file = append(file, register{fmt.Sprint("st", i), 10, "i387_ext", "float", featureCore, nil})
	}
	for _, name := range []string{"fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"} {
		file = append(file, register{name, 4, "int", "float", featureCore, nil})
	}
	for i := range 16 {
		file = append(file, register{fmt.Sprint("xmm", i), 16, "vec128", "", featureSSE,
			func(b []byte, r *emulator.Registers) { put64(b, r.XMM[i][0]); put64(b[8:], r.XMM[i][1]) }})
	}
	return append(file,
		register{"mxcsr", 4, "mxcsr", "vector", featureSSE, func(b []byte, r *emulator.Registers) { put32(b, r.MXCSR) }},
		// Linux keeps the call number in orig_rax while a thread is inside a system call and -1 otherwise. A system call
		// of this machine is one instruction: whoever looks, looks from outside.
		register{"orig_rax", 8, "int", "system", featureLinux, func(b []byte, _ *emulator.Registers) { put64(b, ^uint64(0)) }},
		register{"fs_base", 8, "int", "", featureSegments, func(b []byte, r *emulator.Registers) { put64(b, r.FSBase) }},
		register{"gs_base", 8, "int", "", featureSegments, func(b []byte, r *emulator.Registers) { put64(b, r.GSBase) }},
	)
}

func put32(b []byte, v uint32) { binary.LittleEndian.PutUint32(b, v) }
func put64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

func numberRegisters() map[string]int {
	numbers := make(map[string]int, len(registerFile))
	for i, r := range registerFile {
		numbers[r.name] = i
	}
	return numbers
}

// expedited returns the numbers of the registers a stop reply carries: all the integer ones, so that gdb need not ask
// for them after each step.
func expedited() []int {
	var numbers []int
	for i := range registerFile[:ripNumber+2] {
		numbers = append(numbers, i)
	}
	return append(numbers, registerNumber["fs_base"])
}

// appendRegister appends the value of the register in target byte order, or x's for one that is not to be had.
func appendRegister(dst []byte, number int, r *emulator.Registers) []byte {
	reg := &registerFile[number]
	if reg.read == nil {
		for range 2 * reg.size {
			dst = append(dst, 'x')
		}
		return dst
	}
	var value [16]byte
	reg.read(value[:reg.size], r)
	return appendHex(dst, value[:reg.size])
}

// appendRegisters appends the whole register file, as the g packet wants it.
func appendRegisters(dst []byte, r *emulator.Registers) []byte {
	for number := range registerFile {
		dst = appendRegister(dst, number, r)
	}
	return dst
}

// readRegisters carries out g: all registers of the selected thread.
func (c *session) readRegisters(dst []byte) ([]byte, error) {
	t, err := c.thread(c.selected)
	if err != nil {
		return dst, err
	}
	return appendRegisters(dst, c.registers(&t)), nil
}

// readRegister carries out p NUMBER.
func (c *session) readRegister(dst, args []byte) ([]byte, error) {
	number, ok := parseHex(args)
	if !ok {
		return dst, errMalformed
	}
	if number >= uint64(len(registerFile)) {
		return dst, errnoEINVAL
	}
	t, err := c.thread(c.selected)
	if err != nil {
		return dst, err
	}
	return appendRegister(dst, int(number), c.registers(&t)), nil
}
