package symbols

import (
	"debug/dwarf"
	"fmt"
	"reflect"
)

// A Type is a Go type as the program's DWARF lays it out. Parts of it are read when asked for.
type Type struct {
	// Name is the qualified name, such as "runtime.g" or "[]*runtime.p".
	Name string
	// Kind is Go's kind of it; Invalid for what is no Go type.
	Kind reflect.Kind
	// Size is in bytes.
	Size int64
	// Len is an array's number of elements.
	Len int64

	table    *Table
	offset   dwarf.Offset
	elem     dwarf.Offset
	children bool
	fields   []Field
	read     bool
}

// A Field is a member of a struct.
type Field struct {
	Name string
	// Offset is in bytes from the start of the struct.
	Offset int64
	table  *Table
	typ    dwarf.Offset
}

// typeIndex holds the types read so far, by offset.
type typeIndex map[dwarf.Offset]*Type

// Attributes that Go's toolchain adds to DWARF (cmd/internal/dwarf: DW_AT_go_kind, DW_AT_go_elem).
const (
	attrGoKind dwarf.Attr = 0x2900
	attrGoElem dwarf.Attr = 0x2902
)

// TypeNamed returns the type of that qualified name. The units of the type's own package are searched first, then the
// others: the linker puts types where they are used.
func (t *Table) TypeNamed(name string) (*Type, error) {
	if _, err := t.dwarf(); err != nil {
		return nil, err
	}
	pkg := packageOf(name)
	for _, own := range []bool{true, false} {
		for _, u := range t.units {
			if u.of(pkg) != own {
				continue
			}
			if err := t.index(u); err != nil {
				return nil, err
			}
			if off, ok := u.types[name]; ok {
				return t.typeAt(off)
			}
		}
	}
	return nil, fmt.Errorf("type %s: %w", name, ErrNotFound)
}

func (t *Table) entryAt(off dwarf.Offset) (*dwarf.Entry, error) {
	r := t.dwarfData.Reader()
	r.Seek(off)
	e, err := r.Next()
	if err == nil && e == nil {
		err = fmt.Errorf("no DWARF entry at %#x", off)
	}
	return e, err
}

// typeAt reads the type at the offset. A typedef is the type it names, under its own name.
func (t *Table) typeAt(off dwarf.Offset) (typ *Type, err error) {
	if typ := t.types[off]; typ != nil {
		return typ, nil
	}
	defer guard(&err, "read type")
	const deepest = 16 // typedefs of typedefs: Go writes two at most
	name := ""
	for at, depth := off, 0; depth < deepest; depth++ {
		e, err := t.entryAt(at)
		if err != nil {
			return nil, fmt.Errorf("read type at %#x: %w", off, err)
		}
		if own, ok := e.Val(dwarf.AttrName).(string); ok && name == "" {
			name = own
		}
		if next, ok := e.Val(dwarf.AttrType).(dwarf.Offset); ok && e.Tag == dwarf.TagTypedef {
			at = next
			continue
		}
		typ := newType(t, e, name)
		if t.types == nil {
			t.types = typeIndex{}
		}
		t.types[off] = typ
		return typ, nil
	}
	return nil, fmt.Errorf("read type at %#x: typedefs go in circles", off)
}

func newType(t *Table, e *dwarf.Entry, name string) *Type {
	typ := &Type{Name: name, table: t, offset: e.Offset, children: e.Children, Kind: kindOf(e)}
	typ.Size, _ = e.Val(dwarf.AttrByteSize).(int64)
	typ.elem, _ = e.Val(dwarf.AttrType).(dwarf.Offset)
	if elem, ok := e.Val(attrGoElem).(dwarf.Offset); ok {
		typ.elem = elem
	}
	switch typ.Kind {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Func, reflect.Map, reflect.Chan:
		typ.Size = 8 // pointers: DWARF leaves it out
	case reflect.Array:
		typ.Len = t.arrayLen(e)
	}
	return typ
}

// arrayLen reads the bound of an array's subrange: a count, or the last index.
func (t *Table) arrayLen(e *dwarf.Entry) int64 {
	if !e.Children {
		return 0
	}
	r := t.dwarfData.Reader()
	r.Seek(e.Offset)
	if _, err := r.Next(); err != nil {
		return 0
	}
	for {
		c, err := r.Next()
		if err != nil || c == nil || c.Tag == 0 {
			return 0
		}
		if c.Tag != dwarf.TagSubrangeType {
			continue
		}
		if n, ok := c.Val(dwarf.AttrCount).(int64); ok {
			return max(n, 0)
		}
		if n, ok := c.Val(dwarf.AttrUpperBound).(int64); ok {
			return max(n+1, 0)
		}
		return 0
	}
}

// Elem returns what a pointer points to, or what an array or slice is made of.
func (typ *Type) Elem() (*Type, error) {
	if typ.Kind == reflect.Slice && typ.elem == 0 { // before Go 1.5 the first member told it
		f, err := typ.Field("array")
		if err != nil {
			return nil, err
		}
		array, err := f.Type()
		if err != nil {
			return nil, err
		}
		return array.Elem()
	}
	if typ.elem == 0 {
		return nil, fmt.Errorf("%s: no element type", typ.Name)
	}
	return typ.table.typeAt(typ.elem)
}

// Fields returns a struct's members, in order.
func (typ *Type) Fields() ([]Field, error) {
	if typ.read {
		return typ.fields, nil
	}
	fields, err := typ.readFields()
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", typ.Name, err)
	}
	typ.fields, typ.read = fields, true
	return fields, nil
}

func (typ *Type) readFields() (fields []Field, err error) {
	defer guard(&err, "read members")
	if !typ.children {
		return nil, nil
	}
	r := typ.table.dwarfData.Reader()
	r.Seek(typ.offset)
	if _, err := r.Next(); err != nil {
		return nil, err
	}
	for {
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		if e == nil || e.Tag == 0 {
			return fields, nil
		}
		if e.Tag == dwarf.TagMember {
			f := Field{table: typ.table}
			f.Name, _ = e.Val(dwarf.AttrName).(string)
			f.typ, _ = e.Val(dwarf.AttrType).(dwarf.Offset)
			f.Offset = memberOffset(e)
			fields = append(fields, f)
		}
		if e.Children {
			r.SkipChildren()
		}
	}
}

// Field returns the member of that name.
func (typ *Type) Field(name string) (Field, error) {
	fields, err := typ.Fields()
	if err != nil {
		return Field{}, err
	}
	for _, f := range fields {
		if f.Name == name {
			return f, nil
		}
	}
	return Field{}, fmt.Errorf("%s.%s: %w", typ.Name, name, ErrNotFound)
}

// Type returns the member's type.
func (f Field) Type() (*Type, error) { return f.table.typeAt(f.typ) }
