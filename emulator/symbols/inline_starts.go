package symbols

import (
	"debug/dwarf"
	"slices"
)

// InlinedAt returns the addresses at which the compiler put the body of the function into other functions, lowest first:
// one for each place, its lowest address.
func (t *Table) InlinedAt(function string) []uint64 {
	if _, err := t.dwarf(); err != nil {
		return nil
	}
	if t.inlineStarts == nil {
		t.inlineStarts = map[string][]uint64{}
		var err error // what was read before a malformed entry stands
		func() {
			defer guard(&err, "read DWARF")
			t.readInlineStarts()
		}()
	}
	var addrs []uint64
	for _, a := range t.inlineStarts[function] {
		addrs = append(addrs, a+t.bias)
	}
	slices.Sort(addrs)
	return slices.Compact(addrs)
}

// readInlineStarts goes through all entries once. An inlined body refers to its function's abstract entry, which may come
// later, in another unit: names are joined at the end.
func (t *Table) readInlineStarts() {
	names := map[dwarf.Offset]string{}
	starts := map[dwarf.Offset][]uint64{}
	defer func() {
		for origin, addrs := range starts {
			t.inlineStarts[names[origin]] = append(t.inlineStarts[names[origin]], addrs...)
		}
	}()
	for r := t.dwarfData.Reader(); ; {
		e, err := r.Next()
		if err != nil || e == nil {
			return
		}
		switch e.Tag {
		case dwarf.TagSubprogram:
			if name, ok := e.Val(dwarf.AttrName).(string); ok && e.Val(dwarf.AttrInline) != nil {
				names[e.Offset] = name
			}
		case dwarf.TagInlinedSubroutine:
			origin, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
			ranges, err := t.dwarfData.Ranges(e)
			if !ok || err != nil || len(ranges) == 0 {
				continue
			}
			low := ranges[0][0]
			for _, r := range ranges {
				low = min(low, r[0])
			}
			starts[origin] = append(starts[origin], low)
		}
	}
}
