package lab

import (
	"cmp"
	"errors"
	"slices"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
)

// A Moment says which machine it is and where it stands. Machines are values, so whoever boots the same program with the
// same settings and goes to the same tick has the same machine.
type Moment struct {
	// Sample is the program: the name of a sample, or a path.
	Sample string `json:"sample"`
	// Go is the version of Go that built it, such as "go1.26.8".
	Go   string   `json:"go"`
	CPUs int      `json:"cpus"`
	Seed uint64   `json:"seed"`
	Args []string `json:"args"`
	// Env is what the environment has besides that of every machine, "KEY=value" each.
	Env  []string `json:"env"`
	Tick uint64   `json:"tick"`
	// Mem is what Mem sets, in bytes, MaxTicks what MaxTicks sets; 0 is the default.
	Mem      uint64 `json:"mem"`
	MaxTicks uint64 `json:"maxTicks"`
}

// Moved is called with every machine that a cell has booted or moved. A front end sets it, to follow.
var Moved = func(*Machine) {}

func (m *Machine) moved() { Moved(m) }

// Moment returns the present moment.
func (m *Machine) Moment() Moment {
	c := m.setup.cfg
	return Moment{m.setup.name, m.GoVersion(), c.CPUs, c.Seed, append([]string{}, c.Args...), append([]string{}, c.Env...), m.Tick(), c.MemLimit, c.MaxTicks}
}

// Program returns the program that the machine runs. With it and its moment, the machine can be entered in another process.
func (m *Machine) Program() program.Program { return *m.setup.program }

// Enter returns the machine of a moment: m itself, moved, if it is the same machine.
func Enter(to Moment, m *Machine) *Machine {
	if m == nil || !same(m.Moment(), to) {
		m = boot(to.options)
	}
	return m.enter(to)
}

// EnterProgram returns the machine of a moment that runs p, wherever the moment's program was found.
func EnterProgram(to Moment, p program.Program) *Machine {
	return boot(to.options, func(s *setup) { s.program = &p }).enter(to)
}

func (to Moment) options(s *setup) {
	for _, o := range []Option{Sample(to.Sample), Go(to.Go), CPUs(to.CPUs), Seed(to.Seed), Args(to.Args...), Env(to.Env...), MaxTicks(to.MaxTicks)} {
		o(s)
	}
	if to.Mem != 0 {
		Mem(to.Mem)(s)
	}
}

func (m *Machine) enter(to Moment) *Machine {
	err := m.tour.Machine.SeekContext(Context, to.Tick)
	if end := (*emulator.EndError)(nil); err != nil && !errors.As(err, &end) { // the end is as near as one can get
		m.must(err)
	}
	if stage := m.tour.Moments[m.tour.Stage(m.Tick())]; stage.Tick == m.Tick() {
		m.before = stage.Before
	} else {
		m.before = stage
	}
	return m
}

// same says whether two moments are those of one machine. A moment without a version of Go means whichever there is, one
// without Mem the default.
func same(a, b Moment) bool {
	return a.Sample == b.Sample && (b.Go == "" || a.Go == b.Go) && a.CPUs == b.CPUs && a.Seed == b.Seed &&
		slices.Equal(a.Args, b.Args) && slices.Equal(a.Env, b.Env) && cmp.Or(a.Mem, DefaultMem) == cmp.Or(b.Mem, DefaultMem) && a.MaxTicks == b.MaxTicks
}
