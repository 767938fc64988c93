package lessons

import (
	"fmt"
	"strconv"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/lessons/picture"
)

// row makes a field of an object and marks it if it differs from the same object's at the moment before.
type row struct {
	name       string
	now, old   string
	known      bool // the object was there before
	to         string
	unreadable bool
}

func (r row) field() picture.Field {
	f := picture.Field{Name: r.name, Value: r.now, To: r.to, Mark: changedIf(r.known && r.now != r.old)}
	if r.unreadable {
		f.Mark = picture.Bad
	}
	return f
}

// id is how the graph calls the object at an address.
func id(addr uint64) string { return strconv.FormatUint(addr, 16) }

// pointerRow shows a pointer field, with an arrow to its object.
func pointerRow(name string, now, old *RuntimeState, v, was goruntime.Value, known bool) picture.Field {
	r := row{name: name, now: now.pointer(v), known: known, unreadable: !v.OK()}
	if known && old != nil {
		r.old = old.pointer(was)
	}
	if v.OK() && v.Uint != 0 {
		r.to = id(v.Uint)
	}
	return r.field()
}

func textRow(name, now, old string, known bool) picture.Field {
	return row{name: name, now: now, old: old, known: known}.field()
}

// addressText shows a number that is an address.
func addressText(v goruntime.Value) string {
	if !v.OK() {
		return v.String()
	}
	return fmt.Sprintf("%#x", v.Uint)
}

// What figures say of what they cannot or do not show.
var (
	noLayouts = Text{"layouts missing: build without -ldflags=-s", "缺少类型布局：构建时请不要用 -ldflags=-s"}
	moreP     = Text{"and %d more Ps", "另有 %d 个 P"}
)

// maxDrawn is how many Ms, Ps and Gs a graph shows; the rest is counted.
const maxDrawn = 8

// psPerColumn is how many Ps a graph shows below each other.
const psPerColumn = 4

func drawGraph(c *picture.Canvas, now, before *Moment, lang string) {
	s := now.Runtime
	if s == nil || s.G0 == nil || s.M0 == nil {
		c.Text(0, 0, noLayouts.In(lang), picture.Bad)
		return
	}
	old := stateOf(before)
	var objects []picture.Object
	add := func(column int, addr uint64, title string, known bool, fields ...picture.Field) {
		o := picture.Object{ID: id(addr), Title: title, Column: column, Fields: fields}
		if before != nil && before.Runtime != nil {
			o.Mark = changedIf(!known)
		}
		objects = append(objects, o)
	}
	gs := []*goruntime.G{s.G0}
	for _, g := range s.Gs {
		if len(gs) < maxDrawn && g.Addr != s.G0.Addr && g.M.OK() && g.M.Uint != 0 {
			gs = append(gs, g)
		}
	}
	for _, g := range gs {
		was, known := find(old.gs(), g.Addr, func(g *goruntime.G) uint64 { return g.Addr })
		add(0, g.Addr, s.Name(g.Addr)+fmt.Sprintf(" %#x", g.Addr), known,
			textRow("stack.lo", addressText(g.StackLo), addressText(was.StackLo), known),
			textRow("stack.hi", addressText(g.StackHi), addressText(was.StackHi), known),
			textRow("status", g.Status, was.Status, known),
			pointerRow("m", s, old, g.M, was.M, known))
	}
	ms := []*goruntime.M{s.M0}
	for _, m := range s.Ms {
		if len(ms) < maxDrawn && m.Addr != s.M0.Addr && m.P.OK() && m.P.Uint != 0 {
			ms = append(ms, m)
		}
	}
	for _, m := range ms {
		was, known := find(old.ms(), m.Addr, func(m *goruntime.M) uint64 { return m.Addr })
		add(1, m.Addr, s.Name(m.Addr)+fmt.Sprintf(" %#x", m.Addr), known,
			textRow("id", m.ID.String(), was.ID.String(), known),
			pointerRow("g0", s, old, m.G0, was.G0, known),
			pointerRow("curg", s, old, m.Curg, was.Curg, known),
			pointerRow("p", s, old, m.P, was.P, known))
	}
	for i, p := range s.Ps {
		if i == maxDrawn {
			break
		}
		was, known := find(old.ps(), p.Addr, func(p *goruntime.P) uint64 { return p.Addr })
		add(2+i/psPerColumn, p.Addr, s.Name(p.Addr)+fmt.Sprintf(" %#x", p.Addr), known,
			textRow("status", p.StatusName, was.StatusName, known),
			pointerRow("m", s, old, p.M, was.M, known),
			pointerRow("link", s, old, p.Link, was.Link, known),
			pointerRow("runnext", s, old, p.Runnext, was.Runnext, known))
	}
	bottom := c.Graph(0, 0, objects)
	if n := len(s.Ps) - maxDrawn; n > 0 {
		c.Text(0, bottom, fmt.Sprintf(moreP.In(lang), n), picture.Muted)
	}
}

// stateOf returns the runtime's state at a moment; one without anything if there is none.
func stateOf(m *Moment) *RuntimeState {
	if m == nil || m.Runtime == nil {
		return &RuntimeState{}
	}
	return m.Runtime
}

func (s *RuntimeState) gs() []*goruntime.G {
	if s.G0 == nil {
		return s.Gs
	}
	return append([]*goruntime.G{s.G0}, s.Gs...)
}

func (s *RuntimeState) ms() []*goruntime.M {
	if s.M0 == nil {
		return s.Ms
	}
	return append([]*goruntime.M{s.M0}, s.Ms...)
}

func (s *RuntimeState) ps() []*goruntime.P { return s.Ps }

// find returns the element at addr; else an empty one.
func find[T any](list []*T, addr uint64, at func(*T) uint64) (x *T, ok bool) {
	for _, x := range list {
		if at(x) == addr {
			return x, true
		}
	}
	return new(T), false
}

func drawTLS(c *picture.Canvas, now, before *Moment, lang string) {
	s := now.Runtime
	if s == nil || s.G0 == nil || s.M0 == nil {
		c.Text(0, 0, noLayouts.In(lang), picture.Bad)
		return
	}
	r := &now.Registers
	slot := Text{"unset: FS is 0", "未设置：FS 为 0"}.In(lang)
	if r.FSBase != 0 {
		slot = Text{"elsewhere than at m0.tls", "不指向 m0.tls"}.In(lang)
	}
	target, here := "", ""
	if s.TLS.OK() && r.FSBase == s.TLS.Addr+8 {
		slot = "-8(FS) = &m0.tls[0]"
		target, here = "tls", Text{"FS points here", "FS 指向这里"}.In(lang)
	}
	objects := []picture.Object{
		{ID: "cpu", Title: Text{"registers", "寄存器"}.In(lang), Column: 0, Fields: []picture.Field{
			{Name: "FS", Value: fmt.Sprintf("%#x", r.FSBase), To: target, ToField: "tls[1]", Mark: changedIf(before != nil && before.Registers.FSBase != r.FSBase)},
			{Name: "", Value: slot},
			{Name: "R14", Value: s.Name(r.GPR[emulator.R14]), To: id(r.GPR[emulator.R14]), Mark: changedIf(before != nil && before.Registers.GPR[emulator.R14] != r.GPR[emulator.R14])},
		}},
		{ID: "tls", Title: fmt.Sprintf("m0.tls %#x", s.TLS.Addr), Column: 1, Fields: []picture.Field{
			{Name: "tls[0]", Value: s.pointer(s.TLS), To: id(s.TLS.Uint), Mark: changedIf(before != nil && before.Runtime != nil && before.Runtime.TLS.Uint != s.TLS.Uint)},
			{Name: "tls[1]", Value: here},
		}},
	}
	for _, g := range s.gs() {
		if g.Addr == s.G0.Addr || g.Addr == s.TLS.Uint || g.Addr == r.GPR[emulator.R14] {
			objects = append(objects, picture.Object{ID: id(g.Addr), Title: fmt.Sprintf("%s %#x", s.Name(g.Addr), g.Addr), Column: 2,
				Fields: []picture.Field{{Name: "status", Value: g.Status}, {Name: "stack", Value: addressText(g.StackLo) + " – " + addressText(g.StackHi)}}})
		}
	}
	c.Graph(0, 0, objects)
}

// chainWidth is where lists wrap, in cells.
const chainWidth = 96

func drawAllM(c *picture.Canvas, now, before *Moment, lang string) {
	s, old := stateOf(now), stateOf(before)
	var links []picture.Link
	for _, m := range s.Ms {
		note := Text{"no P", "没有 P"}.In(lang)
		if m.P.OK() && m.P.Uint != 0 {
			note = "p " + s.Name(m.P.Uint)
		}
		if m.Curg.OK() && m.Curg.Uint != 0 {
			note += ", curg " + s.Name(m.Curg.Uint)
		}
		_, known := find(old.Ms, m.Addr, func(m *goruntime.M) uint64 { return m.Addr })
		links = append(links, picture.Link{Text: s.Name(m.Addr), Note: note, Mark: changedIf(before != nil && !known)})
	}
	y := c.Chain(0, 0, chainWidth, "allm", links, listEnd(s.AllM, lang))
	if s.Sched != nil {
		c.Chain(0, y+1, chainWidth, "sched.midle", plainLinks("M", s.Sched.MidleChain, old.midle()), listEnd(s.Sched.MidleChain, lang))
	}
}

func drawAllP(c *picture.Canvas, now, before *Moment, lang string) {
	s, old := stateOf(now), stateOf(before)
	if len(s.Ps) == 0 {
		c.Text(0, 0, "allp = []", picture.Muted)
	}
	const columns = 4
	y, tallest, x := 0, 0, 0
	for i, p := range s.Ps {
		if i == 64 {
			c.Text(0, y+tallest, fmt.Sprintf(moreP.In(lang), len(s.Ps)-i), picture.Muted)
			y += tallest + 1
			tallest = 0
			break
		}
		if i > 0 && i%columns == 0 {
			x, y, tallest = 0, y+tallest, 0
		}
		was, known := find(old.Ps, p.Addr, func(p *goruntime.P) uint64 { return p.Addr })
		fields := []picture.Field{
			textRow("status", p.StatusName, was.StatusName, known),
			{Name: "m", Value: s.pointer(p.M), Mark: changedIf(known && was.M.Uint != p.M.Uint)},
			{Name: "runnext", Value: s.pointer(p.Runnext), Mark: changedIf(known && was.Runnext.Uint != p.Runnext.Uint)},
			textRow("runq", strconv.Itoa(len(p.Queue)), strconv.Itoa(len(was.Queue)), known),
		}
		mark := picture.Plain
		if before != nil && !known {
			mark = picture.Changed
		}
		const w = 24
		c.Box(x, y, w, len(fields)+3, mark)
		title := fmt.Sprintf("allp[%d]", i)
		if mark == picture.Changed {
			title += " *"
		}
		c.Text(x+2, y+1, title, picture.Title)
		for j, f := range fields {
			value := f.Value
			if f.Mark == picture.Changed {
				value += " *"
			}
			c.Text(x+2, y+2+j, f.Name, picture.Muted)
			c.Text(x+10, y+2+j, value, f.Mark)
		}
		x += w + 1
		tallest = max(tallest, len(fields)+3)
	}
	y += tallest + 1
	if s.Sched != nil {
		c.Chain(0, y, chainWidth, "sched.pidle", plainLinks("P", s.Sched.PidleChain, old.pidle()), listEnd(s.Sched.PidleChain, lang))
	}
}

func (s *RuntimeState) pidle() *goruntime.List {
	if s.Sched == nil {
		return nil
	}
	return &s.Sched.PidleChain
}

func (s *RuntimeState) midle() *goruntime.List {
	if s.Sched == nil {
		return nil
	}
	return &s.Sched.MidleChain
}

// plainLinks shows a list's elements by kind and number; those at another place than before are marked.
func plainLinks(kind string, l goruntime.List, old *goruntime.List) []picture.Link {
	var links []picture.Link
	for i, n := range l.IDs {
		changed := old != nil && (i >= len(old.Addrs) || old.Addrs[i] != l.Addrs[i])
		links = append(links, picture.Link{Text: fmt.Sprintf("%s%d", kind, n), Mark: changedIf(changed)})
	}
	return links
}

// listEnd says how a list ends.
func listEnd(l goruntime.List, lang string) string {
	switch {
	case l.Absent:
		return Text{"absent in this Go version", "此 Go 版本没有"}.In(lang)
	case l.Unreadable != nil:
		return Text{"unreadable: ", "无法读取："}.In(lang) + l.Unreadable.Error()
	}
	return "nil"
}

func drawTimeline(c *picture.Canvas, now, _ *Moment, lang string) {
	var path []*Moment
	for m := now; m != nil; m = m.Before {
		path = append([]*Moment{m}, path...)
	}
	var lanes []picture.Lane
	index := map[int]int{}
	lane := func(tid int, born uint64) {
		if _, ok := index[tid]; !ok {
			index[tid] = len(lanes)
			lanes = append(lanes, picture.Lane{Name: fmt.Sprintf(Text{"thread %d", "线程 %d"}.In(lang), tid), Spans: []picture.Span{{Start: born, End: now.Tick}}})
		}
	}
	var moments []picture.Moment
	for _, m := range path {
		for _, t := range m.Threads {
			lane(t.TID, t.Born)
		}
		lane(m.TID, m.Tick) // it may have exited just now
		if m.Missing.Empty() {
			moments = append(moments, picture.Moment{Tick: m.Tick, Label: m.Stage.ID, Lane: index[m.TID], Mark: changedIf(m == now)})
		}
	}
	c.Timeline(0, 0, chainWidth, now.Tick, lanes, moments)
}
