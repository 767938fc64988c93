package symbols

import (
	"debug/dwarf"
	"encoding/binary"
	"sort"
	"strings"
)

// A unit is a compile unit: the DWARF of one package, or of one assembly file of it. Several units bear the same name.
type unit struct {
	name   string
	entry  *dwarf.Entry
	ranges [][2]uint64

	indexed bool
	// types, vars and funcs are the named entries at the unit's top level.
	types, vars map[string]dwarf.Offset
	consts      []Constant
	funcs       []subprogram

	linesRead bool
	lines     []lineRow
	files     []*dwarf.LineFile
}

type subprogram struct {
	low, high uint64
	offset    dwarf.Offset
}

// readUnits reads the first entry of each unit. debug/dwarf has no way to go from unit to unit without reading all that
// lies between, so the headers are stepped through here (DWARF 5, 7.5.1).
func readUnits(t *Table, d *dwarf.Data, info []byte) ([]*unit, error) {
	var units []*unit
	r := d.Reader()
	order := binary.LittleEndian
	for off := uint64(0); off+12 <= uint64(len(info)); {
		length, header := uint64(order.Uint32(info[off:])), uint64(4)
		if length == 0xffffffff {
			length, header = order.Uint64(info[off+4:]), 12
		}
		next := off + header + length
		if next <= off || next > uint64(len(info)) || length < 8 {
			break
		}
		version := order.Uint16(info[off+header:])
		first := off + header + 2 + 1 + 4 // version, address size, offset of the abbreviations
		if header == 12 {
			first = off + header + 2 + 1 + 8
		}
		if version >= 5 {
			first++ // unit type
		}
		r.Seek(dwarf.Offset(first))
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		if e != nil && e.Tag == dwarf.TagCompileUnit {
			u := &unit{entry: e}
			u.name, _ = e.Val(dwarf.AttrName).(string)
			u.ranges, _ = d.Ranges(e)
			units = append(units, u)
		}
		off = next
	}
	return units, nil
}

// index reads the unit's top-level names, once.
func (t *Table) index(u *unit) (err error) {
	if u.indexed {
		return nil
	}
	u.indexed = true
	defer guard(&err, "read DWARF")
	u.types, u.vars = map[string]dwarf.Offset{}, map[string]dwarf.Offset{}
	r := t.dwarfData.Reader()
	r.Seek(u.entry.Offset)
	if _, err := r.Next(); err != nil || !u.entry.Children {
		return err
	}
	for depth := 1; depth > 0; {
		e, err := r.Next()
		if err != nil || e == nil {
			return err
		}
		top := depth == 1
		if e.Children {
			depth++
		}
		if e.Tag == 0 {
			depth--
		}
		if !top {
			continue
		}
		switch e.Tag {
		case dwarf.TagVariable:
			u.note(u.vars, e)
		case dwarf.TagConstant:
			name, ok := e.Val(dwarf.AttrName).(string)
			if v, ok2 := e.Val(dwarf.AttrConstValue).(int64); ok && ok2 {
				u.consts = append(u.consts, Constant{name, v})
			}
		case dwarf.TagSubprogram:
			low, ok := e.Val(dwarf.AttrLowpc).(uint64)
			high, ok2 := highPC(e, low)
			if ok && ok2 {
				u.funcs = append(u.funcs, subprogram{low, high, e.Offset})
			}
		case dwarf.TagStructType, dwarf.TagTypedef, dwarf.TagBaseType, dwarf.TagArrayType, dwarf.TagPointerType:
			u.note(u.types, e)
		}
	}
	sort.Slice(u.funcs, func(i, j int) bool { return u.funcs[i].low < u.funcs[j].low })
	return nil
}

// note records the entry under its name; the first of a name counts.
func (u *unit) note(m map[string]dwarf.Offset, e *dwarf.Entry) {
	if name, ok := e.Val(dwarf.AttrName).(string); ok {
		if _, dup := m[name]; !dup {
			m[name] = e.Offset
		}
	}
}

// highPC returns an entry's end, which DWARF 4 gives as a length and DWARF 2 as an address.
func highPC(e *dwarf.Entry, low uint64) (uint64, bool) {
	f := e.AttrField(dwarf.AttrHighpc)
	if f == nil {
		return 0, false
	}
	switch v := f.Val.(type) {
	case uint64:
		return v, true
	case int64:
		return low + uint64(v), true
	}
	return 0, false
}

// unitAt returns the unit that describes the code at the address (without the bias).
func (t *Table) unitAt(addr uint64) *unit {
	for _, u := range t.units {
		for _, r := range u.ranges {
			if addr >= r[0] && addr < r[1] {
				return u
			}
		}
	}
	return nil
}

// subprogramAt returns the entry of the function at the address (without the bias).
func (u *unit) subprogramAt(addr uint64) (dwarf.Offset, bool) {
	i := sort.Search(len(u.funcs), func(i int) bool { return u.funcs[i].low > addr }) - 1
	if i < 0 || addr >= u.funcs[i].high {
		return 0, false
	}
	return u.funcs[i].offset, true
}

// of says whether the unit describes code of the package. Up to Go 1.9 one unit, called "go", describes the whole program.
func (u *unit) of(pkg string) bool { return u.name == pkg || u.name == "go" }

// packageOf returns the package path of a qualified name: "internal/runtime/atomic" for "internal/runtime/atomic.Uint32".
func packageOf(name string) string {
	slash := strings.LastIndexByte(name, '/') + 1
	if dot := strings.IndexByte(name[slash:], '.'); dot >= 0 {
		return name[:slash+dot]
	}
	return ""
}
