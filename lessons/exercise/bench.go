package exercise

import (
	"context"
	"fmt"
	"sync"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons"
)

// A Bench boots the machines that answers are held to. Each is booted once. It may be used by one check at a time.
type Bench struct {
	// Program finds the program to boot: a sample's name, and the version of Go that builds it, "" for the local one.
	Program func(ctx context.Context, name, version string) (*program.Program, error)

	mu    sync.Mutex
	tours map[string]*lessons.Tour
}

// machine says what is special about a machine; the zero value is the default sample on no CPUs, which no machine has.
type machine struct {
	version string
	cpus    int
	env     []string
	args    []string
	seed    uint64
}

// maxTours bounds how many machines a bench keeps.
const maxTours = 16

// tour boots a machine.
func (b *Bench) tour(ctx context.Context, c machine) (*lessons.Tour, error) {
	key := fmt.Sprintf("%q", []any{c.version, c.cpus, c.env, c.args, c.seed})
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.tours[key]; t != nil {
		return t, nil
	}
	p, err := b.Program(ctx, program.Default, c.version)
	if err != nil {
		return nil, err
	}
	m, err := emulator.New(emulator.Config{
		Program: p.File, Path: p.Path, Args: append([]string{p.Name}, c.args...), Env: c.env, CPUs: c.cpus, Seed: c.seed,
	})
	if err != nil {
		return nil, err
	}
	t, err := lessons.NewTour(ctx, m)
	if err != nil {
		return nil, err
	}
	if b.tours == nil || len(b.tours) == maxTours {
		b.tours = make(map[string]*lessons.Tour)
	}
	b.tours[key] = t
	return t, nil
}
