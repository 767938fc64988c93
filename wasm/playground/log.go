package playground

import (
	"sort"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/lessons"
)

// How much a log keeps and shows. A guest can write without end.
const (
	maxCalls, shownCalls   = 1 << 16, 200
	maxOutput, shownOutput = 1 << 20, 1 << 14
)

// A log is what the guest has said so far: its output and its system calls, each with its tick, so that the page can show
// them as they were at any moment. A machine tells of output once and of a call at each replay; the log keeps both once.
type log struct {
	machine *emulator.Machine
	pieces  []piece
	bytes   int
	calls   []emulator.Syscall
	seen    map[callKey]bool
	refused lessons.Refusal
}

type callKey struct {
	tick uint64
	tid  int
}

type piece struct {
	tick uint64
	text string
}

func (l *log) attach(m *emulator.Machine) {
	l.machine = m
	m.OnSyscall(l.call)
}

func (l *log) call(c emulator.Syscall) {
	l.refused.Note(c)
	key := callKey{c.Tick, c.TID}
	if l.seen[key] || len(l.calls) >= maxCalls {
		return
	}
	l.seen[key] = true
	l.calls = append(l.calls, c)
}

// An output is the guest's stdout or stderr.
type output struct {
	l    *log
	name string
}

func (o output) Write(b []byte) (int, error) {
	l := o.l
	if l.bytes < maxOutput {
		keep := min(len(b), maxOutput-l.bytes)
		l.bytes += keep
		l.pieces = append(l.pieces, piece{l.machine.Tick(), strings.ToValidUTF8(string(b[:keep]), "�")})
	}
	return len(b), nil
}

// outputAt returns the end of what the guest has written by the tick.
func (l *log) outputAt(tick uint64) string {
	n := sort.Search(len(l.pieces), func(i int) bool { return l.pieces[i].tick > tick })
	var b strings.Builder
	for _, p := range l.pieces[:n] {
		b.WriteString(p.text)
	}
	s := b.String()
	if len(s) > shownOutput {
		s = "…" + strings.ToValidUTF8(s[len(s)-shownOutput:], "")
	}
	return s
}

// A Call is a system call in a View.
type Call struct {
	Tick uint64 `json:"tick"`
	TID  int    `json:"tid"`
	// Name is the call's, such as "futex"; Text is all of it, as strace shows it.
	Name string `json:"name"`
	Text string `json:"text"`
}

// callsAt returns the last calls that have ended by the tick, oldest first.
func (l *log) callsAt(tick uint64) []Call {
	n := sort.Search(len(l.calls), func(i int) bool { return l.calls[i].Tick > tick })
	out := []Call{}
	for _, c := range l.calls[max(0, n-shownCalls):n] {
		out = append(out, Call{c.Tick, c.TID, c.Name, c.Text})
	}
	return out
}
