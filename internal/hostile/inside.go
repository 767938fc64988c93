package hostile

import "context"

// An InsideContext is canceled while its machine is inside an instruction that it does in slices.
type InsideContext struct {
	context.Context
	Machine interface{ Unfinished() bool }
}

// Err returns context.Canceled inside an instruction.
func (c InsideContext) Err() error {
	if c.Machine.Unfinished() {
		return context.Canceled
	}
	return nil
}
