package dap

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator"
)

// An item is a named value.
type item struct {
	name  string
	value value
	// in holds further items, if the value is not one that holds some itself.
	in container
}

// A container holds items: a scope, a struct, an array.
type container interface {
	// items returns the items from number start on, at most count.
	items(s *session, start, count int) []item
}

// A list is a container whose items are known.
type list []item

func (l list) items(_ *session, start, count int) []item {
	start = min(max(0, start), len(l))
	return l[start:min(len(l), start+count)]
}

// parts are the fields or elements of a value, or what it points to.
type parts struct{ value }

func (p parts) items(s *session, start, count int) []item {
	guest := s.past.Machine()
	switch v := p.value; v.typ.Kind {
	case reflect.Struct:
		fields, err := v.typ.Fields()
		if err != nil {
			return []item{{name: "error", value: value{err: err}}}
		}
		var l list
		for _, f := range fields {
			l = append(l, item{name: f.Name, value: v.field(f)})
		}
		return l.items(s, start, count)
	case reflect.Array, reflect.Slice:
		first, n, err := v.elements(guest)
		if err != nil {
			return []item{{name: "error", value: value{err: err}}}
		}
		var l list
		for i := int64(max(0, start)); i < n && len(l) < count; i++ {
			l = append(l, item{name: fmt.Sprintf("[%d]", i), value: first.at(i)})
		}
		return l
	case reflect.Pointer:
		to := v.elem(guest)
		if to.err == nil && to.typ.Kind == reflect.Struct {
			return parts{to}.items(s, start, count)
		}
		return list{{name: "*", value: to}}.items(s, start, count)
	}
	return nil
}

// partsOf returns the container that the value is, or nil, and how many elements it has if they are numbered.
func (s *session) partsOf(v value) (c container, indexed int) {
	if v.err != nil || v.typ == nil {
		return nil, 0
	}
	switch v.typ.Kind {
	case reflect.Struct:
		if fields, err := v.typ.Fields(); err != nil || len(fields) == 0 {
			return nil, 0
		}
	case reflect.Array, reflect.Slice:
		_, n, err := v.elements(s.past.Machine())
		if err != nil || n == 0 {
			return nil, 0
		}
		indexed = int(n)
	case reflect.Pointer:
		if v.elem(s.past.Machine()).err != nil {
			return nil, 0
		}
	default:
		return nil, 0
	}
	return parts{v}, indexed
}

// number gives a container the number by which the client asks for its items; 0 for nil.
func (s *session) number(c container) int {
	if c == nil {
		return 0
	}
	s.containers = append(s.containers, c)
	return len(s.containers)
}

func (s *session) containerNumbered(n int) (container, error) {
	if n < 1 || n > len(s.containers) {
		return nil, fmt.Errorf("there are no variables %d now", n)
	}
	return s.containers[n-1], nil
}

func (s *session) variables(r *dap.VariablesRequest) error {
	c, err := s.containerNumbered(r.Arguments.VariablesReference)
	if err != nil {
		return err
	}
	count := r.Arguments.Count
	if count <= 0 || count > maxItems {
		count = maxItems
	}
	out := []dap.Variable{}
	for _, it := range c.items(s, r.Arguments.Start, count) {
		out = append(out, s.variable(it))
	}
	s.reply(r, &dap.VariablesResponse{Body: dap.VariablesResponseBody{Variables: out}})
	return nil
}

func (s *session) variable(it item) dap.Variable {
	v := dap.Variable{Name: it.name, Value: it.value.String()}
	in, indexed := it.in, 0
	if in == nil {
		in, indexed = s.partsOf(it.value)
	}
	v.VariablesReference, v.IndexedVariables = s.number(in), indexed
	if it.value.typ != nil {
		v.Type = it.value.typ.Name
		if addr, _, err := it.value.location(); err == nil {
			v.MemoryReference = fmt.Sprintf("%#x", addr)
		}
	}
	return v
}

// scopes are what a frame knows: arguments and locals, registers if it is on top, and the runtime's view of the moment.
func (s *session) scopes(r *dap.ScopesRequest) error {
	f, err := s.frameNumbered(r.Arguments.FrameId)
	if err != nil {
		return err
	}
	var args, locals list
	vars, err := s.past.Locals(&f.Frame)
	for _, v := range vars {
		if v.Err != nil && strings.HasPrefix(v.Name, "~") {
			continue // a result without a name, which is not set yet
		}
		it := item{name: v.Name, value: value{typ: v.Type, addr: v.Addr, mem: v.Memory, err: v.Err}}
		if v.Param {
			args = append(args, it)
		} else {
			locals = append(locals, it)
		}
	}
	if err != nil {
		locals = append(locals, item{name: "error", value: value{err: err}})
	}
	out := []dap.Scope{
		{Name: "Arguments", PresentationHint: "arguments", VariablesReference: s.number(args), NamedVariables: len(args)},
		{Name: "Locals", PresentationHint: "locals", VariablesReference: s.number(locals), NamedVariables: len(locals)},
	}
	if regs := f.Registers(); regs != nil {
		out = append(out, dap.Scope{Name: "Registers", PresentationHint: "registers", VariablesReference: s.number(registers(regs))})
	}
	if s.past.Runtime != nil {
		out = append(out, dap.Scope{Name: "Runtime", VariablesReference: s.number(s.runtimeView(f)), Expensive: true})
	}
	s.reply(r, &dap.ScopesResponse{Body: dap.ScopesResponseBody{Scopes: out}})
	return nil
}

func registers(r *emulator.Registers) list {
	var l list
	hex := func(name string, v uint64) item { return item{name: name, value: value{text: fmt.Sprintf("%#x", v)}} }
	l = append(l, hex("rip", r.RIP))
	for i, v := range r.GPR {
		l = append(l, hex(emulator.GPRNames[i], v))
	}
	l = append(l, hex("rflags", r.RFLAGS), hex("fsbase", r.FSBase), hex("gsbase", r.GSBase), hex("mxcsr", uint64(r.MXCSR)))
	var xmm list
	for i, x := range r.XMM {
		xmm = append(xmm, item{name: fmt.Sprintf("xmm%d", i), value: value{text: fmt.Sprintf("%#016x%016x", x[1], x[0])}})
	}
	return append(l, item{name: "xmm", value: value{text: "16 registers of 128 bits"}, in: xmm})
}

// runtimeView is the runtime at this moment: the goroutine, its thread and processor, and the scheduler.
func (s *session) runtimeView(f frame) list {
	l := list{{name: "tick", value: value{text: fmt.Sprint(s.past.Tick())}}}
	if g := f.thread.g; g != 0 {
		l = append(l, item{name: "g", value: s.structAt("runtime.g", g)})
		if m := s.past.Runtime.Field("runtime.g", g, "m"); m.OK() && m.Uint != 0 {
			l = append(l, item{name: "g.m", value: s.structAt("runtime.m", m.Uint)})
			if p := s.past.Runtime.Field("runtime.m", m.Uint, "p"); p.OK() && p.Uint != 0 {
				l = append(l, item{name: "g.m.p", value: s.structAt("runtime.p", p.Uint)})
			}
		}
	}
	for _, name := range []string{"g0", "m0", "allp", "allm", "sched", "sched.pidle", "sched.npidle", "sched.midle"} {
		l = append(l, item{name: name, value: s.runtimeValue(name)})
	}
	return l
}

// structAt returns a struct of the runtime's.
func (s *session) structAt(typeName string, addr uint64) value {
	typ, err := s.past.Table.TypeNamed(typeName)
	return value{typ: typ, addr: addr, mem: s.past.Machine(), err: err}
}
