package lab

import (
	"context"
	"errors"

	"github.com/rt0lab/rt0/emulator"
)

// A Stopped is the error of work with a machine that the end of Context has ended. It wraps the cause of that.
type Stopped struct {
	Err error
	// Where is where the machine was then, maybe inside an instruction, as emulator.Event.Where says it.
	Where string
}

func (s *Stopped) Error() string { return "interrupted at " + s.Where }

func (s *Stopped) Unwrap() error { return s.Err }

// stopped returns the error of work with the machine, which says where it is if the end of Context was the reason.
func stopped(m *emulator.Machine, err error) error {
	if err == nil || Context.Err() == nil || !errors.Is(err, Context.Err()) && !errors.Is(err, context.Cause(Context)) {
		return err
	}
	return &Stopped{err, m.Where()}
}

// must ends the cell if work with the machine ended with an error.
func (m *Machine) must(err error) { must(stopped(m.tour.Machine, err)) }
