// Package reflected type-checks against packages of which there are only values: it turns the symbol tables of an
// interpreter, by way of package reflect, into the packages of go/types. No source and no compiler's export data is needed,
// so it works where no Go distribution is installed.
//
// What reflection does not know is missing: the names of parameters, generic functions and types, unexported methods.
package reflected

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"path"
	"reflect"
	"strings"
)

// Symbols are exported names by package: the key is the import path, a slash, and the package's name. A type is a nil
// pointer to it, an untyped constant a constant.Value, a variable is addressable.
type Symbols = map[string]map[string]reflect.Value

// An Importer gives packages to a types.Checker. It is not safe for concurrent use.
type Importer struct {
	tables   []Symbols
	packages map[string]*types.Package
	filled   map[string]bool
	types    map[reflect.Type]types.Type
}

// NewImporter returns an importer of the packages in the tables; the first that has one counts.
func NewImporter(tables ...Symbols) *Importer {
	return &Importer{tables: tables, packages: map[string]*types.Package{"unsafe": types.Unsafe}, filled: map[string]bool{"unsafe": true},
		types: map[reflect.Type]types.Type{reflect.TypeFor[error](): types.Universe.Lookup("error").Type()}}
}

// Import returns the package with that path.
func (im *Importer) Import(importPath string) (*types.Package, error) {
	if im.filled[importPath] {
		return im.packages[importPath], nil
	}
	name, members := im.find(importPath)
	if members == nil {
		return nil, fmt.Errorf("no package %s", importPath)
	}
	pkg := im.pkg(importPath, name)
	im.filled[importPath] = true
	for name, v := range members {
		if !strings.HasPrefix(name, "_") {
			im.declare(pkg, name, v)
		}
	}
	pkg.MarkComplete()
	return pkg, nil
}

func (im *Importer) find(importPath string) (name string, members map[string]reflect.Value) {
	for _, t := range im.tables {
		for key, members := range t { // at most one matches
			if path.Dir(key) == importPath {
				return path.Base(key), members
			}
		}
	}
	return "", nil
}

// pkg returns the package of that path, which may be empty still.
func (im *Importer) pkg(importPath, name string) *types.Package {
	p := im.packages[importPath]
	if p == nil {
		if name == "" {
			if name, _ = im.find(importPath); name == "" {
				name = path.Base(importPath)
			}
		}
		p = types.NewPackage(importPath, name)
		im.packages[importPath] = p
	}
	return p
}

// Named returns the exported types of a package that other packages have led to so far, as in a table of symbols. The package
// itself may be in none.
func (im *Importer) Named(importPath string) map[string]reflect.Value {
	members := map[string]reflect.Value{}
	for t := range im.types {
		if name := t.Name(); t.PkgPath() == importPath && token.IsExported(name) && !strings.Contains(name, "[") {
			members[name] = reflect.Zero(reflect.PointerTo(t))
		}
	}
	return members
}

// declare puts one name of a table into its package.
func (im *Importer) declare(pkg *types.Package, name string, v reflect.Value) {
	scope := pkg.Scope()
	switch {
	case scope.Lookup(name) != nil: // a type, found on the way to another
	case v.Kind() == reflect.Pointer && v.IsNil() && !v.CanAddr():
		t := im.Type(v.Type().Elem())
		if n, ok := t.(*types.Named); !ok || n.Obj().Pkg() != pkg || n.Obj().Name() != name { // type A = B
			scope.Insert(types.NewTypeName(token.NoPos, pkg, name, t))
		}
	case v.Kind() == reflect.Func && !v.CanAddr():
		scope.Insert(types.NewFunc(token.NoPos, pkg, name, im.signature(v.Type(), nil, 0)))
	case v.CanAddr():
		scope.Insert(types.NewVar(token.NoPos, pkg, name, im.Type(v.Type())))
	default:
		if c, ok := v.Interface().(constant.Value); ok {
			scope.Insert(types.NewConst(token.NoPos, pkg, name, untyped(c), c))
			break
		}
		if c := constantOf(v); c != nil {
			scope.Insert(types.NewConst(token.NoPos, pkg, name, im.Type(v.Type()), c))
			break
		}
		scope.Insert(types.NewVar(token.NoPos, pkg, name, im.Type(v.Type())))
	}
}

func untyped(c constant.Value) types.Type {
	kind := types.UntypedInt
	switch c.Kind() {
	case constant.Bool:
		kind = types.UntypedBool
	case constant.String:
		kind = types.UntypedString
	case constant.Float:
		kind = types.UntypedFloat
	case constant.Complex:
		kind = types.UntypedComplex
	}
	return types.Typ[kind]
}

// constantOf returns the value of a typed constant, nil if the value cannot be one.
func constantOf(v reflect.Value) constant.Value {
	switch {
	case v.Kind() == reflect.Bool:
		return constant.MakeBool(v.Bool())
	case v.Kind() == reflect.String:
		return constant.MakeString(v.String())
	case v.CanInt():
		return constant.MakeInt64(v.Int())
	case v.CanUint():
		return constant.MakeUint64(v.Uint())
	case v.CanFloat():
		return constant.MakeFloat64(v.Float())
	}
	return nil
}
