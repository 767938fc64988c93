package lab

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/lessons"
)

// Stages returns the names of the stages, in the order of the boot.
func Stages() []string {
	names := make([]string, len(lessons.Stages))
	for i, s := range lessons.Stages {
		names[i] = s.ID
	}
	return names
}

// Title returns what a stage is about, in the language of the lesson.
func Title(stage string) string {
	s, ok := lessons.StageNamed(stage)
	if !ok {
		must(fmt.Errorf("%q is no stage; the stages are %s", stage, strings.Join(Stages(), ", ")))
	}
	return s.Title.In(Lang)
}

// Bytes returns n bytes of memory at an address.
func (m *Machine) Bytes(addr, n int) []byte {
	b := make([]byte, n)
	must(m.tour.Machine.ReadMemory(b, uint64(addr)))
	return b
}

// longestString bounds a string in memory, in bytes.
const longestString = 4096

// Str returns the C string at an address: what lies before the next zero byte.
func (m *Machine) Str(addr int) string {
	var s []byte
	for len(s) < longestString {
		b := m.Bytes(addr+len(s), 1)
		if b[0] == 0 {
			break
		}
		s = append(s, b[0])
	}
	return string(bytes.ToValidUTF8(s, []byte("�")))
}

// Instruction tells which instruction comes next, in Go's assembler, and where it stands in the source.
func (m *Machine) Instruction() string {
	mo := m.tour.Look()
	for _, c := range mo.Code {
		if c.Addr == mo.PC() {
			return fmt.Sprintf("%#x  %-32s %s:%d", c.Addr, c.Text, shortFile(c.File), c.Line)
		}
	}
	return fmt.Sprintf("%#x  ?", mo.PC())
}

// Syscalls tells of the system calls that end between here and the tick, as strace would show them, and goes to that tick.
func (m *Machine) Syscalls(until uint64) []string {
	var calls []string
	machine := m.tour.Machine
	m.before = m.tour.Look()
	machine.OnSyscall(func(c emulator.Syscall) { calls = append(calls, c.Text) })
	defer machine.OnSyscall(nil)
	defer m.moved()
	ctx, done := watch(machine, "run", until)
	defer done()
	for machine.Tick() < until {
		ev, err := machine.Run(ctx, until)
		m.must(err)
		switch ev.Kind {
		case emulator.EventExit, emulator.EventDeadlock, emulator.EventMaxTicks:
			return calls
		case emulator.EventCanceled:
			m.must(Context.Err())
			return calls
		}
	}
	return calls
}

// TickOf returns the number of the moment at which the stage ends.
func (m *Machine) TickOf(stage string) uint64 {
	mo, err := m.tour.Moment(stage)
	must(err)
	return mo.Tick
}
