package history

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator"
)

// A Condition is what must hold for a breakpoint to stop a move: comparisons joined by && and ||, where && binds tighter.
//
//	goid == 1 && rax > 0x1000
//	[rsp+8] != 0 || sched.npidle >= 2
//
// A side of a comparison is a number, a register (rax … r15, rip, rflags, fsbase, gsbase), tid, tick, goid (the number of
// the goroutine that the thread runs, 0 for none), [SUM] for the 8 bytes at an address or [SUM]:N for N of them, where
// SUM adds and subtracts numbers and registers, or else an expression of the program such as sched.npidle. All are
// compared as unsigned numbers. A value that cannot be read is an error, but goid and the sides of a comparison that is not
// reached are not asked for.
type Condition struct {
	text string
	any  [][]comparison // one of these must hold as a whole
}

type comparison struct{ left, op, right string }

func (c *Condition) String() string { return c.text }

// comparisonOps are tried in this order, so that the longer come first.
var comparisonOps = []string{"==", "!=", "<=", ">=", "<", ">"}

// ParseCondition reads a condition. Names are looked up only when it is tested.
func ParseCondition(text string) (*Condition, error) {
	c := &Condition{text: text}
	for _, alternative := range strings.Split(text, "||") {
		var all []comparison
		for _, part := range strings.Split(alternative, "&&") {
			cmp, err := parseComparison(part)
			if err != nil {
				return nil, fmt.Errorf("condition %q: %w", text, err)
			}
			all = append(all, cmp)
		}
		c.any = append(c.any, all)
	}
	return c, nil
}

func parseComparison(text string) (comparison, error) {
	for i := range text {
		for _, op := range comparisonOps {
			if !strings.HasPrefix(text[i:], op) {
				continue
			}
			c := comparison{strings.TrimSpace(text[:i]), op, strings.TrimSpace(text[i+len(op):])}
			if c.left == "" || c.right == "" || strings.ContainsAny(c.right, "=!<>") {
				return comparison{}, fmt.Errorf("%q is not VALUE %s VALUE", strings.TrimSpace(text), op)
			}
			return c, nil
		}
	}
	return comparison{}, fmt.Errorf("%q has none of == != <= >= < >", strings.TrimSpace(text))
}

// Holds says whether the condition holds for the thread now; nil always does.
func (s *Session) Holds(c *Condition, t *emulator.Thread) (bool, error) {
	if c == nil {
		return true, nil
	}
	for _, all := range c.any {
		ok := true
		for _, cmp := range all {
			l, err := s.Operand(cmp.left, t)
			if err != nil {
				return false, err
			}
			r, err := s.Operand(cmp.right, t)
			if err != nil {
				return false, err
			}
			if ok = compare(l, cmp.op, r); !ok {
				break
			}
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}

func compare(l uint64, op string, r uint64) bool {
	switch op {
	case "==":
		return l == r
	case "!=":
		return l != r
	case "<=":
		return l <= r
	case ">=":
		return l >= r
	case "<":
		return l < r
	}
	return l > r
}

// Operand returns the value of one side of a comparison for the thread now: see Condition.
func (s *Session) Operand(text string, t *emulator.Thread) (uint64, error) {
	if v, ok := s.simple(text, t); ok {
		return v, nil
	}
	if strings.HasPrefix(text, "[") {
		return s.memoryOperand(text, t)
	}
	if s.Runtime == nil {
		return 0, fmt.Errorf("%q: %w", text, ErrNoValue)
	}
	v, err := s.Runtime.Eval(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: %w", ErrNoValue, err)
	case !v.OK():
		return 0, fmt.Errorf("%s: %w: %s", text, ErrNoValue, v)
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
		return 0, fmt.Errorf("%q: %w", text, err)
	}
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	return v, nil
}
