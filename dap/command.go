package dap

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/visible"
)

// A Command is what a user can type after "rt0 " in the debug console.
type Command struct {
	Name string
	// Usage names the arguments, such as "TICK"; Help is a short sentence.
	Usage, Help string
	// Run carries the command out. What it writes is shown to the user, and so is its error. It may move the machine, and
	// must end soon after ctx is canceled.
	Run func(ctx context.Context, w io.Writer, args string) error
}

// commands returns those that there are.
func (s *session) commands() []Command {
	list := []Command{
		{"help", "", "lists these commands", func(_ context.Context, w io.Writer, _ string) error {
			for _, c := range s.commands() {
				fmt.Fprintf(w, "rt0 %-16s %s\n", c.Name+" "+c.Usage, c.Help)
			}
			return nil
		}},
		{"tick", "", "tells how many instructions have retired", func(_ context.Context, w io.Writer, _ string) error {
			_, err := fmt.Fprintln(w, s.past.Tick())
			return err
		}},
		{"seek", "TICK", "goes to a moment, forwards or backwards", s.seek},
		{"last", "EXPR", "tells which instruction last wrote it", s.lastWrite},
	}
	if s.srv.Commands != nil {
		list = append(list, s.srv.Commands(s.past)...)
	}
	return list
}

// command carries out a line of the debug console. It may take long, so it is a move: pause interrupts it.
func (s *session) command(r *dap.EvaluateRequest, line string) error {
	name, args, _ := strings.Cut(strings.TrimSpace(line), " ")
	if name == "" {
		name = "help"
	}
	all := s.commands()
	i := slices.IndexFunc(all, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return fmt.Errorf("no command %q; rt0 help lists them", name)
	}
	before := s.past.Tick()
	var out strings.Builder
	run := func(ctx context.Context) (history.Stop, error) {
		return history.Stop{}, all[i].Run(ctx, &out, strings.TrimSpace(args))
	}
	s.start(run, false, func(end arrival) {
		if end.err != nil {
			s.refuse(r, fmt.Errorf("%s: %w", name, end.err))
		} else {
			s.reply(r, &dap.EvaluateResponse{Body: dap.EvaluateResponseBody{Result: visible.Lines(strings.TrimRight(out.String(), "\n"))}})
		}
		if tick := s.past.Tick(); tick != before {
			s.stopped("goto", "", history.Stop{Tick: tick, TID: s.past.Machine().Current().TID})
		}
	})
	return nil
}

func (s *session) seek(ctx context.Context, w io.Writer, arg string) error {
	tick, err := strconv.ParseUint(arg, 0, 64)
	if err != nil {
		return fmt.Errorf("%q: want a number of instructions", arg)
	}
	stop, err := s.past.RunToTick(ctx, tick)
	if err == nil {
		fmt.Fprintf(w, "at tick %d\n", stop.Tick)
	}
	return err
}

func (s *session) lastWrite(ctx context.Context, w io.Writer, expr string) error {
	last, err := s.past.LastWrite(ctx, expr)
	if err != nil {
		return err
	}
	by := fmt.Sprintf("thread %d", last.TID)
	if last.Goid != 0 {
		by = fmt.Sprintf("goroutine %d on thread %d", last.Goid, last.TID)
	}
	how := ""
	if last.Syscall {
		how = ", by a system call"
	}
	_, err = fmt.Fprintf(w, "tick %d, %s, %s at %s:%d (%#x)%s: % x → % x\n", last.Tick, by, last.Func, last.File, last.Line, last.PC, how, last.Old, last.New)
	return err
}
