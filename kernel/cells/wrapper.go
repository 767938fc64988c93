package cells

import (
	"fmt"
	"image"
	"reflect"
	"sync"

	"github.com/traefik/yaegi/interp"
)

// The interfaces of gophernotes: values of cells' own types can be assigned to them.
type (
	htmler       interface{ HTML() string }
	javascripter interface{ JavaScript() string }
	jpeger       interface{ JPEG() []byte }
	jsoner       interface{ JSON() map[string]any }
	latexer      interface{ Latex() string }
	markdowner   interface{ Markdown() string }
	pnger        interface{ PNG() []byte }
	pdfer        interface{ PDF() []byte }
	svger        interface{ SVG() string }
	renderer     interface{ Render() Data }
	simple       interface{ SimpleRender() map[string]any }
)

// Wrappers give an interpreted value the methods of one of these interfaces.
type (
	wrapHTML struct {
		IValue any
		WHTML  func() string
	}
	wrapJavaScript struct {
		IValue      any
		WJavaScript func() string
	}
	wrapJPEG struct {
		IValue any
		WJPEG  func() []byte
	}
	wrapJSON struct {
		IValue any
		WJSON  func() map[string]any
	}
	wrapLatex struct {
		IValue any
		WLatex func() string
	}
	wrapMarkdown struct {
		IValue    any
		WMarkdown func() string
	}
	wrapPNG struct {
		IValue any
		WPNG   func() []byte
	}
	wrapPDF struct {
		IValue any
		WPDF   func() []byte
	}
	wrapSVG struct {
		IValue any
		WSVG   func() string
	}
	wrapRender struct {
		IValue  any
		WRender func() Data
	}
	wrapSimple struct {
		IValue        any
		WSimpleRender func() map[string]any
	}
)

func (w wrapHTML) HTML() string                   { return w.WHTML() }
func (w wrapJavaScript) JavaScript() string       { return w.WJavaScript() }
func (w wrapJPEG) JPEG() []byte                   { return w.WJPEG() }
func (w wrapJSON) JSON() map[string]any           { return w.WJSON() }
func (w wrapLatex) Latex() string                 { return w.WLatex() }
func (w wrapMarkdown) Markdown() string           { return w.WMarkdown() }
func (w wrapPNG) PNG() []byte                     { return w.WPNG() }
func (w wrapPDF) PDF() []byte                     { return w.WPDF() }
func (w wrapSVG) SVG() string                     { return w.WSVG() }
func (w wrapRender) Render() Data                 { return w.WRender() }
func (w wrapSimple) SimpleRender() map[string]any { return w.WSimpleRender() }

// The same interfaces under other names are what functions ask for that show a value: there the wrapper has all of the
// value's methods for showing, and its text.
type (
	showHTML       htmler
	showJavaScript javascripter
	showJPEG       jpeger
	showJSON       jsoner
	showLatex      latexer
	showMarkdown   markdowner
	showPNG        pnger
	showPDF        pdfer
	showSVG        svger
	showRender     renderer
	showSimple     simple
)

// interfaces are by gophernotes' name: the interface, its wrapper, and its twin for showing.
var interfaces = []struct {
	name                  string
	method, wrapper, show any // nil pointers
}{
	{"Renderer", (*renderer)(nil), (*wrapRender)(nil), (*showRender)(nil)}, {"SimpleRenderer", (*simple)(nil), (*wrapSimple)(nil), (*showSimple)(nil)},
	{"HTMLer", (*htmler)(nil), (*wrapHTML)(nil), (*showHTML)(nil)}, {"SVGer", (*svger)(nil), (*wrapSVG)(nil), (*showSVG)(nil)},
	{"Markdowner", (*markdowner)(nil), (*wrapMarkdown)(nil), (*showMarkdown)(nil)}, {"Latexer", (*latexer)(nil), (*wrapLatex)(nil), (*showLatex)(nil)},
	{"PNGer", (*pnger)(nil), (*wrapPNG)(nil), (*showPNG)(nil)}, {"JPEGer", (*jpeger)(nil), (*wrapJPEG)(nil), (*showJPEG)(nil)},
	{"JSONer", (*jsoner)(nil), (*wrapJSON)(nil), (*showJSON)(nil)}, {"JavaScripter", (*javascripter)(nil), (*wrapJavaScript)(nil), (*showJavaScript)(nil)},
	{"PDFer", (*pdfer)(nil), (*wrapPDF)(nil), (*showPDF)(nil)},
}

// often are the methods for showing that a type may have two of.
const often = 6

// composed are wrappers with several methods, those with most first.
var composed = sync.OnceValue(func() (list []reflect.Type) {
	field := func(i int) reflect.StructField { return reflect.TypeOf(interfaces[i].wrapper).Elem().Field(1) }
	value := reflect.TypeFor[wrapHTML]().Field(0)
	text := reflect.StructField{Name: "WString", Type: reflect.TypeFor[func() string]()}
	put := func(fields ...reflect.StructField) {
		list = append(list, reflect.StructOf(append([]reflect.StructField{value}, fields...)))
	}
	for _, withText := range []bool{true, false} {
		for i := 2; i < 2+often; i++ {
			for j := i + 1; j < 2+often; j++ {
				if withText {
					put(field(i), field(j), text)
				} else {
					put(field(i), field(j))
				}
			}
		}
		for i := range interfaces {
			if withText {
				put(field(i), text)
			} else {
				put(field(i))
			}
		}
	}
	return list
})

// wrapperExports tells the interpreter of the wrappers, and which functions of ours want them.
func wrapperExports(out interp.Exports, own map[string]reflect.Value) {
	pkg := map[string]reflect.Value{}
	types := map[reflect.Value][]reflect.Type{}
	var want []reflect.Type
	for _, i := range interfaces {
		pkg["_"+reflect.TypeOf(i.method).Elem().Name()] = reflect.ValueOf(i.wrapper)
		show := reflect.TypeOf(i.show).Elem()
		key := reflect.New(reflect.TypeOf(i.wrapper)).Elem() // a Value of its own: the interpreter looks wrappers up by it
		pkg["_"+show.Name()] = key
		types[key] = composed()
		want = append(want, show)
	}
	out[reflect.TypeFor[htmler]().PkgPath()+"/cells"] = pkg
	want = append(want, reflect.TypeFor[image.Image](), reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer]())
	for _, name := range []string{keepName, "Display", "DisplayID", "UpdateDisplay"} {
		types[own[name]] = want
	}
	out["."] = map[string]reflect.Value{"MapTypes": reflect.ValueOf(types)}
}
