package symbols

import (
	"debug/dwarf"
	"fmt"
	"strings"
)

// A Local is a parameter or a variable of a function.
type Local struct {
	Name  string
	Type  *Type
	Param bool
	// Line is where it is declared, in the function's file; 0 if that is not told.
	Line int
	// Escaped says that the variable lies in the heap: what Locate finds is a pointer to it.
	Escaped bool

	table *Table
	expr  []byte
}

// Locals returns the parameters and variables of frame number frame of those that Frames returns for the address, in the
// order in which they are declared. For the address of a call that has not returned, give an address within the call.
func (t *Table) Locals(addr uint64, frame int) (locals []Local, err error) {
	defer guard(&err, "read locals")
	d, err := t.dwarf()
	if err != nil {
		return nil, err
	}
	addr -= t.bias
	u := t.unitAt(addr)
	if u == nil {
		return nil, fmt.Errorf("locals at %#x: %w", addr+t.bias, ErrNotFound)
	}
	if err := t.index(u); err != nil {
		return nil, err
	}
	sub, ok := u.subprogramAt(addr)
	if !ok {
		return nil, fmt.Errorf("locals at %#x: %w", addr+t.bias, ErrNotFound)
	}
	wanted := len(t.inlined(addr)) - frame // how many inlined functions lie around those wanted
	r := d.Reader()
	r.Seek(sub)
	if e, err := r.Next(); err != nil || e == nil || !e.Children {
		return nil, err
	}
	// levels holds for each entry whose children are being read whether it is an inlined function.
	for levels, inlined := []bool{false}, 0; len(levels) > 0; {
		e, err := r.Next()
		if err != nil {
			return locals, err
		}
		if e == nil {
			break
		}
		switch e.Tag {
		case 0:
			if levels[len(levels)-1] {
				inlined--
			}
			levels = levels[:len(levels)-1]
			continue
		case dwarf.TagFormalParameter, dwarf.TagVariable:
			if inlined == wanted {
				if l, ok := t.local(u, e, addr); ok {
					locals = append(locals, l)
				}
			}
		case dwarf.TagInlinedSubroutine, dwarf.TagLexDwarfBlock:
			if !covers(d, e, addr) {
				r.SkipChildren()
				continue
			}
		}
		if e.Children {
			isInlined := e.Tag == dwarf.TagInlinedSubroutine
			if isInlined {
				inlined++
			}
			levels = append(levels, isInlined)
		}
	}
	return locals, nil
}

// local reads the entry of a variable. ok is false for one without a name or a type, such as a blank parameter.
func (t *Table) local(u *unit, e *dwarf.Entry, addr uint64) (l Local, ok bool) {
	l = Local{table: t, Param: e.Tag == dwarf.TagFormalParameter}
	l.expr = t.locationAt(u, e, addr)
	if origin, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); ok {
		o, err := t.entryAt(origin)
		if err != nil {
			return l, false
		}
		e = o
	}
	l.Name, _ = e.Val(dwarf.AttrName).(string)
	if line, ok := e.Val(dwarf.AttrDeclLine).(int64); ok {
		l.Line = int(line)
	}
	typ, isTyped := e.Val(dwarf.AttrType).(dwarf.Offset)
	if !isTyped || l.Name == "" || l.Name == "_" {
		return l, false
	}
	var err error
	if l.Type, err = t.typeAt(typ); err != nil {
		return l, false
	}
	if l.Name, l.Escaped = strings.CutPrefix(l.Name, "&"); l.Escaped {
		if l.Type, err = l.Type.Elem(); err != nil {
			return l, false
		}
	}
	return l, true
}
