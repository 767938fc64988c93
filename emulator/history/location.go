package history

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrNoPlace reports a place that the program does not have.
var ErrNoPlace = errors.New("no such place in the program")

// Resolve returns the addresses of the code that a person means by spec, lowest first:
//
//	0x45d2e0, *0x45d2e0    the instruction at the address
//	runtime.procresize     the function's first instruction, and the first of its body wherever it is inlined
//	proc.go:863            the first instruction of each stretch of code that comes from the line
//
// Without symbols only addresses are understood. A file may be named by the last parts of its path.
func (s *Session) Resolve(spec string) ([]uint64, error) {
	spec = strings.TrimSpace(spec)
	if n, err := strconv.ParseUint(strings.TrimPrefix(spec, "*"), 0, 64); err == nil && spec != "" {
		return []uint64{n}, nil
	}
	if s.Table == nil {
		return nil, fmt.Errorf("%q: there are no symbols, give an address such as 0x401000: %w", spec, ErrNoPlace)
	}
	if file, text, ok := cutLast(spec, ":"); ok {
		if line, err := strconv.Atoi(text); err == nil {
			if addrs := s.Table.Addrs(file, line); len(addrs) > 0 {
				return addrs, nil
			}
			return nil, fmt.Errorf("%s: no code comes from line %d: %w", file, line, ErrNoPlace)
		}
	}
	addrs := s.Table.InlinedAt(spec)
	if f, ok := s.Table.FuncNamed(spec); ok {
		addrs = append(addrs, f.Entry)
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("%q: neither a function, nor FILE:LINE, nor an address: %w", spec, ErrNoPlace)
	}
	slices.Sort(addrs)
	return slices.Compact(addrs), nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
