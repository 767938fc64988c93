package playground

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// refused asks what must be refused, with a message that says want.
func (p *page) refused(text, want string) {
	p.Helper()
	req, err := Decode(text)
	if err == nil {
		_, err = p.server.Handle(p.Context(), req, nil)
	}
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "bug") {
		p.Errorf("%s: %v; want a refusal that says %q", text, err, want)
	}
}

func TestBreakpoints(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	const breaks = `"breaks":[{"place":"main.main"},{"place":"runtime.schedinit"},{"place":"runtime.newproc","if":"goid == 1"}]`
	run := func(back bool) *View {
		t.Helper()
		return p.ask(fmt.Sprintf(`{"method":"move","move":{"to":"breakpoint","back":%v},%s}`, back, breaks), nil).View
	}
	hit := func(v *View) int {
		if v.Hit == nil {
			return -1
		}
		return *v.Hit
	}
	var there []View
	for {
		v := run(false)
		if hit(v) < 0 {
			if v.Note != "exit" {
				t.Errorf("the run ends with %q", v.Note)
			}
			break
		}
		there = append(there, *v)
	}
	if len(there) < 3 || hit(&there[0]) != 1 || there[0].Symbol != "runtime.schedinit" {
		t.Fatalf("%d stops; want schedinit, newproc by goroutine 1, main.main", len(there))
	}
	seen := map[int]int{}
	for _, v := range there {
		seen[hit(&v)]++
	}
	if seen[0] != 1 || seen[1] != 1 || seen[2] == 0 {
		t.Errorf("hits by breakpoint: %v", seen)
	}
	for i := len(there) - 1; i >= 0; i-- {
		if v := run(true); v.Tick != there[i].Tick || hit(v) != hit(&there[i]) {
			t.Errorf("back: tick %d, hit %d; want %d, %d", v.Tick, hit(v), there[i].Tick, hit(&there[i]))
		}
	}
	if v := run(true); v.Tick != 0 || v.Note != "start" || v.Hit != nil {
		t.Errorf("before the first: tick %d, %q", v.Tick, v.Note)
	}
	p.refused(`{"method":"move","move":{"to":"breakpoint"},"breaks":[{"place":"no.such"}]}`, "no.such")
	p.refused(`{"method":"move","move":{"to":"breakpoint"},"breaks":[{"place":"main.main","if":"rax =="}]}`, "rax ==")
	if len(p.server.p.history.Breakpoints()) != 0 {
		t.Error("a refused run leaves breakpoints behind")
	}

	r := p.ask(`{"method":"resolve","breaks":[{"place":"main.main"},{"place":"runtime/proc.go:99999"},{"place":"main.main","if":"("}]}`, nil).Resolved
	if len(r) != 3 || r[0].Count != 1 || r[0].At[0].Func != "main.main" || !strings.HasSuffix(r[0].At[0].File, "main.go") || r[0].Error != "" {
		t.Errorf("main.main resolves to %+v", r)
	}
	if r[1].Error == "" || len(r[1].At) != 0 || r[2].Error == "" {
		t.Errorf("what means nothing resolves to %+v", r[1:])
	}
}

// A line on which a breakpoint can be set is one that some instruction's place names, and the other way round.
func TestLinesAndListing(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	v := p.ask(`{"method":"move","move":{"to":"place","place":"runtime.schedinit"}}`, nil).View
	l := p.ask(`{"method":"listing"}`, nil).Listing
	if l.Func != "runtime.schedinit" || l.From != l.Code[0].Addr || l.Cut {
		t.Fatalf("the listing is of %s from %s", l.Func, l.From)
	}
	current := slices.IndexFunc(l.Code, func(c CodeLine) bool { return c.Current })
	if current < 0 || l.Code[current].Addr != registerNamed(v, "rip") {
		t.Errorf("the current instruction is not marked")
	}
	for _, c := range v.Code { // the view's excerpt is a part of it
		c.Current = false
		if !slices.ContainsFunc(l.Code, func(d CodeLine) bool { d.Current = false; return c == d }) {
			t.Errorf("%+v is not in the listing", c)
		}
	}
	places := map[string]string{} // of the instructions
	for _, c := range l.Code {
		places[c.Addr] = fmt.Sprintf("%s:%d", c.File, c.Line)
	}
	file, found := l.Code[0].File, map[string]bool{}
	lines := p.ask(`{"method":"lines","file":"`+file+`"}`, nil).Lines
	for i, line := range lines {
		if i > 0 && lines[i-1].Line >= line.Line {
			t.Fatalf("line %d comes after line %d", line.Line, lines[i-1].Line)
		}
		for _, a := range line.Addrs {
			if place, ok := places[a]; ok {
				if found[place] = true; place != fmt.Sprintf("%s:%d", file, line.Line) {
					t.Errorf("line %d says %s, which the listing says is %s", line.Line, a, place)
				}
			}
		}
	}
	if len(found) < 20 {
		t.Errorf("only %d lines of schedinit can be found by line", len(found))
	}
	if l := p.ask(`{"method":"listing","place":"main.main"}`, nil).Listing; l.Func != "main.main" || slices.ContainsFunc(l.Code, func(c CodeLine) bool { return c.Current }) {
		t.Errorf("the listing of main.main: %+v", l)
	}
	if n := len(p.ask(`{"method":"lines","file":"/no/such.go"}`, nil).Lines); n != 0 {
		t.Errorf("%d lines of no file", n)
	}
	p.refused(`{"method":"listing","place":"0x10"}`, "no function")
	p.refused(`{"method":"listing","place":"no.such"}`, "no.such")
}

func registerNamed(v *View, name string) string {
	for _, r := range v.Registers {
		if r.Name == name {
			return r.Value
		}
	}
	return ""
}

// The lanes say of every tick who executes its instruction.
func TestLanes(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	end := p.ask(`{"method":"move","move":{"to":"end"}}`, nil).View
	hash := p.ask(`{"method":"hash"}`, nil).Hash
	l := p.ask(fmt.Sprintf(`{"method":"lanes","from":0,"to":%d}`, end.Furthest), nil).Lanes
	if got := p.ask(`{"method":"hash"}`, nil).Hash; got != hash {
		t.Error("asking for lanes moves the machine")
	}
	if l.From != 0 || l.To != end.Tick || len(l.Lanes) < 3 || l.Step != 0 {
		t.Fatalf("lanes %d..%d of %d threads, step %d; the run ends at %d", l.From, l.To, len(l.Lanes), l.Step, end.Tick)
	}
	type stretch struct {
		from, to, goid uint64
		tid            int
	}
	var all []stretch
	goids := map[uint64]bool{}
	for _, lane := range l.Lanes {
		for _, s := range lane.Spans {
			all = append(all, stretch{s[0], s[1], s[2], lane.TID})
			goids[s[2]] = true
			if s[0] < lane.Born {
				t.Errorf("thread %d runs at %d and is born at %d", lane.TID, s[0], lane.Born)
			}
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return int(int64(a.from) - int64(b.from)) })
	var at uint64
	for _, s := range all {
		if s.from != at || s.to <= s.from {
			t.Fatalf("a stretch from %d to %d follows one that ends at %d", s.from, s.to, at)
		}
		at = s.to
	}
	if at != end.Tick || !goids[0] || !goids[1] || len(goids) < 4 {
		t.Errorf("the stretches end at %d of %d; goroutines %v", at, end.Tick, goids)
	}
	m := p.server.p.machine
	for i := 0; i < len(all); i += 7 {
		s := all[i]
		if err := m.Seek(s.from + (s.to-s.from)/2); err != nil {
			t.Fatal(err)
		}
		if got := m.Current().TID; got != s.tid {
			t.Errorf("thread %d runs at tick %d; the lanes say %d", got, m.Tick(), s.tid)
		}
		if err := m.Seek(s.to - 1); err != nil {
			t.Fatal(err)
		}
		now := m.Current()
		if g, _ := p.server.p.history.Goid(&now); g != s.goid && s.goid != 0 {
			t.Errorf("goroutine %d runs at tick %d; the lanes say %d", g, m.Tick(), s.goid)
		}
	}
	part := p.ask(`{"method":"lanes","from":1000,"to":2000}`, nil).Lanes
	if part.From != 1000 || part.To != 2000 || len(part.Lanes) != 1 || part.Lanes[0].Spans[0][0] != 1000 {
		t.Errorf("a part of the lanes: %+v", part)
	}
}

// Too many stretches are merged: none is lost, and no two overlap.
func TestLanesMerge(t *testing.T) {
	l := lanesLog{born: map[int]uint64{}}
	for i := range uint64(100_000) {
		l.add(span{from: 10 * i, to: 10*i + 10, tid: int(i % 3), goid: i % 5})
	}
	got := l.between(5, 999_995)
	if got.Step == 0 || len(got.Lanes) != 3 {
		t.Fatalf("%d lanes, step %d", len(got.Lanes), got.Step)
	}
	for _, lane := range got.Lanes {
		if n := len(lane.Spans); n > columns+1 || n < columns/2 {
			t.Errorf("thread %d has %d stretches", lane.TID, n)
		}
		for i := 1; i < len(lane.Spans); i++ {
			if lane.Spans[i][0] < lane.Spans[i-1][1] {
				t.Fatalf("%v overlaps %v", lane.Spans[i], lane.Spans[i-1])
			}
		}
	}
}

func TestMemory(t *testing.T) {
	p := &page{T: t}
	v := p.ask(`{"method":"boot","config":{"name":"hello","args":["one","two"],"cpus":2}}`, hello(t)).View
	sp := registerNamed(v, "rsp")
	words := p.ask(`{"method":"memory","expr":"rsp","before":2,"count":8}`, nil).Memory
	if len(words) != 8 || words[2].Addr != sp || words[2].Value != "0x3" || words[2].Bytes != "0300000000000000" || words[2].Note.En != "argc" {
		t.Errorf("around SP %s: %+v", sp, words)
	}
	if again := p.ask(`{"method":"memory","expr":"`+sp+`","count":1}`, nil).Memory; again[0] != words[2] {
		t.Errorf("by address: %+v; by register: %+v", again[0], words[2])
	}
	// A place of the runtime's, and what lies nowhere.
	p.ask(`{"method":"move","move":{"to":"stage","stage":"pidle"}}`, nil)
	hi := p.ask(`{"method":"memory","expr":"g0.stack.hi","count":1}`, nil).Memory[0]
	if n, err := strconv.ParseUint(hi.Value, 0, 64); err != nil || n == 0 {
		t.Errorf("g0.stack.hi: %+v", hi)
	}
	if w := p.ask(`{"method":"memory","expr":"0x10","count":2}`, nil).Memory; w[0].Bytes != "" || w[0].Value != "" {
		t.Errorf("no memory: %+v", w)
	}
	p.refused(`{"method":"memory","expr":"rsp","count":100000}`, "choose 1 to")
	p.refused(`{"method":"memory","expr":"no.such","count":1}`, "no.such")
}
