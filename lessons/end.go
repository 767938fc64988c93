package lessons

import (
	"strings"

	"github.com/rt0lab/rt0/emulator"
)

// An end tells when a stage ends. The machine runs until it touches one of the places given, or stands at one of the
// instructions given, and then asks whether the change of state is complete.
type end struct {
	// needs are the expressions without which the change cannot be seen; of alternatives "a|b" one is enough.
	needs []string
	// writes are expressions: who writes to one of them may have completed the change.
	writes []string
	// spans are places that no expression names.
	spans func(b *boot) []emulator.Watch
	// before are instructions at which to look.
	before  func(b *boot) []uint64
	reached func(b *boot) bool
	// otherwise tells, where the change does not happen, why it does not; empty if that is not known. nil knows nothing.
	otherwise func(b *boot) Text
	// last marks the end of the boot.
	last bool
}

// ends holds the end of each stage.
var ends = map[string]end{
	"osstack": {reached: func(*boot) bool { return true }},
	"entry": {
		before:  entryOf("runtime.rt0_go"),
		reached: (*boot).atStart,
	},
	"alignment": {
		spans:   func(b *boot) []emulator.Watch { return written(b.frame-copyReach, copyReach) },
		reached: (*boot).argsCopied,
	},
	"g0stack": {
		needs:   []string{"g0.stack.hi"},
		writes:  []string{"g0.stack.hi"},
		reached: func(b *boot) bool { return b.word("g0.stack.hi") != 0 },
	},
	"tls": {
		spans:   (*boot).tlsSlot,
		before:  entryOf("runtime.settls"),
		reached: (*boot).probed,

		otherwise: (*boot).cgoTLS,
	},
	"bind": {
		needs:  []string{"m0.g0", "g0.m"},
		writes: []string{"m0.g0", "g0.m"},
		spans:  (*boot).tlsSlot,
		reached: func(b *boot) bool {
			g0, m0 := b.word("&g0"), b.word("&m0")
			return (b.foreignTLS || b.read(b.tls) == g0) && b.word("m0.g0") == g0 && b.word("g0.m") == m0
		},
	},
	"args": {
		needs:   []string{"&argc", "&argv"},
		writes:  append([]string{"argc", "argv", "physPageSize"}, randomNames...),
		reached: (*boot).argsRead,
	},
	"osinit": {
		needs:   []string{strings.Join(cpuCountNames, "|")},
		writes:  cpuCountNames,
		reached: func(b *boot) bool { return b.anySet(cpuCountNames) },
	},
	"schedinit": {
		needs:   []string{"sched.maxmcount"},
		writes:  []string{"sched.maxmcount"},
		reached: func(b *boot) bool { return b.word("sched.maxmcount") != 0 },
	},
	"mcommoninit": {
		needs:   []string{"allm"},
		writes:  []string{"allm"},
		reached: func(b *boot) bool { return b.word("allm") == b.word("&m0") },
	},
	"procresize": {
		needs:   []string{"len(allp)"},
		writes:  []string{"allp"},
		spans:   (*boot).lastP,
		reached: (*boot).allpFull,
	},
	"acquirep": {
		needs:  []string{"m0.p", "len(allp)"},
		writes: []string{"m0.p", "allp[0].m", "allp[0].status"},
		reached: func(b *boot) bool {
			p0 := b.word("allp[0]")
			return p0 != 0 && b.word("m0.p") == p0 && b.word("allp[0].m") == b.word("&m0") &&
				b.rt.PStatus(b.word("allp[0].status")) == "_Prunning"
		},
	},
	"pidle": {
		needs:  []string{"gomaxprocs", "sched.pidle"},
		before: (*boot).returns,
		reached: func(b *boot) bool {
			return b.word("gomaxprocs") != 0 && b.in("runtime.rt0_go") && b.sp == b.stackPointer()
		},
	},
	"newproc": {
		needs:  []string{"len(allp)"},
		writes: []string{"allp[0].runnext", "allp[0].runqtail"},
		reached: func(b *boot) bool {
			return b.word("allp[0].runnext") != 0 || b.word("allp[0].runqtail") != b.word("allp[0].runqhead")
		},
	},
	"mstart": {
		needs:   []string{"g0.sched.pc", "g0.sched.sp"},
		writes:  []string{"g0.sched.pc", "g0.sched.sp"},
		reached: func(b *boot) bool { return b.word("g0.sched.pc") != 0 && b.word("g0.sched.sp") != 0 },
	},
	"schedule": {
		before:  entryOf("runtime.main"),
		reached: (*boot).onG1,
	},
	"main": {
		before:  entryOf("main.main"),
		reached: func(b *boot) bool { return b.at("main.main") },
		last:    true,
	},
}

// cpuCountNames are the names under which runtimes keep the CPU count: numCPUStartup since Go 1.25.
var cpuCountNames = []string{"numCPUStartup", "ncpu"}

// randomNames are the names under which runtimes keep AT_RANDOM's bytes: a slice, startupRand since Go 1.22, and in Go 1.4
// a pointer of C's.
var randomNames = []string{"startupRand", "startupRandomData", "startup_random_data"}

// entryOf returns the first instruction of a function.
func entryOf(name string) func(*boot) []uint64 {
	return func(b *boot) []uint64 {
		if f, ok := b.table.FuncNamed(name); ok {
			return []uint64{f.Entry}
		}
		return nil
	}
}

func (e end) breaks(b *boot) []uint64 {
	if e.before == nil {
		return nil
	}
	return e.before(b)
}

// watches returns the places to watch now: they change when a pointer on the way to them does.
func (e end) watches(b *boot) []emulator.Watch {
	var ws []emulator.Watch
	for _, expr := range e.writes {
		if addr, size, ok := b.rt.Place(expr); ok && size > 0 {
			ws = append(ws, written(addr, size)...)
		}
	}
	if e.spans != nil {
		ws = append(ws, e.spans(b)...)
	}
	return ws
}

func written(addr, size uint64) []emulator.Watch {
	return []emulator.Watch{{Addr: addr, Len: size, Write: true}}
}
