package cells

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// The interpreter gives every variable, and every value in between, at the top of a cell a place of its own, and keeps it for
// ever. A machine would stay for each m := lab.Boot(), and another one for each m.To("pidle"). So the statements at the top of
// a cell are compiled as the body of a function, whose values in between go when it returns, and variables are declared
// outside of it:
//
//	m := lab.Boot()  becomes  var m *lab.Machine; func rt0Step0() { m = lab.Boot() }; rt0Step0()
//
// A variable that is defined again with the same type keeps its place: functions, goroutines and pointers of earlier cells
// that use it see the new value. With another type it is a new variable; what uses the old one still does. If nothing can, the
// old one is set to zero, for its place stays: see release. A variable with a lock in it that something uses is a new one, too:
// a goroutine may hold the lock.

// stepName begins the names of the functions that cells' statements are in.
const stepName = "rt0Step"

// addUnit compiles statements of a unit: as a function, or as they stand if that cannot be done.
func (c *compilation) addUnit(list []ast.Stmt) error {
	news := c.news
	if err := c.addStep(copyOf(list)); err != nil {
		if c.faulty() { // what has been defined so far keeps its place, and its value
			return err
		}
		c.news = news
		for _, name := range definedBy(list) {
			if !c.made[name] {
				delete(c.defined, name)
			}
		}
		for _, unit := range c.units(list) { // each variable has a new place now
			if err := c.add(block(unit...)); err != nil {
				return err
			}
		}
	}
	for _, name := range definedBy(list) {
		c.made[name] = true
	}
	return nil
}

// definedBy returns the names that statements define.
func definedBy(list []ast.Stmt) (names []string) {
	for _, s := range list {
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// addStep compiles statements as a function. They are changed.
func (c *compilation) addStep(list []ast.Stmt) (err error) {
	if c.jumps { // a label may be in another unit
		return errNoStep
	}
	done, kinds := len(c.programs), map[string]string{}
	defer func() {
		if err != nil {
			c.programs, c.notes = c.programs[:done], nil // some notes are used up
			for name := range kinds {
				delete(c.s.slots, name)
			}
		}
	}()
	var first []ast.Stmt
	var vars []ast.Decl // compiled with the function: what is compiled takes its time
	for _, s := range list {
		a, ok := s.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE {
			continue
		}
		for _, l := range a.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok {
				return errNoStep
			}
			if id.Name == "_" {
				continue
			}
			text := c.kindOf(id)
			if text == "" {
				return errNoStep
			}
			if key := c.slotKey(text); c.s.slots[id.Name] != key || c.s.locked(id.Name) {
				typ := moved(text, id.Pos())
				if d := declared(id, typ).(*ast.DeclStmt); namesFields(typ) {
					first = append(first, d)
				} else {
					vars = append(vars, d.Decl)
				}
				kinds[id.Name] = key
			}
		}
		a.Tok = token.ASSIGN
		unconverted(a.Rhs)
	}
	pos := list[0].Pos()
	name := fmt.Sprint(stepName, c.steps)
	c.steps++
	if len(first) > 0 {
		if err := c.add(block(first...)); err != nil {
			return err
		}
	}
	if len(vars) > 0 {
		mentioned := map[string]bool{}
		for _, key := range kinds { // the cell need not mention the packages of its variables' types
			for _, name := range word.FindAllString(key, -1) {
				mentioned[name] = true
			}
		}
		if err := c.importUsed(mentioned); err != nil {
			return err
		}
	}
	body := &ast.BlockStmt{Lbrace: pos, List: list, Rbrace: list[len(list)-1].End()}
	fn := &ast.FuncDecl{Name: &ast.Ident{NamePos: pos, Name: name}, Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}, Body: body}
	if err := c.add(&ast.File{Package: pos, Name: &ast.Ident{NamePos: pos, Name: "main"}, Decls: append(vars, fn)}); err != nil {
		return err
	}
	maps.Copy(c.s.slots, kinds)
	call := &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{NamePos: pos, Name: name}, Lparen: pos, Rparen: pos}}
	return c.add(block(call))
}

// namesFields says whether a type has names of fields, methods, parameters or results. In declarations the interpreter takes
// them for the variables of these names, and sees a loop of definitions.
func namesFields(typ ast.Expr) (yes bool) {
	ast.Inspect(typ, func(n ast.Node) bool {
		f, ok := n.(*ast.Field)
		yes = yes || ok && len(f.Names) > 0
		return !yes
	})
	return yes
}

// locked says whether an earlier cell's goroutine may be using what must not be overwritten in use: a lock, or what holds one.
func (s *Session) locked(name string) bool {
	v := s.settled[name]
	return s.captured[name] && v.IsValid() && holdsLock(v.Type())
}

// holdsLock says whether a value of the type has something of package sync or sync/atomic in it.
func holdsLock(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return holdsLock(t.Elem())
	case reflect.Struct:
		if p := t.PkgPath(); p == "sync" || p == "sync/atomic" {
			return true
		}
		for i := range t.NumField() {
			if holdsLock(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

var errNoStep = fmt.Errorf("no function can be made of these statements")

// kindOf returns the type of a variable that a statement defines, "" if it is not known.
func (c *compilation) kindOf(id *ast.Ident) string {
	c.look()
	return c.notes.defined[at(c.s.in.FileSet(), id.Pos())]
}

var word = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

// slotKey returns a text that is the same for the same type, though that may have been defined again.
func (c *compilation) slotKey(text string) string {
	return word.ReplaceAllStringFunc(text, c.s.names.inside)
}

// sameSlot says whether the variable that a statement defines has a place for its type.
func (c *compilation) sameSlot(id *ast.Ident) bool {
	if c.s.slots[id.Name] == "" || c.s.locked(id.Name) {
		return false
	}
	text := c.kindOf(id)
	return text != "" && c.s.slots[id.Name] == c.slotKey(text)
}

// sameSlots says so for all variables of a declaration.
func (c *compilation) sameSlots(ids []*ast.Ident) bool {
	for _, id := range ids {
		if id.Name == "_" || !c.sameSlot(id) {
			return false
		}
	}
	return true
}

// noteSlots notes the places of the variables of declarations that have been compiled.
func (c *compilation) noteSlots(decls []ast.Decl) {
	for _, d := range decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, spec := range g.Specs {
			for _, id := range spec.(*ast.ValueSpec).Names {
				if text := c.kindOf(id); text != "" && id.Name != "_" {
					c.s.slots[id.Name] = c.slotKey(text)
				}
			}
		}
	}
}

// zeroName is the function that sets a variable to zero.
const zeroName = "rt0Zero"

// zeroed returns a call of it.
func zeroed(id *ast.Ident) ast.Stmt {
	pos := id.Pos()
	name := &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(id.Name)}
	return &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{NamePos: pos, Name: zeroName}, Lparen: pos, Args: []ast.Expr{name}, Rparen: pos}}
}

// zero sets a variable of the cells to zero.
func (s *Session) zero(name string) {
	if v := s.globals()[name]; v.CanSet() {
		v.SetZero()
	}
}

// unconverted takes the conversions off that definition has given to values: their variables have the type. The interpreter
// cannot convert some values.
func unconverted(list []ast.Expr) {
	for i, x := range list {
		if call, ok := x.(*ast.CallExpr); ok {
			if p, ok := call.Fun.(*ast.ParenExpr); ok && p.Lparen == p.Rparen {
				list[i] = call.Args[0]
			}
		}
	}
}

// copyOf copies statements.
func copyOf(list []ast.Stmt) []ast.Stmt {
	return deepCopy(reflect.ValueOf(list)).Interface().([]ast.Stmt)
}

func deepCopy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || v.Type() == reflect.TypeFor[*ast.Object]() { // it leads back
			return reflect.Zero(v.Type())
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(deepCopy(v.Elem()))
		return out
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type()).Elem()
		out.Set(deepCopy(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(deepCopy(v.Index(i)))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			out.Field(i).Set(deepCopy(v.Field(i)))
		}
		return out
	}
	return v
}

// release sets variables to zero that cells have defined again, with another type, and nothing uses any more. before are the
// variables as they were before the cell.
func (s *Session) release(before map[string]reflect.Value) {
	now := s.globals()
	if len(now) == 0 { // they cannot be listed
		return
	}
	for name, old := range before {
		v := now[name]
		if !old.IsValid() || !old.CanSet() || s.captured[name] || v.IsValid() && v.CanAddr() && v.Addr().Pointer() == old.Addr().Pointer() {
			continue
		}
		old.SetZero()
	}
	for name, v := range now {
		if strings.HasPrefix(name, newName) && v.CanSet() {
			v.SetZero()
		}
	}
}

// capture notes the variables that functions and pointers may use after the end of the cell with n. It may note too many.
func (s *Session) capture(n ast.Node) {
	note := func(n ast.Node) { free(n, func(id *ast.Ident) { s.captured[id.Name] = true }) }
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if strings.HasPrefix(n.Name.Name, stepName) {
				return true // it ends with the cell
			}
			note(n)
			return false
		case *ast.FuncLit:
			note(n)
			return false
		case *ast.UnaryExpr:
			if _, lit := ast.Unparen(n.X).(*ast.CompositeLit); n.Op == token.AND && !lit {
				note(n.X)
			}
		case *ast.SliceExpr: // of an array
			note(n.X)
		case *ast.SelectorExpr: // a method may keep its receiver, which may be a pointer to the variable
			if id := base(n.X); id != nil && s.addressed(id.Name) {
				s.captured[id.Name] = true
			}
		}
		return true
	})
}

// base returns the variable that an expression such as a[i].f is a part of, or nil.
func base(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.ParenExpr:
		return base(e.X)
	case *ast.IndexExpr:
		return base(e.X)
	case *ast.SelectorExpr:
		return base(e.X)
	}
	return nil
}

// addressed says whether a method that is called on a part of the variable may get the address of the variable. It does not if
// the variable leads to that part.
func (s *Session) addressed(name string) bool {
	if key := s.slots[name]; key != "" {
		return !strings.HasPrefix(key, "*") && !strings.HasPrefix(key, "[]") && !strings.HasPrefix(key, "map[")
	}
	v, ok := s.settled[name]
	if !ok {
		return true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return false
	}
	return true
}

// forget takes note that the names at the top of a node get new places.
func (s *Session) forget(n ast.Node) {
	switch n := n.(type) {
	case *ast.File:
		for _, d := range n.Decls {
			s.forget(d)
		}
	case *ast.BlockStmt:
		for _, name := range definedBy(n.List) {
			delete(s.slots, name)
		}
		for _, stmt := range n.List {
			if d, ok := stmt.(*ast.DeclStmt); ok {
				s.forget(d.Decl)
			}
		}
	case *ast.FuncDecl:
		if n.Recv == nil {
			delete(s.slots, n.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range n.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				delete(s.slots, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					delete(s.slots, id.Name)
				}
			}
		}
	}
}
