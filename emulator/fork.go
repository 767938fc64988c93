package emulator

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/linux"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Fork returns a machine in the state of m that goes its own way from here. The two share all memory until one of them
// writes to it, so a fork costs little. They may run at the same time, each in a goroutine of its own; Fork itself uses m.
//
// edit, unless it is nil, changes the fork's Config. It may change these fields:
//
//   - Seed: from the fork's tick on all chance comes from the new seed. The past keeps the old one.
//   - Stdin, Stdout, Stderr: edit finds them nil, for two machines would read and write in an order that nobody can
//     foretell. Left nil, stdin ends after what m has read by now, and what the fork writes is discarded. Stdin is what
//     follows on what m has read; the writers receive what the fork writes from now on.
//   - CheckpointEvery and MaxTicks.
//
// A machine that is inside an unfinished instruction cannot be forked.
//
// The guest has seen the rest by now: an edit of it is an error. So is the fork of a machine with a writable mount, for both
// would change the same files.
//
// The fork has m's past: Seek reaches every tick from 0 on, and a run from there leads to the fork's state at the fork's
// tick, whatever m has done after it. Breakpoints, watchpoints, Stops, OnSyscall and OnReport are not copied. The snapshots
// that the caller has taken of m belong to m.
func (m *Machine) Fork(edit func(*Config)) (*Machine, error) {
	if m.Unfinished() {
		return nil, fmt.Errorf("fork: the machine is inside %s; step to its end or seek to its start first", m.Inside())
	}
	for _, mount := range m.cfg.Mounts {
		if mount.Writable {
			return nil, fmt.Errorf("fork: the mount of %s is writable, and two machines would change the same files; mount it read-only", mount.Host)
		}
	}
	was := m.cfg
	was.Args, was.Env, was.Mounts = slices.Clone(was.Args), slices.Clone(was.Env), slices.Clone(was.Mounts)
	was.Stdin, was.Stdout, was.Stderr = nil, nil, nil
	cfg := was
	if edit != nil {
		edit(&cfg)
	}
	if err := cfg.fill(); err != nil {
		return nil, fmt.Errorf("fork: %w", err)
	}
	if fixed := changed(m.cfg, cfg); len(fixed) > 0 {
		return nil, fmt.Errorf("fork: the guest has already seen %s; start a new machine with another one", strings.Join(fixed, ", "))
	}
	f := &Machine{cfg: cfg, image: m.image, layout: m.layout, mem: m.mem.Fork()}
	f.cpu = x86.New(f.mem)
	f.kernel = m.kernel.Clone()
	f.kernel.Belong(&linux.Host{MaxTicks: cfg.MaxTicks}, m.kernel.ForkOutside(f.reader(cfg.Stdin), f.writer("Stdout", cfg.Stdout), f.writer("Stderr", cfg.Stderr)))
	if cfg.Seed != was.Seed {
		f.kernel.Reseed(cfg.Seed)
	}
	f.kernel.Attach(f.mem, f.cpu)
	f.inherit(m)
	return f, nil
}

// free are the fields of Config that a fork may change.
var free = []string{"Seed", "Stdin", "Stdout", "Stderr", "CheckpointEvery", "MaxTicks"}

// changed names the other fields in which two Configs differ.
func changed(a, b Config) (names []string) {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		name := x.Type().Field(i).Name
		if !slices.Contains(free, name) && !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			names = append(names, name)
		}
	}
	return names
}

// inherit gives a fork the past of the machine that it was made from, and takes note of the tick at which its own begins.
func (m *Machine) inherit(from *Machine) {
	born := m.Snapshot()
	m.checkpoints = checkpoints{every: m.cfg.CheckpointEvery}
	for _, s := range from.checkpoints.list {
		if s.tick < born.tick {
			m.checkpoints.add(&Snapshot{tick: s.tick, state: s.state, of: m})
		}
	}
	m.checkpoints.add(born)
	for _, b := range from.births {
		if b.tick < born.tick {
			m.births = append(m.births, &Snapshot{tick: b.tick, state: b.state, of: m})
		}
	}
	m.births = append(m.births, born)
}

// birth returns the first moment after the tick at which a fork on the way to this machine begins, or nil.
func (m *Machine) birth(tick uint64) *Snapshot {
	i, found := slices.BinarySearchFunc(m.births, tick, func(s *Snapshot, t uint64) int { return cmp.Compare(s.tick, t) })
	if found {
		i++
	}
	if i == len(m.births) {
		return nil
	}
	return m.births[i]
}
