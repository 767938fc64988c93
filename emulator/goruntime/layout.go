package goruntime

import (
	"fmt"

	"github.com/rt0lab/rt0/emulator/symbols"
)

// Layout returns the type of what the expression means, behind pointers and atomic wrappers: that whose fields may be
// selected next. It does not matter whether the pointers on the way lead anywhere yet.
func (r *Runtime) Layout(expr string) (*symbols.Type, error) {
	p, err := r.place(expr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", expr, err)
	}
	t := r.typeOf(r.reach(p))
	if t == nil {
		return nil, fmt.Errorf("%s: %w", expr, symbols.ErrNoDWARF)
	}
	return t, nil
}
