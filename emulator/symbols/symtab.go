package symbols

import (
	"debug/elf"
	"slices"
	"sort"
	"strings"
)

// A Func is a function: its code lies from Entry up to and not including End.
type Func struct {
	Name       string
	Entry, End uint64
}

// A Datum is a variable or another named piece of data. Size is 0 where the table does not tell it.
type Datum struct {
	Name       string
	Addr, Size uint64
}

// readSymtab collects functions and data from .symtab. A file without one, or with a broken one, has none.
func (t *Table) readSymtab() {
	syms, err := t.file.Symbols()
	if err != nil {
		return
	}
	var funcs []Func
	for _, s := range syms {
		if s.Section == elf.SHN_UNDEF || s.Name == "" {
			continue
		}
		switch s.Type {
		case elf.STT_FUNC:
			funcs = append(funcs, Func{plainName(s.Name), s.Value, s.Value + s.Size})
		case elf.STT_OBJECT, elf.STT_NOTYPE:
			t.data = append(t.data, Datum{s.Name, s.Value, s.Size})
		}
	}
	t.setFuncs(funcs)
	sort.SliceStable(t.data, func(i, j int) bool { return t.data[i].Addr < t.data[j].Addr })
	t.dataBy = make(map[string]int, len(t.data))
	for i, d := range t.data {
		if _, dup := t.dataBy[d.Name]; !dup {
			t.dataBy[d.Name] = i
		}
	}
}

// plainName drops the suffix by which the linker tells an assembly function from the wrapper of the same name.
func plainName(name string) string { return strings.TrimSuffix(name, ".abi0") }

// setFuncs sorts the functions by entry and gives an end to those that tell none: the next function. What a file says is not
// to be trusted: a function lies in code, and so does its end.
func (t *Table) setFuncs(funcs []Func) {
	funcs = slices.DeleteFunc(funcs, func(f Func) bool { return !t.executable(f.Entry) })
	sort.SliceStable(funcs, func(i, j int) bool { return funcs[i].Entry < funcs[j].Entry })
	t.byName = make(map[string]int, len(funcs))
	for i := range funcs {
		f := &funcs[i]
		if f.End <= f.Entry {
			f.End = f.Entry
			if i+1 < len(funcs) {
				f.End = funcs[i+1].Entry
			}
		}
		f.End = min(f.End, t.codeEnd(f.Entry))
		// Of an assembly function and the wrapper that Go code calls it through, the larger one does the work.
		if j, dup := t.byName[f.Name]; !dup || f.End-f.Entry > funcs[j].End-funcs[j].Entry {
			t.byName[f.Name] = i
		}
	}
	t.funcs = funcs
}

// Func returns the function in which the address lies.
func (t *Table) Func(addr uint64) (Func, bool) {
	addr -= t.bias
	i := sort.Search(len(t.funcs), func(i int) bool { return t.funcs[i].Entry > addr }) - 1
	// Several symbols may share an entry (runtime.text and the first function): the one that spans the address counts.
	for ; i >= 0; i-- {
		if f := t.funcs[i]; addr < f.End {
			return t.moved(f), true
		} else if f.End > f.Entry {
			break
		}
	}
	return Func{}, false
}

// FuncNamed returns the function of that name, such as "runtime.rt0_go" or "main.main".
func (t *Table) FuncNamed(name string) (Func, bool) {
	i, ok := t.byName[name]
	if !ok {
		return Func{}, false
	}
	return t.moved(t.funcs[i]), true
}

// Funcs returns all functions, by address.
func (t *Table) Funcs() []Func {
	all := make([]Func, len(t.funcs))
	for i, f := range t.funcs {
		all[i] = t.moved(f)
	}
	return all
}

func (t *Table) moved(f Func) Func { return Func{f.Name, f.Entry + t.bias, f.End + t.bias} }

// Data returns the variable of that name, such as "runtime.g0".
func (t *Table) Data(name string) (Datum, bool) {
	i, ok := t.dataBy[name]
	if !ok {
		return Datum{}, false
	}
	d := t.data[i]
	d.Addr += t.bias
	return d, true
}

// DataNamed returns the names of the variables that begin with the prefix, such as "runtime.", by address.
func (t *Table) DataNamed(prefix string) (names []string) {
	for _, d := range t.data {
		if strings.HasPrefix(d.Name, prefix) {
			names = append(names, d.Name)
		}
	}
	return names
}

// DataAt returns the variable in which the address lies.
func (t *Table) DataAt(addr uint64) (Datum, bool) {
	addr -= t.bias
	i := sort.Search(len(t.data), func(i int) bool { return t.data[i].Addr > addr }) - 1
	for n := 0; i >= 0 && n < 8; i, n = i-1, n+1 {
		if d := t.data[i]; addr-d.Addr < d.Size {
			d.Addr += t.bias
			return d, true
		}
	}
	return Datum{}, false
}

// Name returns the symbol in which the address lies and the symbol's own address, as assembly listings want it; the name
// is "" if there is none.
func (t *Table) Name(addr uint64) (name string, base uint64) {
	if f, ok := t.Func(addr); ok {
		return f.Name, f.Entry
	}
	if d, ok := t.DataAt(addr); ok {
		return d.Name, d.Addr
	}
	return "", 0
}
