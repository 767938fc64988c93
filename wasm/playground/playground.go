// Package playground is the machine as a web page wants it: one call moves it or asks it, and each answer is plain data,
// ready to be shown. It knows nothing of browsers, so that plain `go test` tests it; package worker connects it to one.
package playground

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/lessons"
)

// A Config says what to boot. Equal configs and equal program bytes make equal runs, so a link needs no more than this and a
// tick.
type Config struct {
	// Name is argv[0], such as "hello".
	Name string `json:"name"`
	// Args are the program's arguments, its name apart.
	Args []string `json:"args"`
	// Env is what is added to the environment, "KEY=value" each.
	Env  []string `json:"env"`
	CPUs int      `json:"cpus"`
	Seed uint64   `json:"seed"`
	// Mem is the most that the guest can have of all that takes memory, in bytes; 0 is DefaultMem. MaxTicks is where its run
	// stops for good; 0 is never, but a boot gives up after lessons.BootTicks.
	Mem      uint64 `json:"mem"`
	MaxTicks uint64 `json:"maxticks"`
}

// DefaultMem is Config.Mem if it is not given: a page has less to give than a computer.
const DefaultMem = 512 << 20

// checkpointEvery is the distance in ticks between the machine's snapshots: a slider that is dragged across the boot asks for
// hundreds of moments, and each is so far at most from the nearest.
const checkpointEvery = 1 << 15

// A Playground is one machine and where it is in its run. It is not safe for concurrent use.
type Playground struct {
	machine *emulator.Machine
	tour    *lessons.Tour
	history *history.Session
	log     *log
	// before is the moment with which views compare: what differs from it is marked.
	before *lessons.Moment
	// furthest is the last tick that is known to exist; the timeline reaches so far.
	furthest uint64
	// hit is the number of the breakpoint at which the last move ended, nil if it did not.
	hit      *int
	lanes    lanesLog
	listings map[uint64]*disassembly
}

// ErrNotBooted: the page asks a machine that is not there.
var ErrNotBooted = errors.New("no program is loaded yet")

// Boot loads the program, runs it once through its boot, so that every stage is known, and returns to its first moment.
func Boot(ctx context.Context, program []byte, c Config) (*Playground, error) {
	cfg, err := c.machine(program)
	if err != nil {
		return nil, err
	}
	l := &log{seen: map[callKey]bool{}}
	cfg.Stdout, cfg.Stderr = output{l, "stdout"}, output{l, "stderr"}
	m, err := emulator.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("this program cannot be loaded: %w", err)
	}
	l.attach(m)
	tour, err := lessons.NewTour(ctx, m)
	if ended, ok := errors.AsType[*lessons.EndedError](err); ok && l.refused.By(ended.Tick) {
		l.refused.Advise(ended, cfg.MemLimit, lessons.Text{En: "in " + memoryField.En, Zh: "在" + memoryField.Zh})
		ended.Stderr, _, _ = strings.Cut(ended.Stderr, "\n") // the rest is a stack trace, too long for a line on a phone
	}
	if err != nil {
		return nil, err
	}
	p := &Playground{machine: m, tour: tour, log: l, history: history.New(m)}
	// The tour has read the symbols and layouts already.
	p.history.Table, p.history.Runtime = tour.Runtime.Table(), tour.Runtime
	p.furthest = m.Tick()
	return p, p.seek(ctx, 0)
}

func (c Config) machine(program []byte) (cfg emulator.Config, err error) {
	if c.CPUs < 1 || c.CPUs > 1024 {
		return cfg, fmt.Errorf("%d CPUs: choose 1 to 1024", c.CPUs)
	}
	if c.Name == "" {
		c.Name = "program"
	}
	env, err := lessons.Environment(c.Env...)
	if err != nil {
		return cfg, fmt.Errorf("environment %w", err)
	}
	return emulator.Config{
		Program: program, Path: "/bin/" + c.Name, Args: append([]string{c.Name}, c.Args...), Env: env,
		CPUs: c.CPUs, Seed: c.Seed, MemLimit: cmp.Or(c.Mem, DefaultMem), MaxTicks: c.MaxTicks, CheckpointEvery: checkpointEvery,
	}, nil
}

// Hash returns the digest of all that the guest could observe now, as hexadecimal digits.
func (p *Playground) Hash() string { return fmt.Sprintf("%x", p.machine.Hash()) }
