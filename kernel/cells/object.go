//go:build !js

package cells

import (
	"go/ast"
	"go/types"
	"reflect"
	"strings"
)

// aboutName tells about a name in code.
func (s *Session) aboutName(code string, start, end, detail int) string {
	name := code[start:end]
	toks, _ := tokens(code[:start])
	v, at := s.seeCursor(code, start, name, append(toks, tok{text: name, start: start, end: end}, tok{}))
	id, _ := at.(*ast.Ident)
	if sel, ok := at.(*ast.SelectorExpr); ok {
		id = sel.Sel
	}
	var o types.Object
	if id != nil {
		if o = v.info.Uses[id]; o == nil {
			o = v.info.Defs[id]
		}
	}
	if o == nil {
		if _, o = v.scopeAt(at).LookupParent(name, 0); o == nil {
			if p := s.guess(name); p != "" {
				return aboutPackage(p, name, detail)
			}
			return ""
		}
	}
	return s.aboutObject(o, ownerOf(v, at, o), detail)
}

// ownerOf returns the name of the type whose field o is, "" if it is none or the type has no name.
func ownerOf(v *view, at ast.Node, o types.Object) string {
	f, ok := o.(*types.Var)
	sel, isSel := at.(*ast.SelectorExpr)
	if !ok || !f.IsField() || !isSel {
		return ""
	}
	t := v.info.TypeOf(sel.X)
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// aboutObject tells what the type checker, the documentation and the interpreter know of a name; owner is the type whose
// field it is.
func (s *Session) aboutObject(o types.Object, owner string, detail int) string {
	if p, ok := o.(*types.PkgName); ok {
		return aboutPackage(p.Imported().Path(), p.Imported().Name(), detail)
	}
	text := types.ObjectString(o, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
	path := ""
	if o.Pkg() != nil {
		path = o.Pkg().Path()
	}
	name := o.Name()
	if recv := receiverOf(o); recv != "" {
		name = recv + "." + name
	} else if owner != "" {
		name = owner + "." + name
	}
	switch path {
	case "main":
		if d, ok := s.names.defs[name]; ok {
			return docBefore(d.code, d.item.start) + d.text
		}
		if v, ok := s.globals()[s.names.inside(o.Name())]; ok && v.IsValid() && v.CanInterface() {
			if _, isVar := o.(*types.Var); isVar && v.Kind() != reflect.Func {
				return text + "\n" + cut(textOf(v.Interface()), maxInspected)
			}
		}
		return text
	case displayPath, gophernotes[0], gophernotes[1]:
		if doc := displayDocs[o.Name()]; doc != "" {
			return text + "\n\n" + doc
		}
		return text
	case "":
		if doc := godoc("builtin", name, detail); doc != "" {
			return doc
		}
		return text
	}
	if doc := labDocs[name]; doc != "" && strings.HasSuffix(path, "/lessons/lab") {
		return doc
	}
	if doc := godoc(path, name, detail); doc != "" {
		return doc
	}
	return text
}

// receiverOf returns the name of the type whose method o is, "" if it is none.
func receiverOf(o types.Object) string {
	f, ok := o.(*types.Func)
	if !ok {
		return ""
	}
	recv := f.Type().(*types.Signature).Recv()
	if recv == nil {
		return ""
	}
	t := recv.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}
