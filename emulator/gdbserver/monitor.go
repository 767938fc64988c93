package gdbserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/internal/visible"
)

// A Command is one that a user of the client runs with `monitor NAME ARGS`.
type Command struct {
	Name string
	// Usage names the arguments, such as "[TICK]"; Help is one sentence.
	Usage, Help string
	// Run carries the command out. What it writes is shown to the user, and so is its error. It may move the debuggee,
	// and must end soon after ctx is canceled (the user pressed ^C).
	Run func(ctx context.Context, w io.Writer, args string) error
}

// builtins are the commands that every session has.
func (c *session) builtins() []Command {
	return []Command{
		{"help", "", "lists these commands", c.help},
		{"tick", "", "tells how many instructions have been retired", c.tick},
		{"seek", "TICK", "goes to the tick, forwards or backwards", c.seek},
		{"threads", "", "lists the threads, what they wait for and where they are", c.describeThreads},
	}
}

// commands are the session's and the server's, by name.
func (c *session) commands() []Command {
	all := append(c.builtins(), c.server.Commands...)
	slices.SortStableFunc(all, func(a, b Command) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// monitor carries out qRcmd: a command line in hexadecimal. All that the command has to say, errors too, is text for the
// user and goes out in O packets before the final OK: clients show an error reply as a bare number.
func (c *session) monitor(ctx context.Context, dst, args []byte) ([]byte, error) {
	line, ok := decodeHex(args)
	if !ok {
		return dst, errMalformed
	}
	var out bytes.Buffer
	switch err := c.runCommand(ctx, &out, string(line)); {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(&out, "interrupted")
	case err != nil:
		fmt.Fprintln(&out, err)
	}
	if err := c.say(visible.Lines(out.String())); err != nil {
		return dst, err
	}
	return append(dst, "OK"...), nil
}

// say shows text to the client's user, in O packets. Clients take them while a command or the program runs.
func (c *session) say(text string) error {
	for len(text) > 0 {
		n := min(len(text), maxPacket/4)
		if err := c.wire.write(appendHex([]byte{'O'}, []byte(text[:n]))); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

func (c *session) runCommand(ctx context.Context, w io.Writer, line string) error {
	name, args, _ := strings.Cut(strings.TrimSpace(line), " ")
	if name == "" {
		name = "help"
	}
	for _, command := range c.commands() {
		if command.Name != name {
			continue
		}
		before := c.debuggee.Tick()
		_, err := c.interruptible(ctx, func(ctx context.Context) (stop, error) {
			return stop{}, command.Run(ctx, w, strings.TrimSpace(args))
		})
		c.stale = true // the command may have set breakpoints of its own
		if now := c.debuggee.Tick(); now != before {
			c.moved(w, now)
		}
		return err
	}
	return fmt.Errorf("no command %q: try `monitor help`", name)
}

// moved tells the user that the client does not know yet where the program is: the protocol has no way for a server to
// say so.
func (c *session) moved(w io.Writer, tick uint64) {
	c.stoppedAt(stop{reason: stopStep, tid: c.debuggee.Current().TID})
	fmt.Fprintf(w, "Now at tick %d, thread %d, pc %#x. gdb still shows what it read before: type\n"+
		"  maintenance flush register-cache\n", tick, c.selected, c.debuggee.Current().Registers.RIP)
}

func (c *session) help(_ context.Context, w io.Writer, _ string) error {
	for _, command := range c.commands() {
		fmt.Fprintf(w, "%-20s %s\n", strings.TrimSpace(command.Name+" "+command.Usage), command.Help)
	}
	return nil
}

func (c *session) tick(_ context.Context, w io.Writer, _ string) error {
	_, err := fmt.Fprintln(w, c.debuggee.Tick())
	return err
}

func (c *session) seek(ctx context.Context, _ io.Writer, args string) error {
	tick, err := strconv.ParseUint(args, 0, 64)
	if err != nil {
		return fmt.Errorf("%q is not a tick: give a number of instructions", args)
	}
	if err := c.debuggee.Seek(ctx, tick); err != nil {
		return err
	}
	return c.leaveEnd(ctx)
}

func (c *session) describeThreads(_ context.Context, w io.Writer, _ string) error {
	for _, t := range c.debuggee.Threads() {
		fmt.Fprintf(w, "%d %s, pc %#x, sp %#x\n", t.TID, threadState(t.State, t.Waiting), t.Registers.RIP, t.Registers.SP())
	}
	return nil
}
