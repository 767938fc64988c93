package symbols

import (
	"debug/dwarf"
	"fmt"
	"strings"
)

// A Variable is a package's variable, its address and type.
type Variable struct {
	Name string
	Addr uint64
	Type *Type
}

// Variable returns the variable of that qualified name, such as "runtime.allp". The units of its package alone are
// searched. Addresses come from the symbol table if there is one.
func (t *Table) Variable(name string) (Variable, error) {
	if _, err := t.dwarf(); err != nil {
		return Variable{}, err
	}
	pkg := packageOf(name)
	for _, u := range t.units {
		if !u.of(pkg) {
			continue
		}
		if err := t.index(u); err != nil {
			return Variable{}, err
		}
		if off, ok := u.vars[name]; ok {
			return t.variableAt(name, off)
		}
	}
	return Variable{}, fmt.Errorf("variable %s: %w", name, ErrNotFound)
}

// A Constant is a package's integer constant.
type Constant struct {
	Name  string
	Value int64
}

// Constants returns the constants whose qualified names begin with the prefix, such as "runtime._G", in the order of the
// source.
func (t *Table) Constants(prefix string) ([]Constant, error) {
	if _, err := t.dwarf(); err != nil {
		return nil, err
	}
	var found []Constant
	pkg := packageOf(prefix)
	for _, u := range t.units {
		if !u.of(pkg) {
			continue
		}
		if err := t.index(u); err != nil {
			return nil, err
		}
		for _, c := range u.consts {
			if strings.HasPrefix(c.Name, prefix) {
				found = append(found, c)
			}
		}
	}
	return found, nil
}

// Packages returns the import paths of the packages that DWARF describes, in the order of their units, each once.
func (t *Table) Packages() ([]string, error) {
	if _, err := t.dwarf(); err != nil {
		return nil, err
	}
	var names []string
	seen := map[string]bool{}
	for _, u := range t.units {
		if !seen[u.name] {
			seen[u.name] = true
			names = append(names, u.name)
		}
	}
	return names, nil
}

func (t *Table) variableAt(name string, off dwarf.Offset) (v Variable, err error) {
	defer guard(&err, "variable "+name)
	e, err := t.entryAt(off)
	if err != nil {
		return Variable{}, fmt.Errorf("variable %s: %w", name, err)
	}
	v.Name = name
	if d, ok := t.Data(name); ok {
		v.Addr = d.Addr
	} else if loc, ok := e.Val(dwarf.AttrLocation).([]byte); ok && len(loc) == 9 && loc[0] == 0x03 { // DW_OP_addr
		v.Addr = u64(loc, 1) + t.bias
	} else {
		return Variable{}, fmt.Errorf("variable %s: no address", name)
	}
	typ, ok := e.Val(dwarf.AttrType).(dwarf.Offset)
	if !ok {
		return Variable{}, fmt.Errorf("variable %s: no type", name)
	}
	v.Type, err = t.typeAt(typ)
	return v, err
}
