package dap

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator/symbols"
)

func (s *session) evaluate(r *dap.EvaluateRequest) error {
	expr := strings.TrimSpace(r.Arguments.Expression)
	if line, ok := strings.CutPrefix(expr+" ", "rt0 "); ok && r.Arguments.Context == "repl" {
		return s.command(r, line)
	}
	f, err := s.frameNumbered(r.Arguments.FrameId)
	if err != nil {
		return err
	}
	v, err := s.eval(expr, f)
	if err != nil {
		if strings.HasPrefix(err.Error(), expr+": ") { // as the runtime's errors are
			return err
		}
		return fmt.Errorf("%s: %w", expr, err)
	}
	shown := s.variable(item{name: expr, value: v})
	s.reply(r, &dap.EvaluateResponse{Body: dap.EvaluateResponseBody{
		Result: shown.Value, Type: shown.Type, VariablesReference: shown.VariablesReference,
		IndexedVariables: shown.IndexedVariables, MemoryReference: shown.MemoryReference,
	}})
	return nil
}

// errNotHere says that a name is none of the frame's: then it may be one of the program's.
var errNotHere = errors.New("no such variable")

// eval evaluates an expression in a frame: variables of the frame with selectors, indices, * and &; registers, tick, tid
// and goid; and what goruntime.Runtime.Eval understands.
func (s *session) eval(expr string, f frame) (value, error) {
	e, err := parser.ParseExpr(strings.ReplaceAll(expr, "$", ""))
	if err != nil {
		return value{}, errors.New("not an expression: a variable, a field, an index, a register or a number")
	}
	v, err := s.walk(e, f)
	if err == nil || !errors.Is(err, errNotHere) {
		return v, err
	}
	if name, ok := e.(*ast.Ident); ok && f.Registers() != nil {
		if t, err := s.past.Thread(f.thread.tid); err == nil {
			if n, err := s.past.Operand(name.Name, &t); err == nil && !s.inProgram(name.Name) {
				return value{text: fmt.Sprintf("%#x", n)}, nil
			}
		}
	}
	v = s.runtimeValue(expr)
	return v, v.err
}

// inProgram says whether the runtime has something of that name, which then hides a register's.
func (s *session) inProgram(name string) bool { return s.runtimeValue(name).err == nil }

// runtimeValue evaluates an expression of the program's.
func (s *session) runtimeValue(expr string) value {
	if s.past.Runtime == nil {
		return value{err: errNotHere}
	}
	v, err := s.past.Runtime.Eval(expr)
	switch {
	case err != nil:
		return value{err: err}
	case !v.OK():
		return value{err: errors.New(v.String())}
	}
	if v.Addr != 0 {
		if typ, err := s.past.Table.TypeNamed(v.Type); err == nil {
			return value{typ: typ, addr: v.Addr, mem: s.past.Machine()}
		}
	}
	return value{text: v.String()}
}

// walk evaluates the parts of an expression that begins with a variable of the frame.
func (s *session) walk(e ast.Expr, f frame) (value, error) {
	guest := s.past.Machine()
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.walk(e.X, f)
	case *ast.BasicLit:
		if e.Kind == token.INT || e.Kind == token.CHAR {
			return value{text: e.Value}, nil
		}
	case *ast.Ident:
		return s.local(e.Name, f)
	case *ast.SelectorExpr:
		v, err := s.walk(e.X, f)
		if err != nil {
			return v, err
		}
		if v.typ != nil && v.typ.Kind == reflect.Pointer {
			v = v.elem(guest)
		}
		if v.err != nil || v.typ == nil || v.typ.Kind != reflect.Struct {
			return value{}, errors.Join(v.err, fmt.Errorf("there is no field %s", e.Sel.Name))
		}
		field, err := v.typ.Field(e.Sel.Name)
		if err != nil {
			return value{}, err
		}
		return v.field(field), nil
	case *ast.StarExpr:
		v, err := s.walk(e.X, f)
		if err != nil {
			return v, err
		}
		if v.typ == nil || v.typ.Kind != reflect.Pointer {
			return value{}, errors.New("not a pointer")
		}
		v = v.elem(guest)
		return v, v.err
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			v, err := s.walk(e.X, f)
			if err != nil {
				return v, err
			}
			addr, _, err := v.location()
			return value{text: fmt.Sprintf("%#x", addr)}, err
		}
	case *ast.IndexExpr:
		v, err := s.walk(e.X, f)
		if err != nil {
			return v, err
		}
		lit, ok := e.Index.(*ast.BasicLit)
		if !ok {
			return value{}, errors.New("an index must be a number")
		}
		i, err := strconv.ParseInt(lit.Value, 0, 64)
		if err != nil || v.typ == nil || v.typ.Kind != reflect.Array && v.typ.Kind != reflect.Slice {
			return value{}, errors.New("only arrays and slices have elements, by number")
		}
		first, n, err := v.elements(guest)
		if err == nil && (i < 0 || i >= n) {
			err = fmt.Errorf("index %d is out of range: there are %d elements", i, n)
		}
		return first.at(i), err
	}
	return value{}, errNotHere
}

// local returns the frame's variable of that name: of several the one declared last.
func (s *session) local(name string, f frame) (value, error) {
	vars, err := s.past.Locals(&f.Frame)
	if err != nil && !errors.Is(err, symbols.ErrNotFound) && !errors.Is(err, symbols.ErrNoDWARF) {
		return value{}, err
	}
	for i := len(vars) - 1; i >= 0; i-- {
		if v := &vars[i]; v.Name == name {
			return value{typ: v.Type, addr: v.Addr, mem: v.Memory, err: v.Err}, nil
		}
	}
	return value{}, errNotHere
}
