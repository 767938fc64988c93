package cells

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"

	"github.com/rt0lab/rt0/lessons/lab"
)

// The value of each cell stays: Out[3] is that of cell 3, _ the last one, __ the one before. Behind each is a variable of its
// own, so the value keeps its type. Of several values the first is meant. Only the last few machines stay.

// outName begins the names of these variables.
const outName = "rt0Out"

// countOf finds a cell's number in its name. What has the number of an earlier cell is not stored: see newFile.
var countOf = regexp.MustCompile(`^cell\[(\d+)\][.\d]*$`)

// outVariable returns the variable for the value of the cell with that name.
func outVariable(name string) string {
	if m := countOf.FindStringSubmatch(name); m != nil {
		return outName + m[1]
	}
	return resultName
}

// kept remembers that a cell's value is in its variable.
func (s *Session) kept(variable string) {
	if variable == resultName {
		return
	}
	for i, v := range s.outs { // the cell with this number has run before
		if v == variable {
			s.outs = append(s.outs[:i:i], s.outs[i+1:]...)
			break
		}
	}
	s.outs = append(s.outs, variable)
	if _, ok := s.values[0].(*lab.Machine); ok {
		s.dropMachines()
	}
}

// mostMachines is how many machines cells' values may hold: each takes some 13 MiB, and m.To("pidle") has one as its value.
const mostMachines = 4

// dropMachines forgets the values that are machines, but those of the machines that came last.
func (s *Session) dropMachines() {
	vars, seen := s.globals(), map[*lab.Machine]bool{}
	for i, name := range slices.Backward(s.outs) {
		v := vars[name]
		if !v.IsValid() || !v.CanInterface() {
			continue
		}
		m, ok := v.Interface().(*lab.Machine)
		if !ok || m == nil || seen[m] {
			continue
		}
		if len(seen) < mostMachines {
			seen[m] = true
			continue
		}
		if v.CanSet() {
			v.SetZero()
			s.outs = slices.Delete(s.outs, i, i+1)
		}
	}
}

// recall puts the variables in for _, __ and Out[n] below n.
func (s *Session) recall(n ast.Node) {
	if len(s.outs) == 0 {
		return
	}
	rewriteExprs(n, func(e ast.Expr) ast.Expr {
		switch e := e.(type) {
		case *ast.Ident:
			if back := map[string]int{"_": 1, "__": 2}[e.Name]; back > 0 && back <= len(s.outs) && !s.known(e.Name) {
				return &ast.Ident{NamePos: e.NamePos, Name: s.outs[len(s.outs)-back]}
			}
		case *ast.IndexExpr:
			id, ok := e.X.(*ast.Ident)
			lit, isNumber := e.Index.(*ast.BasicLit)
			if !ok || id.Name != "Out" || !isNumber || lit.Kind != token.INT || s.known("Out") {
				break
			}
			n, _ := strconv.Atoi(lit.Value)
			for _, v := range s.outs {
				if v == outName+strconv.Itoa(n) {
					return &ast.Ident{NamePos: e.Pos(), Name: v}
				}
			}
		}
		return e
	})
}

// known says whether a cell has defined a name.
func (s *Session) known(name string) bool {
	_, def := s.names.defs[name]
	_, variable := s.types.vars[name]
	return def || variable
}
