package playground

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/lessons"
)

// maxNodes bounds how many Gs, Ms and Ps a graph holds of each; the rest is counted.
const maxNodes = 12

// A Graph is the runtime's Gs, Ms and Ps as data, for a page that draws them itself: each at a place of its own that it keeps
// while the machine moves, and each field with the memory that holds it.
type Graph struct {
	// Gs begin with g0 and Ms with m0; the others follow by age, and Ps by number.
	Gs []Node `json:"gs"`
	Ms []Node `json:"ms"`
	Ps []Node `json:"ps"`
	// More counts the Gs, Ms and Ps that are left out.
	More int `json:"more"`
	// Lists are the runtime's lists of them.
	Lists []Chain `json:"lists"`
}

// A Node is a G, an M or a P.
type Node struct {
	// ID is the structure's address, and Title what it is called: "&g0", "P3".
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Fields []Field `json:"fields"`
	// New says that it was not there at the moment before.
	New bool `json:"new"`
}

// A Field is a field of a Node.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// To is the ID of the node that the field points to, "" if it points to none.
	To      string `json:"to"`
	Changed bool   `json:"changed"`
	// Expr is the field's memory, to ask who wrote it; "" if no memory holds it.
	Expr string `json:"expr"`
}

// A Chain is a list of the runtime's, head first.
type Chain struct {
	Name string   `json:"name"`
	IDs  []string `json:"ids"`
	// End says how the list ends: "nil", or why it cannot be read on.
	End string `json:"end"`
	// Changed says that the list differs from that of the moment before.
	Changed bool `json:"changed"`
	// Expr is the list's head.
	Expr string `json:"expr"`
}

// graph reads the moment's graph; nil where the program has no layouts or no runtime of Go's.
func (p *Playground) graph(mo *lessons.Moment) *Graph {
	g := p.draw(mo.Runtime)
	if g == nil || p.before == nil {
		return g
	}
	old := p.draw(p.before.Runtime)
	if old == nil {
		return g
	}
	was := map[string]string{}
	for _, n := range slices.Concat(old.Gs, old.Ms, old.Ps) {
		was[n.ID] = ""
		for _, f := range n.Fields {
			was[n.ID+" "+f.Name] = f.Value
		}
	}
	for _, list := range [][]Node{g.Gs, g.Ms, g.Ps} {
		for i, n := range list {
			_, known := was[n.ID]
			list[i].New = !known
			for j, f := range n.Fields {
				n.Fields[j].Changed = known && was[n.ID+" "+f.Name] != f.Value
			}
		}
	}
	for i, c := range g.Lists {
		g.Lists[i].Changed = i < len(old.Lists) && !slices.Equal(c.IDs, old.Lists[i].IDs)
	}
	return g
}

// draw makes a graph of the runtime's state, with nothing marked.
func (p *Playground) draw(s *lessons.RuntimeState) *Graph {
	if s == nil || s.G0 == nil || s.M0 == nil {
		return nil
	}
	g := &Graph{Gs: []Node{}, Ms: []Node{}, Ps: []Node{}, Lists: []Chain{}}
	add := func(list *[]Node, addr uint64, fields ...Field) {
		id := hex(addr)
		switch {
		case slices.ContainsFunc(*list, func(n Node) bool { return n.ID == id }): // g0 and m0 are in the lists, too
		case len(*list) == maxNodes:
			g.More++
		default:
			*list = append(*list, Node{ID: id, Title: s.Name(addr), Fields: fields})
		}
	}
	for _, x := range slices.Concat([]*goruntime.G{s.G0}, s.Gs) {
		add(&g.Gs, x.Addr, field("status", x.Atomicstatus, x.Status), pointer(s, "m", x.M),
			address("stack.lo", x.StackLo), address("stack.hi", x.StackHi))
	}
	youngestFirst := slices.Clone(s.Ms)
	slices.Reverse(youngestFirst)
	for _, x := range slices.Concat([]*goruntime.M{s.M0}, youngestFirst) {
		add(&g.Ms, x.Addr, field("id", x.ID, x.ID.String()), pointer(s, "g0", x.G0), pointer(s, "curg", x.Curg), pointer(s, "p", x.P))
	}
	for _, x := range s.Ps {
		add(&g.Ps, x.Addr, field("status", x.Status, x.StatusName), pointer(s, "m", x.M), pointer(s, "runnext", x.Runnext),
			field("runq", x.Runqtail, strconv.Itoa(len(x.Queue))))
	}
	list := func(name, head string, l goruntime.List, kind string) {
		c := Chain{Name: name, IDs: []string{}, End: "nil"}
		switch {
		case l.Absent:
			return
		case l.Unreadable != nil:
			c.End = l.Unreadable.Error()
		}
		for _, n := range l.IDs[:min(len(l.IDs), 4*maxNodes)] {
			c.IDs = append(c.IDs, kind+strconv.FormatInt(n, 10))
		}
		if len(l.IDs) > len(c.IDs) {
			c.End = fmt.Sprintf("… %d", len(l.IDs))
		}
		if _, size, ok := p.tour.Runtime.Place(head); ok && size > 0 {
			c.Expr = head
		}
		g.Lists = append(g.Lists, c)
	}
	list("allm", "allm", s.AllM, "M")
	if s.Sched != nil {
		list("sched.midle", "sched.midle", s.Sched.MidleChain, "M")
		list("sched.pidle", "sched.pidle", s.Sched.PidleChain, "P")
		list("sched.runq", "sched.runq.head", s.Sched.GlobalQueue, "G")
	}
	return g
}

func field(name string, v goruntime.Value, shown string) Field {
	f := Field{Name: name, Value: shown}
	if v.OK() && v.Addr != 0 && v.Size > 0 {
		f.Expr = fmt.Sprintf("%#x:%d", v.Addr, v.Size)
	}
	return f
}

func address(name string, v goruntime.Value) Field {
	if !v.OK() {
		return field(name, v, v.String())
	}
	return field(name, v, hex(v.Uint))
}

func pointer(s *lessons.RuntimeState, name string, v goruntime.Value) Field {
	if !v.OK() || v.Uint == 0 {
		f := address(name, v)
		if v.OK() {
			f.Value = "nil"
		}
		return f
	}
	f := field(name, v, s.Name(v.Uint))
	f.To = hex(v.Uint)
	return f
}
