package model

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/lessons"
)

// InputOf returns what the runtime of a tour's program found when it started.
func InputOf(t *lessons.Tour) Input {
	cfg := t.Machine.Config()
	in := Input{SP: t.Moments[0].Registers.SP(), CPUs: cfg.CPUs}
	for _, e := range cfg.Env {
		if v, ok := strings.CutPrefix(e, "GOMAXPROCS="); ok && in.GOMAXPROCS == "" { // the first counts (runtime: gogetenv)
			in.GOMAXPROCS = v
		}
	}
	return in
}

// Look reads the fields with the given paths from a machine's memory at the end of a stage. The machine is afterwards where
// it was.
func Look(ctx context.Context, t *lessons.Tour, stage string, paths []string) (Snapshot, error) {
	mo, err := t.Moment(stage)
	if err != nil {
		return Snapshot{}, err
	}
	was := t.Machine.Tick()
	if err := t.Machine.SeekContext(ctx, mo.Tick); err != nil {
		return Snapshot{}, err
	}
	r := reader{rt: t.Runtime, moment: mo, names: map[uint64]string{0: "nil"}}
	r.learn()
	s := Snapshot{Stage: stage}
	for _, path := range paths {
		s.Fields = append(s.Fields, Field{path, r.read(path)})
	}
	return s, t.Machine.SeekContext(ctx, was)
}

// A reader renders a machine's fields as the model does its own.
type reader struct {
	rt     *goruntime.Runtime
	moment *lessons.Moment
	// names are what the model calls the objects at these addresses.
	names map[uint64]string
}

func (r *reader) learn() {
	for _, name := range []string{"g0", "m0", "m0.tls[1]"} {
		if addr, _, ok := r.rt.Place(name); ok {
			r.names[addr] = "&" + name
		}
	}
	for i, addr := range r.rt.AllP().Addrs {
		if addr != 0 {
			r.names[addr] = fmt.Sprintf("allp[%d]", i)
		}
	}
}

func (r *reader) name(addr uint64) string {
	if n := r.names[addr]; n != "" {
		return n
	}
	return fmt.Sprintf("%#x", addr)
}

// older are the names that variables had in earlier versions.
var older = map[string]string{"numCPUStartup": "ncpu"} // until Go 1.24

func (r *reader) read(path string) string {
	if path == "fs" {
		return r.name(r.moment.Registers.FSBase)
	}
	v := r.rt.View(path)
	if !v.OK() && older[path] != "" {
		v = r.rt.View(older[path])
	}
	switch {
	case !v.OK():
		return v.String()
	case v.Pointer || path == "m0.tls[0]": // an integer by type
		return r.name(v.Uint)
	}
	return strconv.FormatInt(v.Int, 10)
}
