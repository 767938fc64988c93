package cells

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"sync"
	"time"

	"github.com/rt0lab/rt0/kernel"
)

// output is where the cells' fmt and log functions write: below the cell that runs, or ran last.
type output struct {
	s   *Session
	err bool
}

func (o output) Write(p []byte) (int, error) {
	if o.err && o.s.out.trace.take(p) {
		return len(p), nil
	}
	c := o.s.current()
	if c == nil {
		return len(p), nil
	}
	if o.err {
		return c.Stderr().Write(p)
	}
	return c.Stdout().Write(p)
}

// current returns the cell that runs, or ran last.
func (s *Session) current() *kernel.Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cell
}

// input is what fmt.Scan reads: a question to the user a line.
type input struct{ s *Session }

func (i input) Read(p []byte) (int, error) {
	i.s.out.mu.Lock()
	defer i.s.out.mu.Unlock()
	if len(i.s.out.typed) == 0 { // fmt.Scan reads byte by byte, and a line is asked for once
		i.s.out.mu.Unlock()
		line, err := i.s.ask("", false)
		i.s.out.mu.Lock()
		if err != nil {
			return 0, err
		}
		i.s.out.typed = append(i.s.out.typed, line+"\n"...)
	}
	n := copy(p, i.s.out.typed)
	i.s.out.typed = i.s.out.typed[n:]
	return n, nil
}

// ask asks the user for a line.
func (s *Session) ask(prompt string, password bool) (string, error) {
	s.mu.Lock()
	c, ctx := s.cell, s.ctx
	s.mu.Unlock()
	if c == nil {
		return "", io.EOF
	}
	return c.Input(ctx, prompt, password)
}

// stdio is os.Stdout and os.Stderr of the cells: files, as their type says, so pipes.
type stdio struct {
	s     *Session
	pipes []*pipe
	trace trace
	mu    sync.Mutex
	typed []byte // read from the user, not yet taken
}

// exports gives the cells their os.Stdout and os.Stderr.
func (o *stdio) exports(own map[string]reflect.Value) {
	if len(o.pipes) == 2 {
		stdout, stderr := o.pipes[0].w, o.pipes[1].w
		own["Stdout"], own["Stderr"] = reflect.ValueOf(&stdout).Elem(), reflect.ValueOf(&stderr).Elem()
		return
	}
	stdin, stdout, stderr := &file{s: o.s, name: "stdin"}, &file{s: o.s, name: "stdout"}, &file{s: o.s, name: "stderr"}
	own["Stdin"], own["Stdout"], own["Stderr"] = reflect.ValueOf(&stdin).Elem(), reflect.ValueOf(&stdout).Elem(), reflect.ValueOf(&stderr).Elem()
	args := []string{"cell"}
	own["Args"] = reflect.ValueOf(&args).Elem()
	own["File"] = reflect.ValueOf((*file)(nil))
}

// A file is os.File where there are no pipes: of its methods, those that make sense for the three that there are.
type file struct {
	s    *Session
	name string
}

var errNoFile = errors.New("a web page has no files besides os.Stdin, os.Stdout and os.Stderr")

func (f *file) Name() string { return "/dev/" + f.name }
func (f *file) Sync() error  { return nil }
func (f *file) Close() error { return nil }

func (f *file) Read(b []byte) (int, error) {
	if f.name != "stdin" {
		return 0, errNoFile
	}
	return input{f.s}.Read(b)
}

func (f *file) Write(b []byte) (int, error) {
	if f.name == "stdin" {
		return 0, errNoFile
	}
	return output{f.s, f.name == "stderr"}.Write(b)
}

func (f *file) WriteString(text string) (int, error) { return f.Write([]byte(text)) }

// A pipe is a file whose other end goes to a stream of the cell.
type pipe struct {
	r, w    *os.File
	mark    []byte
	drained chan struct{}
}

func newStdio(s *Session) *stdio {
	o := &stdio{s: s}
	for _, err := range []bool{false, true} {
		r, w, fail := os.Pipe()
		if fail != nil { // js/wasm has none: os.Stdout stays the process's own
			return o
		}
		p := &pipe{r, w, fmt.Appendf(nil, "\x00rt0 %p %d\x00", o, time.Now().UnixNano()), make(chan struct{}, 1)}
		o.pipes = append(o.pipes, p)
		go p.read(output{s, err})
	}
	return o
}

// read forwards what is written to the pipe, up to its end. A mark in it is not output: drain has put it there.
func (p *pipe) read(to io.Writer) {
	var text []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := p.r.Read(buf)
		text = append(text, buf[:n]...)
		marked := false
		if i := bytes.Index(text, p.mark); i >= 0 {
			text, marked = append(text[:i], text[i+len(p.mark):]...), true
		}
		keep := 0 // what may be the beginning of a mark
		if i := bytes.LastIndexByte(text, 0); i >= 0 && bytes.HasPrefix(p.mark, text[i:]) {
			keep = len(text) - i
		}
		if send := text[:len(text)-keep]; len(send) > 0 {
			to.Write(send)
		}
		text = append(text[:0], text[len(text)-keep:]...)
		if marked {
			p.drained <- struct{}{}
		}
		if err != nil {
			return
		}
	}
}

// drain waits until all that was written to the files has arrived below the cell.
func (o *stdio) drain() {
	for _, p := range o.pipes {
		if _, err := p.w.Write(p.mark); err != nil {
			continue
		}
		select {
		case <-p.drained:
		case <-time.After(time.Second): // a program of a shell line still floods it
		}
	}
}

func (o *stdio) close() {
	for _, p := range o.pipes {
		p.w.Close()
		p.r.Close()
	}
}

// A trace collects the positions that the interpreter prints, innermost first, when a panic passes through a function.
type trace struct {
	mu     sync.Mutex
	lines  []string
	step   bool              // the last position was in a function of stepName's; the next one is where the cell calls it
	notify func(line string) // may be nil
}

var traceLine = regexp.MustCompile(`^(\S+\[\d+\]\S*:\d+:\d+): panic: (?:main)?\.?(.*)\(\.\.\.\)\n$`)

// stepPrefix is the function of stepName's in the name of a function, or all of the name.
var stepPrefix = regexp.MustCompile(`^` + stepName + `\d+\.?`)

// maxTrace bounds the positions of deep recursion.
const maxTrace = 50

// take keeps a line that is a position, and says whether it is one.
func (t *trace) take(p []byte) bool {
	m := traceLine.FindSubmatch(p)
	if m == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.step { // the call is ours, not the cell's
		t.step = false
		return true
	}
	line := string(m[1])
	function := string(stepPrefix.ReplaceAll(m[2], nil))
	if t.step = function == "" && len(m[2]) > 0; function != "" {
		line += " in " + plain(function)
	}
	if n := len(t.lines); n < maxTrace && (n == 0 || t.lines[n-1] != line) {
		t.lines = append(t.lines, line)
		if t.notify != nil {
			t.notify(plain(line))
		}
	}
	return true
}

func (t *trace) reset() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.lines
	t.lines, t.step = nil, false
	return lines
}
