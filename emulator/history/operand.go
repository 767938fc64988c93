package history

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator"
)

// ErrUnreadable reports a value that cannot be read at the moment.
var ErrUnreadable = errors.New("unreadable now")

// Operand returns the value of one side of a comparison for the thread now: see Condition.
func (s *Session) Operand(text string, t *emulator.Thread) (uint64, error) {
	if v, ok := s.simple(text, t); ok {
		return v, nil
	}
	if strings.HasPrefix(text, "[") {
		return s.memoryOperand(text, t)
	}
	if v, err := s.localOperand(text, t); err == nil || !errors.Is(err, ErrNoValue) {
		return v, err
	}
	if s.Runtime == nil {
		return 0, fmt.Errorf("%q: %w", text, ErrNoValue)
	}
	v, err := s.Runtime.Eval(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: %w", ErrNoValue, err)
	case v.Absent:
		return 0, fmt.Errorf("%s: %w: %s", text, ErrNoValue, v)
	case !v.OK():
		return 0, fmt.Errorf("%s: %w: %s", text, ErrUnreadable, v)
	}
	return v.Uint, nil
}

// simple returns the value of a number, a register, tid, tick or goid.
func (s *Session) simple(text string, t *emulator.Thread) (uint64, bool) {
	if n, err := strconv.ParseUint(text, 0, 64); err == nil {
		return n, true
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return uint64(n), true
	}
	name := strings.ToLower(strings.TrimPrefix(text, "$"))
	for i, reg := range emulator.GPRNames {
		if name == reg {
			return t.Registers.GPR[i], true
		}
	}
	switch name {
	case "rip", "pc":
		return t.Registers.RIP, true
	case "sp":
		return t.Registers.SP(), true
	case "rflags":
		return t.Registers.RFLAGS, true
	case "fsbase":
		return t.Registers.FSBase, true
	case "gsbase":
		return t.Registers.GSBase, true
	case "tid":
		return uint64(t.TID), true
	case "tick":
		return s.m.Tick(), true
	case "goid":
		id, _ := s.Goid(t)
		return id, true
	}
	return 0, false
}

// memoryOperand reads [SUM] or [SUM]:N.
func (s *Session) memoryOperand(text string, t *emulator.Thread) (uint64, error) {
	sum, size, ok := strings.Cut(text[1:], "]")
	n := 8
	if size != "" {
		var err error
		if n, err = strconv.Atoi(strings.TrimPrefix(size, ":")); err != nil || !strings.HasPrefix(size, ":") {
			n = 0
		}
	}
	if !ok || n < 1 || n > 8 {
		return 0, fmt.Errorf("%q is not [ADDRESS] or [ADDRESS]:N with N from 1 to 8", text)
	}
	var addr uint64
	for _, minus := range strings.SplitAfter(strings.ReplaceAll(sum, "-", "+-"), "+") {
		term := strings.TrimSpace(strings.TrimSuffix(minus, "+"))
		if term == "" {
			continue
		}
		v, ok := s.simple(strings.TrimSpace(strings.TrimPrefix(term, "-")), t)
		if !ok {
			return 0, fmt.Errorf("%q: %q is neither number nor register", text, term)
		}
		if strings.HasPrefix(term, "-") {
			v = -v
		}
		addr += v
	}
	var b [8]byte
	if err := s.m.ReadMemory(b[:n], addr); err != nil {
		return 0, fmt.Errorf("%q: %w: %w", text, ErrUnreadable, err)
	}
	return littleEndian(b[:]), nil
}

// localOperand reads a variable of the function that the thread is in, or a field of one: n, p.next.n. The error is
// ErrNoValue if the function has no such variable.
func (s *Session) localOperand(text string, t *emulator.Thread) (uint64, error) {
	path := strings.Split(text, ".")
	vars, err := s.Locals(s.top(t))
	if err != nil {
		return 0, ErrNoValue
	}
	for i := len(vars) - 1; i >= 0; i-- {
		if v := vars[i]; v.Name == path[0] {
			return s.follow(v, path[1:])
		}
	}
	return 0, ErrNoValue
}

// follow reads the field that the path leads to from a variable, through pointers.
func (s *Session) follow(v Variable, path []string) (uint64, error) {
	for _, name := range path {
		if v.Err == nil && v.Type.Kind == reflect.Pointer {
			var b [8]byte
			if v.Err = v.Memory.ReadMemory(b[:], v.Addr); v.Err == nil {
				v.Addr, v.Memory = littleEndian(b[:]), s.m
				v.Type, v.Err = v.Type.Elem()
			}
		}
		if v.Err != nil {
			break
		}
		f, err := v.Type.Field(name)
		if err != nil {
			return 0, err
		}
		v.Addr += uint64(f.Offset)
		v.Type, v.Err = f.Type()
	}
	var b [8]byte
	if v.Err == nil && (v.Type.Size < 1 || v.Type.Size > 8) {
		return 0, fmt.Errorf("%s is a %s, which is no number", v.Name, v.Type.Name)
	}
	if v.Err == nil {
		v.Err = v.Memory.ReadMemory(b[:v.Type.Size], v.Addr)
	}
	if v.Err != nil {
		return 0, fmt.Errorf("%s: %w: %w", v.Name, ErrUnreadable, v.Err)
	}
	return littleEndian(b[:]), nil
}
