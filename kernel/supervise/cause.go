package supervise

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/kernel"
)

// A cause is why a process has ended.
type cause struct {
	name, value string   // as front ends show an error
	advice      string   // how to keep it from happening again; may be empty
	at          []string // positions in cells, innermost first
}

// The words with which the Go runtime ends a process (runtime/panic.go: fatalthrow, fatalpanic; runtime/signal_unix.go).
var (
	fatalLine  = regexp.MustCompile(`(?m)^fatal error: (.*)$`)
	panicLine  = regexp.MustCompile(`(?m)^panic: (.*?)(?: \[recovered.*\])?$`)
	signalLine = regexp.MustCompile(`(?m)^(SIG[A-Z0-9]+: .*)$`)
)

// explain reads the last words of a process. why is for what we have ended it ourselves, limit the memory that it may take.
func explain(words string, state *os.ProcessState, why string, limit uint64) cause {
	if why != "" {
		return cause{name: "ended", value: why}
	}
	if m := fatalLine.FindStringSubmatch(words); m != nil {
		what := strings.TrimPrefix(m[1], "runtime: ")
		switch {
		case strings.Contains(words, "out of memory") || strings.Contains(what, "cannot allocate memory"):
			c := cause{name: "fatal error", value: "out of memory"}
			if limit > 0 {
				c.advice = fmt.Sprintf("cells may take %s; the environment variable %s sets it", size(limit), MemoryVariable)
			}
			return c
		case strings.HasPrefix(what, "concurrent map"):
			return cause{name: "fatal error", value: what, advice: "goroutines that use the same map need a sync.Mutex around it"}
		}
		return cause{name: "fatal error", value: what}
	}
	if m := panicLine.FindStringSubmatch(words); m != nil {
		return cause{name: "panic", value: m[1] + " [in a goroutine]", advice: "no other goroutine can recover it: recover in the one that panics"}
	}
	if m := signalLine.FindStringSubmatch(words); m != nil {
		return cause{name: "fatal error", value: m[1]}
	}
	if state == nil {
		return cause{name: "ended", value: "nobody knows why"}
	}
	c := cause{name: "ended", value: state.String()} // "signal: killed", "exit status 3"
	if strings.HasPrefix(c.value, "signal: killed") {
		c.advice = "if no one has killed it, the computer had no memory left: dmesg tells"
	}
	return c
}

// position is a place in a cell as errors name it.
var position = regexp.MustCompile(`cell\[(\d+)\][.\d]*:(\d+):(\d+)`)

// quote returns the line of the code of cell number count in which the cause lies, if it does.
func (c cause) quote(count int, code string) []string {
	lines := strings.Split(code, "\n")
	for _, at := range c.at {
		m := position.FindStringSubmatch(at)
		if m == nil || m[1] != strconv.Itoa(count) {
			continue
		}
		line, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		if line < 1 || line > len(lines) {
			continue
		}
		return kernel.Mark(lines[line-1], column)
	}
	return nil
}

// positions tells where the cause lies.
func (c cause) positions() (list []string) {
	for _, at := range c.at {
		list = append(list, "  at "+at)
	}
	return list
}

// report is the error of the cell that ran when its process ended; cell may be nil.
func (d death) report(cell *kernel.Cell) error {
	e := &kernel.CellError{Name: d.cause.name, Value: d.cause.value}
	e.Traceback = []string{"\x1b[31m" + e.Name + "\x1b[0m: " + e.Value}
	if cell != nil {
		e.Traceback = append(e.Traceback, d.cause.quote(cell.Count, cell.Code)...)
	}
	e.Traceback = append(e.Traceback, d.cause.positions()...)
	e.Traceback = append(e.Traceback, d.fate()...)
	return e
}

// between says what has happened to a process that ran no cell when it ended.
func (d death) between() string {
	return d.cause.name + ": " + d.cause.value + "\n" + strings.Join(append(d.cause.positions(), d.fate()...), "\n")
}

// fate says in a few lines what is left, and what to do.
func (d death) fate() []string {
	var list []string
	if d.cause.advice != "" {
		list = append(list, "  "+d.cause.advice)
	}
	list = append(list, "The process that ran the cells has ended; another one goes on.")
	switch {
	case !d.restored:
		return append(list, "  It has nothing of the earlier cells: run them again.")
	case len(d.kept) > 0:
		list = append(list, "  kept: "+strings.Join(d.kept, "; "))
	}
	if len(d.lost) > 0 {
		list = append(list, "  lost: "+strings.Join(d.lost, "; "), "  Run the cells that make them again.")
	}
	return list
}
