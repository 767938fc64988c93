package picture

import (
	"slices"
	"sort"
)

// An Object is a box in a graph: a g, an m, a p, or any other structure.
type Object struct {
	// ID names the object for Field.To.
	ID, Title string
	// Column is the column of boxes in which the object stands, from 0; objects of one column stand below each other in
	// the order given.
	Column int
	Fields []Field
	Mark   Mark
}

// A Field is a row of an Object.
type Field struct {
	Name, Value string
	// To is the ID of the object to which the field points; it gets an arrow. An unknown ID gets none.
	To string
	// ToField names the field of that object at which the arrow ends; without it the arrow ends where there is room.
	ToField string
	Mark    Mark
}

// placed is an object with its place in cells.
type placed struct {
	*Object
	x, y, w, h int
}

func (p *placed) rowOf(field int) int { return p.y + 2 + field }

// arrow is a pointer to be routed.
type arrow struct {
	from, to *placed
	field    int
	mark     Mark
}

// Graph lays objects out in columns with their pointers as arrows, starting at cell x, y. Objects stay where they are as
// long as the list of objects and the lengths of their fields do, so that a graph does not jump while one scrubs. It
// returns the y below the graph.
func (c *Canvas) Graph(x, y int, objects []Object) (bottom int) {
	columns := 0
	for i := range objects {
		columns = max(columns, objects[i].Column+1)
	}
	all := make([]*placed, len(objects))
	byID := make(map[string]*placed, len(objects))
	widths := make([]int, columns)
	for i := range objects {
		o := &objects[i]
		all[i] = &placed{Object: o, w: o.width(), h: len(o.Fields) + 3}
		byID[o.ID] = all[i]
		widths[o.Column] = max(widths[o.Column], all[i].w)
	}
	arrows := collect(all, byID)
	// A gutter right of each column has one lane for each arrow that may run in it.
	gutters := make([]int, columns+1)
	for _, a := range arrows {
		for _, g := range lanesOf(a) {
			gutters[g]++
		}
	}
	left := make([]int, columns)
	at := x
	if gutters[0] > 0 {
		at += gutters[0] + 2
	}
	for i := range left {
		left[i] = at
		at += widths[i] + max(gutters[i+1], 1) + 3
	}
	heights := make([]int, columns)
	for _, p := range all {
		p.x, p.y = left[p.Column], y+heights[p.Column]
		p.w = widths[p.Column]
		heights[p.Column] += p.h + 1
		bottom = max(bottom, p.y+p.h)
		c.object(p)
	}
	r := router{c: c, left: left, widths: widths, start: x, lanes: gutters, near: make([]int, columns+1), far: make([]int, columns+1)}
	r.corridor = bottom
	for _, a := range arrows { // arrows leave from the rows of their fields, as far as the gutter's other side at most
		g, e := a.exit(), run{y: a.from.rowOf(a.field), from: a.from}
		e.x0, e.x1 = r.gutter(g)
		r.runs = append(r.runs, e)
	}
	for _, a := range arrows {
		r.route(a)
	}
	return r.corridor + 1
}

func (o *Object) width() int {
	w := Width(o.title())
	name, value := o.split()
	return max(w, name+value+1) + 4
}

// split returns the widths of the columns of names and of values.
func (o *Object) split() (name, value int) {
	for _, f := range o.Fields {
		name, value = max(name, Width(f.Name)), max(value, Width(signed(f)))
	}
	return name + 1, value
}

// title is the object's title with the sign of its mark.
func (o *Object) title() string { return signed(Field{Value: o.Title, Mark: o.Mark}) }

// signed is the field's value with the sign of its mark.
func signed(f Field) string {
	if f.Mark == Changed {
		return f.Value + " *"
	}
	return f.Value
}

func (c *Canvas) object(p *placed) {
	c.Box(p.x, p.y, p.w, p.h, p.Mark)
	c.Text(p.x+2, p.y+1, p.title(), Title)
	name, _ := p.split()
	for i, f := range p.Fields {
		c.Text(p.x+2, p.rowOf(i), f.Name, Muted)
		c.Text(p.x+2+name, p.rowOf(i), signed(f), f.Mark)
	}
}

// collect returns the pointers of all objects.
func collect(all []*placed, byID map[string]*placed) (out []arrow) {
	for _, p := range all {
		for i, f := range p.Fields {
			if to := byID[f.To]; f.To != "" && to != nil {
				out = append(out, arrow{p, to, i, f.Mark})
			}
		}
	}
	// Short hops first, so that they get the lanes next to the boxes.
	sort.SliceStable(out, func(i, j int) bool { return out[i].hop() < out[j].hop() })
	return out
}

func (a arrow) hop() int { return max(a.to.Column-a.from.Column, a.from.Column-a.to.Column) }

// lanesOf returns the gutters in which the arrow takes a lane: gutter i is left of column i.
func lanesOf(a arrow) []int {
	from, to := a.from.Column, a.to.Column
	switch {
	case to == from:
		return []int{from + 1}
	case to == from+1:
		return []int{to}
	case to == from-1:
		return []int{from}
	case to > from:
		return []int{from + 1, to}
	}
	return []int{from, to + 1}
}

// exit and entrance return the gutters next to the arrow's two ends.
func (a arrow) exit() int     { return lanesOf(a)[0] }
func (a arrow) entrance() int { l := lanesOf(a); return l[len(l)-1] }

// run is a level piece of an arrow in a gutter, from cell x0 to x1 of row y. One of two ends is known: where it leaves, or
// where it enters.
type run struct {
	y, x0, x1 int
	from, to  *placed
}

// router draws arrows along free lanes.
type router struct {
	c            *Canvas
	left, widths []int
	start        int
	lanes        []int // how many lanes a gutter has
	near, far    []int // lanes taken from the left and from the right, by gutter
	corridor     int   // the row below everything, for arrows that pass a column
	runs         []run
}

// gutter returns the first and the last lane of gutter g.
func (r *router) gutter(g int) (first, last int) {
	first = r.start
	if g > 0 {
		first = r.left[g-1] + r.widths[g-1] + 1
	}
	return first, first + max(r.lanes[g], 1) - 1
}

// lane returns the x of a free lane of gutter g. Arrows that enter a box on the gutter's right take lanes from the right,
// others from the left: so the two that join neighbours both end at the titles, and share a row without touching.
func (r *router) lane(g int, rightwards bool) int {
	first, last := r.gutter(g)
	if rightwards {
		r.far[g]++
		return last + 1 - r.far[g]
	}
	r.near[g]++
	return first - 1 + r.near[g]
}

// enter returns the row in which an arrow on lane x ends at the box's edge: that of the title, unless another arrow has its
// place there. Arrows to the same box may join.
func (r *router) enter(a arrow, x, edge int) (y int) {
	to := a.to
	fits := func(y int) bool {
		return !slices.ContainsFunc(r.runs, func(o run) bool {
			return o.y == y && o.to != to && o.x0 <= max(x, edge) && o.x1 >= min(x, edge) &&
				!(o.from == a.from && y == a.from.rowOf(a.field)) // straight across is good
		})
	}
	y = to.y + 1
	for y < to.y+to.h-2 && !fits(y) {
		y++
	}
	for i, f := range to.Fields {
		if name := a.from.Fields[a.field].ToField; name != "" && f.Name == name {
			y = to.rowOf(i)
		}
	}
	r.runs = append(r.runs, run{y: y, x0: min(x, edge), x1: max(x, edge), to: to})
	return y
}

func (r *router) route(a arrow) {
	from, to := a.from, a.to
	y0 := from.rowOf(a.field)
	start, end := from.x+from.w-1, to.x // the edges at which the arrow leaves and enters
	if to.Column < from.Column {
		start = from.x
	}
	if to.Column <= from.Column {
		end = to.x + to.w - 1
	}
	x1 := r.lane(a.entrance(), to.Column > from.Column)
	if a.hop() <= 1 {
		y1 := r.enter(a, x1, end)
		r.c.Arrow(a.mark, start, y0, x1, y0, x1, y1, end, y1)
		return
	}
	r.corridor++
	x0 := r.lane(a.exit(), to.Column < from.Column)
	y1 := r.enter(a, x1, end)
	r.c.Arrow(a.mark, start, y0, x0, y0, x0, r.corridor, x1, r.corridor, x1, y1, end, y1)
}
