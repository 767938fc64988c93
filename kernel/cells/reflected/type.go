package reflected

import (
	"go/token"
	"go/types"
	"reflect"
)

// basic are Go's own types by their kind.
var basic = map[reflect.Kind]types.BasicKind{
	reflect.Bool: types.Bool, reflect.String: types.String, reflect.UnsafePointer: types.UnsafePointer,
	reflect.Int: types.Int, reflect.Int8: types.Int8, reflect.Int16: types.Int16, reflect.Int32: types.Int32, reflect.Int64: types.Int64,
	reflect.Uint: types.Uint, reflect.Uint8: types.Uint8, reflect.Uint16: types.Uint16, reflect.Uint32: types.Uint32,
	reflect.Uint64: types.Uint64, reflect.Uintptr: types.Uintptr,
	reflect.Float32: types.Float32, reflect.Float64: types.Float64, reflect.Complex64: types.Complex64, reflect.Complex128: types.Complex128,
}

// Type returns the type that reflect describes.
func (im *Importer) Type(t reflect.Type) types.Type {
	if known := im.types[t]; known != nil {
		return known
	}
	if t.Name() != "" && t.PkgPath() != "" {
		return im.named(t)
	}
	u := im.structure(t)
	im.types[t] = u
	return u
}

// named returns a type with a name. It is known before its structure is, which may lead back to it.
func (im *Importer) named(t reflect.Type) types.Type {
	pkg := im.pkg(t.PkgPath(), "")
	obj := types.NewTypeName(token.NoPos, pkg, t.Name(), nil)
	n := types.NewNamed(obj, nil, nil)
	im.types[t] = n
	pkg.Scope().Insert(obj)
	n.SetUnderlying(im.structure(t))
	if t.Kind() == reflect.Interface {
		return n
	}
	own := map[string]bool{}
	add := func(r reflect.Type, recv types.Type) {
		for i := range r.NumMethod() {
			m := r.Method(i)
			if own[m.Name] {
				continue
			}
			own[m.Name] = true
			v := types.NewVar(token.NoPos, pkg, "", recv)
			n.AddMethod(types.NewFunc(token.NoPos, pkg, m.Name, im.signature(m.Type, v, 1)))
		}
	}
	add(t, n)
	add(reflect.PointerTo(t), types.NewPointer(n))
	return n
}

// structure returns what a type is made of, its name apart.
func (im *Importer) structure(t reflect.Type) types.Type {
	if kind, ok := basic[t.Kind()]; ok {
		return types.Typ[kind]
	}
	switch t.Kind() {
	case reflect.Pointer:
		return types.NewPointer(im.Type(t.Elem()))
	case reflect.Slice:
		return types.NewSlice(im.Type(t.Elem()))
	case reflect.Array:
		return types.NewArray(im.Type(t.Elem()), int64(t.Len()))
	case reflect.Map:
		return types.NewMap(im.Type(t.Key()), im.Type(t.Elem()))
	case reflect.Chan:
		dir := types.SendRecv
		switch t.ChanDir() {
		case reflect.SendDir:
			dir = types.SendOnly
		case reflect.RecvDir:
			dir = types.RecvOnly
		}
		return types.NewChan(dir, im.Type(t.Elem()))
	case reflect.Func:
		return im.signature(t, nil, 0)
	case reflect.Struct:
		return im.fields(t)
	case reflect.Interface:
		return im.methods(t)
	}
	return types.Typ[types.Invalid]
}

func (im *Importer) fields(t reflect.Type) types.Type {
	var fields []*types.Var
	var tags []string
	for i := range t.NumField() {
		f := t.Field(i)
		var pkg *types.Package
		if f.PkgPath != "" {
			pkg = im.pkg(f.PkgPath, "")
		} else if t.PkgPath() != "" {
			pkg = im.pkg(t.PkgPath(), "")
		}
		fields = append(fields, types.NewField(token.NoPos, pkg, f.Name, im.Type(f.Type), f.Anonymous))
		tags = append(tags, string(f.Tag))
	}
	return types.NewStruct(fields, tags)
}

// methods returns an interface's method set. Unexported methods are left out, for types would seem to lack them.
func (im *Importer) methods(t reflect.Type) types.Type {
	var list []*types.Func
	for i := range t.NumMethod() {
		if m := t.Method(i); m.IsExported() {
			list = append(list, types.NewFunc(token.NoPos, nil, m.Name, im.signature(m.Type, nil, 0)))
		}
	}
	return types.NewInterfaceType(list, nil).Complete()
}

// signature returns a function's type; its first skip parameters are receivers.
func (im *Importer) signature(t reflect.Type, recv *types.Var, skip int) *types.Signature {
	var in, out []*types.Var
	for i := skip; i < t.NumIn(); i++ {
		in = append(in, types.NewParam(token.NoPos, nil, "", im.Type(t.In(i))))
	}
	for i := range t.NumOut() {
		out = append(out, types.NewParam(token.NoPos, nil, "", im.Type(t.Out(i))))
	}
	return types.NewSignatureType(recv, nil, nil, types.NewTuple(in...), types.NewTuple(out...), t.IsVariadic())
}
