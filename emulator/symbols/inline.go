package symbols

import (
	"debug/dwarf"
	"slices"
)

// A Frame is a function whose code is at an address, and the line in it.
type Frame struct {
	Func string
	File string
	Line int
	// Inlined says that the function has no code of its own here: the next frame's function contains it.
	Inlined bool
}

// Frames returns the functions at the address, the innermost first: those that the compiler inlined there, then the one
// that has the symbol. The line of an outer frame is that of the call. It is empty if nothing is known of the address. The
// list is the table's and must not be changed.
func (t *Table) Frames(addr uint64) []Frame {
	at := addr - t.bias
	frames, ok := t.frames[at]
	if !ok {
		if frames = t.findFrames(addr); t.frames == nil || len(t.frames) > maxFrames {
			t.frames = map[uint64][]Frame{}
		}
		t.frames[at] = frames
	}
	return frames
}

// maxFrames is how many addresses' frames are kept: those of a few hundred functions.
const maxFrames = 1 << 16

func (t *Table) findFrames(addr uint64) []Frame {
	f, okFunc := t.Func(addr)
	file, line, okLine := t.Line(addr)
	if !okFunc && !okLine {
		return nil
	}
	inlined := t.inlined(addr - t.bias)
	var frames []Frame
	for _, in := range inlined {
		frames = append(frames, Frame{Func: in.name, File: file, Line: line, Inlined: true})
		file, line = in.callFile, in.callLine
	}
	return append(frames, Frame{Func: f.Name, File: file, Line: line})
}

// An inlinedCall is one DW_TAG_inlined_subroutine: the function and the place that called it.
type inlinedCall struct {
	name     string
	callFile string
	callLine int
}

// inlined returns the inlined calls around the address (without the bias), innermost first.
func (t *Table) inlined(addr uint64) (calls []inlinedCall) {
	d, err := t.dwarf()
	if err != nil {
		return nil
	}
	u := t.unitAt(addr)
	if u == nil || t.index(u) != nil {
		return nil
	}
	sub, ok := u.subprogramAt(addr)
	if !ok {
		return nil
	}
	defer func() { slices.Reverse(calls) }()
	defer guard(&err, "read DWARF") // what was read before a malformed entry stands
	r := d.Reader()
	r.Seek(sub)
	if e, err := r.Next(); err != nil || e == nil || !e.Children {
		return nil
	}
	for depth := 1; depth > 0; {
		e, err := r.Next()
		if err != nil || e == nil {
			return calls
		}
		switch {
		case e.Tag == 0:
			depth--
		case e.Tag == dwarf.TagInlinedSubroutine && !covers(d, e, addr):
			r.SkipChildren()
		case e.Tag == dwarf.TagInlinedSubroutine:
			calls = append(calls, t.inlinedCall(u, e))
			fallthrough
		default:
			if e.Children {
				depth++
			}
		}
	}
	return calls
}

func covers(d *dwarf.Data, e *dwarf.Entry, addr uint64) bool {
	ranges, err := d.Ranges(e)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(ranges, func(r [2]uint64) bool { return addr >= r[0] && addr < r[1] })
}

func (t *Table) inlinedCall(u *unit, e *dwarf.Entry) inlinedCall {
	var c inlinedCall
	if origin, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); ok {
		r := t.dwarfData.Reader()
		r.Seek(origin)
		if o, err := r.Next(); err == nil && o != nil {
			c.name, _ = o.Val(dwarf.AttrName).(string)
		}
	}
	if i, ok := e.Val(dwarf.AttrCallFile).(int64); ok {
		c.callFile = t.fileOf(u, i)
	}
	if n, ok := e.Val(dwarf.AttrCallLine).(int64); ok {
		c.callLine = int(n)
	}
	return c
}
