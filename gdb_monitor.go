package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/gdbserver"
	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/emulator/history/trace"
	"github.com/rt0lab/rt0/lessons"
)

// defaultSyscalls is how many system calls monitor syscalls shows.
const defaultSyscalls = 20

// monitorCommands are what `monitor` offers in gdb beside the commands of the server.
func monitorCommands(s *history.Session) []gdbserver.Command {
	m := s.Machine()
	return []gdbserver.Command{
		{Name: "stage", Usage: "[ID]", Help: "goes to the end of a stage of the boot; without ID it lists the stages", Run: func(ctx context.Context, w io.Writer, id string) error {
			return gotoStage(ctx, w, m, id)
		}},
		{Name: "view", Usage: "EXPR", Help: "shows a value of the Go runtime, such as allp[0].status", Run: func(_ context.Context, w io.Writer, expr string) error {
			return viewExpression(w, s, expr)
		}},
		{Name: "syscalls", Usage: "[N]", Help: fmt.Sprintf("shows the last N system calls before now (default %d)", defaultSyscalls), Run: func(ctx context.Context, w io.Writer, args string) error {
			return lastSyscalls(ctx, w, s, args)
		}},
	}
}

// errFound ends a boot at the stage that was looked for.
var errFound = errors.New("found")

// gotoStage brings the machine to the end of the stage, or lists all stages if id is "". If it fails the machine is where
// it was.
func gotoStage(ctx context.Context, w io.Writer, m *emulator.Machine, id string) error {
	if err := m.ToStart(ctx); err != nil {
		return err
	}
	now := m.Snapshot()
	if id != "" {
		if _, ok := lessons.StageNamed(id); !ok {
			return fmt.Errorf("no stage %q: stage without an ID lists them", id)
		}
	}
	err := lessons.EachStage(ctx, m, func(mo *lessons.Moment) error {
		switch {
		case id == "" && !mo.Missing.Empty():
			fmt.Fprintf(w, "%-12s %s\n", mo.Stage.ID, mo.Missing.En)
		case id == "":
			fmt.Fprintf(w, "%-12s tick %-9d %s\n", mo.Stage.ID, mo.Tick, mo.Stage.Title.En)
		case mo.Stage.ID == id && !mo.Missing.Empty():
			return fmt.Errorf("stage %s: %s", id, mo.Missing.En)
		case mo.Stage.ID == id:
			fmt.Fprintf(w, "%s: %s\n", id, mo.Stage.Title.En)
			for _, f := range mo.Facts {
				fmt.Fprintf(w, "  %s = %s\n", f.Name, f.Value)
			}
			return errFound
		}
		return nil
	})
	if err == errFound {
		return nil
	}
	m.Restore(now)
	return err
}

// viewExpression writes the value of an expression of the runtime.
func viewExpression(w io.Writer, s *history.Session, expr string) error {
	if expr == "" {
		return errors.New("view what? For example: monitor view sched.npidle")
	}
	v, err := goruntime.New(s.Table, s.Machine()).Eval(expr)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s = %s\n", expr, v)
	return err
}

// lastSyscalls writes the last system calls before the present, where the machine is left.
func lastSyscalls(ctx context.Context, w io.Writer, s *history.Session, args string) error {
	count := defaultSyscalls
	if args != "" {
		var err error
		if count, err = strconv.Atoi(args); err != nil || count < 1 {
			return fmt.Errorf("%q is not a number of system calls", args)
		}
	}
	if err := s.Machine().ToStart(ctx); err != nil {
		return err
	}
	now := s.Machine().Snapshot()
	defer s.Machine().Restore(now)
	if now.Tick() == 0 {
		return nil
	}
	var last []*trace.Record
	err := trace.Run(ctx, s, trace.Options{Syscalls: true, To: now.Tick()}, func(r *trace.Record) error {
		if last = append(last, r); len(last) > count {
			last = last[1:]
		}
		return nil
	})
	if err != nil {
		return err
	}
	text := trace.Text(w)
	for _, r := range last {
		if err := text(r); err != nil {
			return err
		}
	}
	return nil
}
