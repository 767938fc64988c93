package cells

import (
	"strings"
	"testing"
)

// cursor takes the mark ‸ out of code and returns where it was: at the end if there is none.
func cursor(code string) (string, int) {
	if i := strings.Index(code, "‸"); i >= 0 {
		return strings.Replace(code, "‸", "", 1), i
	}
	return code, len(code)
}

// before is what the notebook has when completion and inspection are asked.
var before = []string{
	"import (\"strings\"; \"net/http\")\nvar builder strings.Builder\nvar req *http.Request",
	"// A Pear is a fruit.\ntype Pear struct{ Stone Stone; Name, note string }\ntype Stone struct{ Hard bool }\n// Eat eats it.\nfunc (Pear) Eat() string { return \"\" }\nfunc (*Pear) Grow() {}",
	"pear := Pear{}\npears := []Pear{pear}\nbasket := map[string]*Pear{}",
	"// peel peels.\nfunc peel(n int) Pear { return Pear{} }\nnumber := 42",
	"pear",
	"%boot -cpus 2\n%stage pidle",
}

func TestComplete(t *testing.T) {
	n := newNotebook(t)
	for _, c := range before {
		if r := n.run(c); r.failure != "" {
			t.Fatal(r.failure)
		}
	}
	for _, k := range []struct{ code, want, not string }{
		// names
		{"pea", "pear pears", ""}, {"Pea", "Pear", ""}, {"pee", "peel", ""}, {"fo", "for", ""}, {"Disp", "Display DisplayID", ""}, {"x := str", "strings strconv", ""},
		{"mac", "machine", ""}, {"le", "len", ""}, {"nu‸mber := 1", "number", ""}, {"rt0", "", "rt0Keep"},
		{"func f(parameter int) {\n\tlocal := 1\n\tfor index := 0; ; {\n\t\t‸", "parameter local index", "later"},
		{"func f() {\n\tif x := 1; lo‸ {\n\t}\n}\nfunc lower() {}", "lower", ""},
		{"a := 1; a‸; after := 2", "a", "after"}, {"Pear{Na", "Name", ""}, {"p := Pear{Name: \"x\", ‸", "Stone note", ""},
		// members
		{"strings.ToUp", "ToUpper", ""}, {"builder.Write", "WriteString WriteByte", ""}, {"fmt.Printl", "Println", ""}, {"fmt.", "Sprintf", "pp"},
		{"machine.Who", "WhoWrote", ""}, {"import \"github.com/rt0lab/rt0/lessons/lab\"\nlab.", "Boot CPUs", "must"},
		{"pear.", "Eat Grow Stone Name note", ""}, {"pear.Stone.", "Hard", "Name"}, {"pears[0].Sto", "Stone", ""}, {"basket[\"a\"].Stone.H", "Hard", ""},
		{"peel(1).", "Eat Stone", ""}, {"req.URL.", "Path Host String", ""}, {"req.URL.Query().", "Get Set", ""}, {"(&pear).G", "Grow", ""}, {"_.", "Eat", ""}, {"Out[5].", "Stone", ""},
		{"for _, p := range pears {\n\tif p.St‸ {\n", "Stone", ""}, {"func f(b *strings.Builder, q Pear) {\n\tq.‸\n}", "Eat", ""}, {"strings.NewReader(pear.", "Name", ""},
		{"x := pear\nx.", "Eat", ""}, {"import \"time\"\ntime.Now().", "Add Unix", ""}, {"type L struct{ Pear; N int }\nvar l L\nl.", "N Pear Stone Eat", ""}, {"Pear{}.Stone.", "Hard", ""},
		{"var e error\ne.", "Error", ""}, {"time.", "Now", ""},
		{"%%boot\npackage main\n\nimport \"strings\"\n\nfunc main() {\n\tlocal := 1\n\tstrings.ToU‸\n}", "ToUpper", ""}, {"%%boot\npackage main\n\nfunc main() {\n\tlocal := 1\n\tlo‸\n}", "local", ""},
		// the guest
		{"machine.Eval(\"sched.pi", "pidle", ""}, {"machine.Eval(\"allp[0].", "runq status m", ""}, {"machine.Int(\"m0.curg.go‸\")", "goid", ""}, {"machine.Eval(\"len(all", "allp allm", ""},
		{"fmt.Println(1, machine.WhoWrote(\"sch", "sched", ""}, {"machine.Writes(\"sched.np", "npidle", ""}, {"machine.Fact(\"sched.", "sched.npidle", ""},
		{"machine.RunTo(\"runtime.schedi", "runtime.schedinit", ""}, {"machine.BackTo(\"main.", "main.main", ""}, {"machine.To(\"pid", "pidle", ""}, {"machine.Draw(\"al", "allp allm", ""},
		{"machine.Reg(\"r1", "r14", ""}, {"lab.Boot(lab.Sample(\"he", "hello", ""}, {"import \"net/ht", "net/http", ""}, {"import (\n\t\"fmt\"\n\t\"enc", "encoding/json", ""}, {"x := \"mac", "", "machine"},
		{"lab.Exercise(\"wi", "wirep", ""},
		// commands
		{"%sta", "stage", ""}, {"%stage pid", "pidle", ""}, {"%goto en", "entry", ""}, {"%view al", "allp allm", ""}, {"%boot -c", "-cpus", ""}, {"%boot -", "-go -seed -env -gomaxprocs -cpus", ""}, {"%boot he", "hello", ""},
		{"%%boot -s‸\npackage main\n", "-seed", ""}, {"%who-wrote sched.pi", "pidle", ""}, {"%watch allp[0].sta", "status", ""}, {"%run-to runtime.rt0", "runtime.rt0_go", ""}, {"%back-to main.m", "main.main", ""},
		{"%lesson ov", "overview", ""}, {"%lang z", "zh", ""}, {"%help wa", "watch", ""}, {"%cd test", "testdata/", ""}, {"1+1\n%stage pi", "pidle", ""}, {"$ cat ask_t", "ask_test.go", ""},
	} {
		code, pos := cursor(k.code)
		c := n.s.Complete(code, pos)
		got := " " + strings.Join(c.Matches, " ") + " "
		for _, want := range strings.Fields(k.want) {
			if !strings.Contains(got, " "+want+" ") {
				t.Errorf("%q: %.200s, want %s among them", k.code, got, want)
			}
		}
		if k.not != "" && strings.Contains(got, " "+k.not+" ") {
			t.Errorf("%q: %s is among them", k.code, k.not)
		}
		if len(c.Types) != len(c.Matches) {
			t.Errorf("%q: %d matches, %d types", k.code, len(c.Matches), len(c.Types))
		}
		for _, m := range c.Matches {
			if !strings.HasPrefix(m, code[c.Start:pos]) {
				t.Errorf("%q: %s does not begin with %q", k.code, m, code[c.Start:pos])
			}
		}
	}
}

func TestInspect(t *testing.T) {
	n := newNotebook(t)
	for _, c := range before {
		n.run(c)
	}
	for _, k := range []struct{ code, want string }{
		{"number", "var number int\n42"}, {"pear", "Pear"}, {"Pear", "// A Pear is a fruit.\ntype Pear struct"}, {"peel", "// peel peels.\nfunc peel(n int) Pear"}, {"pear.Eat", "// Eat eats it.\nfunc (Pear) Eat() string"},
		{"pear.Stone.Hard", "field Hard bool"}, {"strings", "package strings"}, {"strings.ToUpper", "func ToUpper(s string) string\n\nToUpper returns"}, {"str‸ings.ToUpper(\"a\")", "package strings"},
		{"strings.ToUpper(‸", "func ToUpper"}, {"builder.WriteString", "func (b *Builder) WriteString(s string) (int, error)\n\nWriteString appends"}, {"req.Method", "Method string\n\nMethod specifies"},
		{"len", "func len(v Type) int"}, {"fmt.Println", "func Println"}, {"Display", "shows a value below the cell"}, {"machine.WhoWrote", "WhoWrote tells which instruction last wrote"},
		{"import \"github.com/rt0lab/rt0/lessons/lab\"\nlab.CPUs", "CPUs sets how many processors"}, {"x := 1\nx", "var x int"}, {"for i, p := range pears { _ = p‸ }", "var p Pear"},
		{"%stage", "go to the end of a stage"}, {"%stage pidle", "stage pidle: "}, {"%view allp", "figure allp: "}, {"%boot", "-cpus N"}, {"%who-wrote sched.npidle", "of runtime.schedt"},
		{"machine.Eval(\"sched.npi‸dle\")", "of runtime.schedt\nnow, at tick "}, {"machine.Eval(\"sch‸ed.npidle\")", "sched runtime.schedt"}, {"machine.Eval(\"allp[0].sta‸tus\")", "of runtime.p"},
		{"machine.RunTo(\"runtime.sched‸init\")", "a function of the program"}, {"machine.To(\"pi‸dle\")", "stage pidle"}, {"machine.Draw(\"al‸lp\")", "figure allp"}, {"import \"net/ht‸tp\"", "package http"},
	} {
		code, pos := cursor(k.code)
		b := n.s.Inspect(code, pos, 0)
		if !strings.Contains(b.Text(), k.want) {
			t.Errorf("%q: %q, want %q", k.code, b.Text(), k.want)
		}
	}
	for _, code := range []string{"nothingLikeThis", "", "1 + 1", "%nothing", "machine.Eval(\"nothing‸\")"} {
		code, pos := cursor(code)
		if b := n.s.Inspect(code, pos, 0); b != nil {
			t.Errorf("%q: %+v", code, b)
		}
	}
}

// TestAskAnything asks at every place of code that is whole, broken, or no code: nothing panics.
func TestAskAnything(t *testing.T) {
	n := newNotebook(t)
	for _, code := range []string{
		"func f(x int) (y struct{ A []map[string]int }) {\n\tfor i := range y.A { if y.A[i][\"k\"] > x { return y } }\n\tswitch v := any(x).(type) { case int: _ = v }\n\treturn\n}",
		"x := [](){}}.)(\"`'\n\\", "%", "%%", "%boot -go", "$", "\"", "`", "a.b.c.(d).e[f(", "世界 := \"世界\"\n世界.", "import (\n\"fmt", "_.", "Out[", ".....", "type T struct { T }\nT{}.T.T.", "func", "machine.Eval(\"", "machine.Eval(\"(*p)(0x1).", "%watch ((((",
	} {
		for pos := range len(code) + 1 {
			n.s.Complete(code, pos)
			n.s.Inspect(code, pos, 0)
		}
	}
}
