package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/internal/testprog"
	"github.com/rt0lab/rt0/lessons"
)

func hello(t *testing.T) []byte {
	t.Helper()
	p, err := program.Find(t.Context(), "hello", program.Options{Messages: io.Discard})
	if errors.Is(err, program.ErrNoToolchain) {
		t.Skip("NOT TESTED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.File
}

// A page is a server and the ask of requests in the page's own words.
type page struct {
	*testing.T
	server Server
}

func (p *page) ask(text string, program []byte) Reply {
	p.Helper()
	req, err := Decode(text)
	if err != nil {
		p.Fatal(err)
	}
	r, err := p.server.Handle(p.Context(), req, program)
	if err != nil {
		p.Fatalf("%s: %v", text, err)
	}
	return r
}

const bootHello = `{"method":"boot","config":{"name":"hello","args":[],"env":[],"cpus":4,"seed":0},"figures":["stack","nothing"],"lang":"en"}`

func TestBootIsThatOfTheCommand(t *testing.T) {
	file := hello(t)
	p := &page{T: t}
	r := p.ask(bootHello, file)
	m, err := emulator.New(emulator.Config{Program: file, Path: "/bin/hello", Args: []string{"hello"}, CPUs: 4,
		Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home/gopher"}})
	if err != nil {
		t.Fatal(err)
	}
	moments, err := lessons.Boot(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := lessons.WriteJSON(&want, moments); err != nil {
		t.Fatal(err)
	}
	if got := p.ask(`{"method":"json"}`, nil).JSON; got != want.String() {
		t.Errorf("the page's boot differs from the command's:\n%s\nwant\n%s", got, want.String())
	}
	if len(r.Outline.Stages) != len(lessons.Stages) || len(r.View.Pictures) != 1 || !strings.HasPrefix(r.View.Pictures[0].SVG, "<svg") {
		t.Errorf("%d stages, %d pictures; want %d and 1", len(r.Outline.Stages), len(r.View.Pictures), len(lessons.Stages))
	}
	for _, s := range moments {
		r := p.ask(`{"method":"move","move":{"to":"stage","stage":"`+s.Stage.ID+`"}}`, nil)
		if err := m.Seek(s.Tick); err != nil {
			t.Fatal(err)
		}
		v := r.View
		if v.Tick != s.Tick || !v.AtStage || v.Story.En != last(moments, s.Tick).Story("en") || len(v.Facts) != len(last(moments, s.Tick).Facts) {
			t.Errorf("stage %s: tick %d, %d facts, %q", s.Stage.ID, v.Tick, len(v.Facts), v.Story.En)
		}
		if got := p.ask(`{"method":"hash"}`, nil).Hash; got != hexHash(m) {
			t.Errorf("stage %s: hash %s; want %s", s.Stage.ID, got, hexHash(m))
		}
	}
}

func last(moments []*lessons.Moment, tick uint64) (m *lessons.Moment) {
	for _, mo := range moments {
		if mo.Tick <= tick {
			m = mo
		}
	}
	return m
}

func hexHash(m *emulator.Machine) string {
	return (&Playground{machine: m}).Hash()
}

func TestMoves(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	at := func(move string) *View { t.Helper(); return p.ask(`{"method":"move","move":`+move+`}`, nil).View }
	at(`{"to":"tick","tick":5000}`)
	for _, c := range []struct {
		move   string
		tick   uint64
		symbol string
		note   string
	}{
		{`{"to":"instruction"}`, 5001, "", ""},
		{`{"to":"instruction","back":true}`, 5000, "", ""},
		{`{"to":"place","place":"runtime.main","back":true}`, 0, "", "start"},
		{`{"to":"place","place":"runtime.schedinit"}`, 0, "runtime.schedinit", ""},
		{`{"to":"place","place":"main.main"}`, 0, "main.main", ""},
		{`{"to":"place","place":"runtime.schedinit","back":true}`, 0, "runtime.schedinit", ""},
		{`{"to":"end"}`, 0, "", "exit"},
	} {
		v := at(c.move)
		if c.tick != 0 && v.Tick != c.tick || c.symbol != "" && v.Symbol != c.symbol || !strings.Contains(v.Note, c.note) || v.Note != "" && c.note == "" {
			t.Errorf("%s: tick %d in %s, note %q; want %d %s %q", c.move, v.Tick, v.Symbol, v.Note, c.tick, c.symbol, c.note)
		}
	}
	end := at(`{"to":"tick","tick":99999999999}`)
	if end.Ended == "" || end.Output != "hello\n" || end.Furthest != end.Tick {
		t.Errorf("at the end: %q, output %q, tick %d of %d", end.Ended, end.Output, end.Tick, end.Furthest)
	}
	calls := end.Calls
	if v := at(`{"to":"stage","stage":"main"}`); v.Output != "" || len(v.Calls) == 0 || v.Furthest != end.Tick {
		t.Errorf("at main.main: output %q, %d calls", v.Output, len(v.Calls))
	}
	again := at(`{"to":"end"}`)
	if a, b := jsonOf(t, again.Calls), jsonOf(t, calls); a != b || again.Output != end.Output {
		t.Errorf("a replay changes the log:\n%s\nwas\n%s", a, b)
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Whoever clicks a fact is told who wrote it, and there the fact becomes what it is.
func TestWhoWrote(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	v := p.ask(`{"method":"move","move":{"to":"stage","stage":"main"}}`, nil).View
	asked := 0
	for _, f := range v.Facts {
		if f.Expr == "" {
			continue
		}
		asked++
		w := p.ask(`{"method":"whoWrote","expr":"`+f.Expr+`"}`, nil).Write
		if w.Func == "" || w.Tick >= v.Tick || w.New == "" {
			t.Errorf("%s: %+v", f.Expr, w)
		}
	}
	if asked < 15 {
		t.Errorf("only %d facts can be asked about", asked)
	}
	if w := p.ask(`{"method":"view"}`, nil).View; w.Tick != v.Tick {
		t.Errorf("asking moved the machine to %d", w.Tick)
	}
}

func TestRefuses(t *testing.T) {
	file := hello(t)
	for _, c := range []struct{ request, want string }{
		{`{"method":"view"}`, ErrNotBooted.Error()},
		{`{"method":"boot","config":{"cpus":0}}`, "choose 1 to 1024"},
		{`{"method":"boot","config":{"cpus":1,"env":["x"]}}`, "want KEY=VALUE"},
	} {
		req, err := Decode(c.request)
		if err == nil {
			_, err = new(Server).Handle(t.Context(), req, file)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.request, err, c.want)
		}
	}
	if _, err := Decode(`{"methud":"view"}`); err == nil {
		t.Error("an unknown field is taken")
	}
	p := &page{T: t}
	p.ask(bootHello, file)
	for _, request := range []string{
		`{"method":"boot","config":{"cpus":1}}`,
		`{"method":"move","move":{"to":"moon"}}`,
		`{"method":"move","move":{"to":"stage","stage":"x"}}`,
		`{"method":"move","move":{"to":"place","place":"no.such"}}`,
		`{"method":"whoWrote","expr":"no.such"}`,
	} {
		req, err := Decode(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.server.Handle(t.Context(), req, []byte("\x7fELF, broken")); err == nil || strings.Contains(err.Error(), "bug") {
			t.Errorf("%s: %v; want a refusal", request, err)
		}
	}
	p.ask(`{"method":"view"}`, nil) // the machine of before is still there
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.server.Handle(ctx, Request{Method: "move", Move: Move{To: "tick", Tick: 100000}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled seek: %v", err)
	}
}

// TestBootEnds: a program that dies before main.main is refused in the reader's language, with what to do.
func TestBootEnds(t *testing.T) {
	for lang, want := range map[string]string{"en": "exit status 1, in runtime.exit", "zh": "程序在到达 main.main 之前"} {
		var s Server
		_, err := s.Handle(t.Context(), Request{Method: "boot", Config: Config{Name: "v3", CPUs: 1}, Lang: lang}, testprog.BuildLevel(t, "v3", testprog.Hello))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "GOAMD64=v1 go build") {
			t.Errorf("%s: %v", lang, err)
		}
	}
}

// TestLimits: what a boot says when a limit of its config is reached, in the reader's language, with the page's field.
func TestLimits(t *testing.T) {
	file := hello(t)
	for _, c := range []struct {
		config   Config
		lang     string
		contains []string
	}{
		{Config{MaxTicks: 1000}, "en", []string{"not reached within 1000 instructions", "“What if …”, under “Instruction limit”"}},
		{Config{MaxTicks: 1000}, "zh", []string{"1000 条指令", "“指令数上限”"}},
		{Config{Mem: 1 << 20}, "en", []string{"cannot be loaded", "8 MiB", "may take 1 MiB", "under “Memory”"}},
		{Config{Mem: 4096}, "zh", []string{"无法装载", "1 MiB", "“内存”"}},
		{Config{Mem: 16 << 20}, "en", []string{"exit status 2", "it wrote: fatal error: out of memory allocating heap arena map; mmap had got no memory (ENOMEM) at tick ", "more than 16 MiB in “What if …”, under “Memory”"}},
		{Config{Mem: 16 << 20}, "zh", []string{"exit status 2", "mmap 在时刻 ", "“内存”", "多于 16 MiB"}},
	} {
		c.config.Name, c.config.CPUs = "hello", 1
		_, err := new(Server).Handle(t.Context(), Request{Method: "boot", Config: c.config, Lang: c.lang}, file)
		for _, want := range c.contains {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "-max-ticks") || strings.Contains(err.Error(), "-mem") {
				t.Errorf("%+v, %s: %v; want %q and no flag", c.config, c.lang, err, want)
			}
		}
	}
}

// TestLimitNotes: what a move to the end says of a run that a limit has ended.
func TestLimitNotes(t *testing.T) {
	const hungry = "package main\n\nvar all [][]byte\n\nfunc main() {\n\tfor {\n\t\tall = append(all, make([]byte, 1<<20))\n\t}\n}\n"
	// ends are the bodies of mains that end with status 1 when a call fails.
	ends := func(body string) string {
		return "package main\n\nimport (\n\t\"os\"\n\t\"syscall\"\n)\n\nfunc main() {\n\tvar err error\n\tfor err == nil {\n\t\t" + body + "\n\t}\n\tos.Exit(1)\n}\n\nvar _ syscall.Errno\n"
	}
	for _, c := range []struct {
		program, want string
		maxTicks      uint64
	}{
		{hungry, "max-ticks", 400_000},
		{hungry, NoteNoMemory, 0},
		{ends(`err = os.WriteFile("/f", make([]byte, 100<<20), 0o644)`), NoteNoMemory, 0}, // ENOSPC
		{ends(`_, err = os.Open("/none")`), "exit", 0},
		{ends(`_, _, e := syscall.Syscall(syscall.SYS_MMAP, 0, 1<<62, 0); if e != 0 { err = e }`), "exit", 0},     // ENOMEM, of no machine
		{ends(`_, err = syscall.Mmap(-1, 0, 100<<20, 3, syscall.MAP_ANON|syscall.MAP_PRIVATE)`), NoteNoMemory, 0}, // ENOMEM
	} {
		config := Config{Name: "hungry", CPUs: 1, Mem: 64 << 20, MaxTicks: c.maxTicks}
		p := &page{T: t}
		if _, err := p.server.Handle(t.Context(), Request{Method: "boot", Config: config}, testprog.Build(t, runtime.Version(), c.program)); err != nil {
			t.Fatal(err)
		}
		if got := p.ask(`{"method":"move","move":{"to":"end"}}`, nil).View.Note; got != c.want {
			t.Errorf("%s: note %q, want %q", c.program, got, c.want)
		}
	}
}
