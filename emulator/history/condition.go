package history

import (
	"errors"
	"fmt"
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
// SUM adds and subtracts numbers and registers, or else a variable of the function (n, p.name.len), or else an expression of
// the program such as sched.npidle. Numbers are compared as they lie in memory, without signs. A comparison with something
// that cannot be read at the moment, such as a field behind a pointer that is nil, does not hold; one with something that
// the program does not have is an error.
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
			if err == nil {
				var r uint64
				r, err = s.Operand(cmp.right, t)
				ok = compare(l, cmp.op, r)
			}
			if errors.Is(err, ErrUnreadable) {
				ok, err = false, nil
			}
			if err != nil {
				return false, err
			}
			if !ok {
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
