package cells

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/traefik/yaegi/stdlib"

	wait "github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/race"
	"github.com/rt0lab/rt0/kernel"
)

// A notebook runs cells through a Handler, and keeps what they show.
type notebook struct {
	t    testing.TB
	s    *Session
	h    *kernel.Handler
	mu   sync.Mutex
	seen []*kernel.Message
	// typed are the answers to the questions of cells.
	typed []string
	done  chan *kernel.Message
}

// options are those of the sessions that the tests make.
var options = nativeOptions

var nativeOptions = Options{Version: "test", Symbols: stdlib.Symbols}

func newNotebook(t testing.TB) *notebook {
	t.Helper()
	s, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	n := &notebook{t: t, s: s, done: make(chan *kernel.Message, 100)}
	n.h = kernel.NewHandler(s, func(ch kernel.Channel, m *kernel.Message) error {
		if ch == kernel.Shell {
			n.done <- m
			return nil
		}
		if ch == kernel.Stdin {
			answer := "\x04"
			if len(n.typed) > 0 {
				answer, n.typed = n.typed[0], n.typed[1:]
			}
			content, _ := json.Marshal(map[string]string{"value": answer})
			go n.h.Receive(kernel.Stdin, &kernel.Message{Header: kernel.Header{ID: "y", Type: "input_reply"}, Content: content})
			return nil
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.seen = append(n.seen, m)
		return nil
	}, kernel.Options{})
	t.Cleanup(n.h.Close)
	return n
}

// count returns the number of the last cell.
func (n *notebook) count() int { return n.s.current().Count }

// send starts a cell.
func (n *notebook) send(code string) { n.request(map[string]any{"code": code}) }

// request starts an execution.
func (n *notebook) request(content any) {
	n.mu.Lock()
	n.seen = nil
	n.mu.Unlock()
	body, _ := json.Marshal(content)
	n.h.Receive(kernel.Shell, &kernel.Message{Header: kernel.Header{ID: "x", Type: "execute_request"}, Content: body})
}

// A result is what one sees of a cell.
type result struct {
	out, err, value, failure, traceback string
	mimes                               string   // MIME types of the value
	data                                []string // MIME types of the displays
}

func (n *notebook) run(code string) result {
	n.t.Helper()
	n.send(code)
	return n.wait()
}

// printed waits until the cell that runs has printed something that holds the text.
func (n *notebook) printed(text string) {
	n.t.Helper()
	wait.Until(n.t, "the cell prints "+text, func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return slices.ContainsFunc(n.seen, func(m *kernel.Message) bool {
			return m.Header.Type == "stream" && strings.Contains(string(m.Content), text)
		})
	})
}

func (n *notebook) wait() (r result) {
	n.t.Helper()
	wait.Receive(n.t, "the cell's end", n.done)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, m := range n.seen {
		var f struct {
			Name, Text, EName, EValue string
			Traceback                 []string
			Data                      map[string]any
			Transient                 map[string]string
		}
		json.Unmarshal(m.Content, &f)
		switch m.Header.Type {
		case "stream":
			if f.Name == "stdout" {
				r.out += f.Text
			} else {
				r.err += f.Text
			}
		case "execute_result":
			r.value, _ = f.Data["text/plain"].(string)
			r.mimes = strings.Join(sortedKeys(f.Data), " ")
		case "display_data", "update_display_data":
			if strings.HasPrefix(f.Transient["display_id"], ProgressID) { // whether there is some depends on the machine's speed
				continue
			}
			r.data = append(r.data, strings.Join(sortedKeys(f.Data), " "))
		case "error":
			r.failure, r.traceback = f.EName+": "+f.EValue, strings.Join(f.Traceback, "\n")
		}
	}
	return r
}

// TestCells runs notebooks: each cell, then what it shows. "= v" is the value, "! e" a part of the error, else the output.
func TestCells(t *testing.T) {
	for name, cells := range map[string][]string{
		"values":                {"1+1", "= 2", "x := 3", "", "x", "= 3", "x, y := 1, \"a\"\nx", "= 1", "y", "= a"},
		"several values":        {"func f() (int, string, error) { return 1, \"a\", nil }\nf()", "= 1 a <nil>"},
		"no value":              {"func f() {}\nf()", "", "var p *int\np = nil", ""},
		"string":                {"\"go\" + \"pher\"", "= gopher"},
		"print":                 {"import \"fmt\"\nfmt.Println(\"hi\")", "hi\n"},
		"imports again":         {"import \"fmt\"\nfmt.Print(1)", "1", "import \"fmt\"\nfmt.Print(2)", "2", "fmt.Print(3)", "3", "import (\n\t\"fmt\"\n\t\"os\"\n)\nfmt.Fprint(os.Stdout, 4)", "4"},
		"an alias":              {"import str \"strings\"\nstr.ToUpper(\"a\")", "= A", "str.ToUpper(\"b\")", "= B", "import str \"strconv\"\nstr.Itoa(4)", "= 4"},
		"redeclare":             {"x := 1", "", "x := \"s\"", "", "x", "= s", "var x float64 = 2.5\nx", "= 2.5", "var x int", "", "x", "= 0"},
		"redefine func":         {"func f() int { return 1 }", "", "f()", "= 1", "func f() int { return 2 }\nf()", "= 2", "func f(s string) string { return s }\nf(\"z\")", "= z"},
		"redefine type":         {"type T struct{ A int }\nfunc (t T) Get() int { return t.A }", "", "T{1}.Get()", "= 1", "type T struct{ A, B int }", "", "T{1, 2}.B", "= 2", "T{5, 2}.Get()", "= 5"},
		"type again":            {"type T struct{ A int }\nt := T{1}", "", "type T struct{ A int }\nt.A", "= 1", "func f(t T) int { return t.A }\nf(t)", "= 1"},
		"method again":          {"type T struct{ A int }\nfunc (t T) Get() int { return 1 }\nT{}.Get()", "= 1", "func (t T) Get() int { return 2 }\nT{}.Get()", "= 2"},
		"method later":          {"type T struct{ A int }", "", "func (t T) Get() int { return 3 }", "", "T{}.Get()", "= 3"},
		"function of a type":    {"type P struct{ X int }\nfunc mk(x int) P { return P{X: x} }\nmk(1).X", "= 1", "type P struct{ X, Y int }\nmk(2).Y", "= 0"},
		"type of a package":     {"type T struct{ A int }", "", "import \"fmt\"\nfunc show(t T) string { return fmt.Sprint(t) }\nshow(T{1})", "= {1}", "type T struct{ A, B int }", "", "show(T{1, 2})", "= {1 2}"},
		"mixed":                 {"import \"fmt\"\nx := 2\nfmt.Println(twice(x))\nfunc twice(n int) int { return 2*n }\ntype T struct{}", "4\n"},
		"function below":        {"type P struct{ N int }\np := P{2}\np.N + peel()\nfunc peel() int { return 1 }", "= 3"},
		"function of functions": {"n := 1\nfunc next() int { n++; return n }\nfunc twice() int { return 2 * next() }\ntwice()", "= 4"},
		"closure of a cell":     {"n := 0\nfunc inc() { n++ }\ninc()\ninc()\nn", "= 2"},
		"main":                  {"import \"fmt\"\nfunc main() { fmt.Print(\"main\") }", "", "1", "= 1", "main()", "main"},
		"const":                 {"const N = 4\nN*2", "= 8", "const N = 5\nN", "= 5"},
		"undefined":             {"x := 1\n\ty := undefinedName", "! cell[1]:2:7: undefined: undefinedName"},
		"undefined variable":    {"import \"fmt\"\nfmt.Println(1)\nfmt.Println(nope)", "! cell[1]:3:13: undefined: nope"},
		"syntax":                {"x := 1\ny := (2", "! cell[1]:2:"},
		"type error":            {"var s string = 1", "! cell[1]:1:"},
		"panic":                 {"panic(\"boom\")", "! panic: boom", "1", "= 1"},
		"division":              {"a, b := 1, 0\na/b", "! panic: runtime error: integer divide by zero"},
		"exit":                  {"import \"os\"\nos.Exit(3)", "! os.Exit(3)", "2", "= 2"},
		"fatal":                 {"import \"log\"\nlog.Fatal(\"bad\")", "! bad", "2", "= 2"},
		"goroutine":             {"import \"time\"\ngo func() { panic(\"in there\") }()\ntime.Sleep(time.Second)", "! panic: in there [in a goroutine]", "2", "= 2"},
		"goroutine of func":     {"import \"time\"\nfunc f(n int, s string) { var p *int; *p = n }\nfor i := 0; i < 2; i++ { go f(i, \"x\") }\ntime.Sleep(time.Second)", "! [in a goroutine]", "2", "= 2"},
		"goroutine result":      {"c := make(chan int, 4)\nfunc put(c chan int, n int) { c <- n }\nfor i := 0; i < 4; i++ { go put(c, i) }\ns := 0\nfor i := 0; i < 4; i++ { s += <-c }\ns", "= 6"},
		"recursion":             {"func r(n int) int { return r(n+1) + 1 }\nr(0)", "! stack overflow", "2", "= 2"},
		"defer":                 {"defer println(1)", "! cell[1]:1:1: defer outside of a function", "func() { defer println(2) }()", "2\n"},
		"index":                 {"s := []int{1}\ns[7]", "! panic: runtime error: index out of range"},
		"no such package":       {"import \"example.com/x\"", "! package example.com/x is not there"},
		"stringer":              {"type C int\nfunc (c C) String() string { return \"C!\" }\nC(3)", "= C!", "func mk() C { return 1 }\nmk()", "= C!"},
		"stdout":                {"import (\n\"os\"\n\"fmt\"\n)\nos.Stdout.WriteString(\"raw\")\nfmt.Fprintln(os.Stdout, \" line\")", "raw line\n"},
		"shell":                 {"$ echo hello", "hello\n", "$ false", "! exit status 1"},
		"commands":              {"%go111module off\n1+1", "= 2", "%nothing", "! no command %nothing", "x := 1\n%go111module on\nx + 1", "= 2"},
		"raw string":            {"s := `\n%stage\n`\nlen(s)", "= 8"},
		"shadow":                {"len := func(s string) int { return 42 }\nlen(\"\")", "= 42"},
		"labels":                {"n := 0\nouter:\nfor {\n\tfor {\n\t\tn++\n\t\tif n > 3 {\n\t\t\tbreak outer\n\t\t}\n\t}\n}\nn", "= 4"},
		"map of type":           {"type K struct{ A int }\nm := map[K]int{{1}: 2}\nm[K{1}]", "= 2"},
		"embedded":              {"type A struct{ N int }\ntype B struct{ A }\nB{A{3}}.N", "= 3"},
		"exercise":              {"import \"github.com/rt0lab/rt0/lessons/lab\"\nlab.Stages()[0]", "= osstack"},
	} {
		t.Run(name, func(t *testing.T) { runCells(t, cells) })
	}
}

// runCells runs the cells of a notebook; each is followed by what it is to show.
func runCells(t *testing.T, cells []string) {
	t.Helper()
	race.Skip(t)
	n := newNotebook(t)
	for i := 0; i < len(cells); i += 2 {
		r, want := n.run(cells[i]), cells[i+1]
		switch {
		case strings.HasPrefix(want, "= "):
			if r.value != want[2:] || r.failure != "" {
				t.Fatalf("cell %q: %+v, want the value %q", cells[i], r, want[2:])
			}
		case strings.HasPrefix(want, "! "):
			if !strings.Contains(r.failure, want[2:]) || r.traceback == "" {
				t.Fatalf("cell %q: %+v, want the error %q", cells[i], r, want[2:])
			}
		case r.out != want || r.failure != "" || r.value != "":
			t.Fatalf("cell %q: %+v, want %q", cells[i], r, want)
		}
	}
}

// TestInterrupt stops what does not end; what the cells have defined stays.
func TestInterrupt(t *testing.T) {
	for name, code := range map[string]string{
		"loop":      "for {}",
		"in a func": "func spin() { for { } }\nspin()",
		"channel":   "c := make(chan int)\n<-c",
		"sleep":     "import \"time\"\nfor { time.Sleep(time.Minute) }",
		"select":    "select {}",
		"shell":     "$ sleep 60",
	} {
		t.Run(name, func(t *testing.T) {
			n := newNotebook(t)
			n.run("kept := 7")
			n.send("print(\"on\")\n" + code)
			n.printed("on")
			n.h.Interrupt()
			r := n.wait()
			if !strings.HasPrefix(r.failure, "interrupted: ") {
				t.Errorf("%+v", r)
			}
			if r := n.run("kept"); r.value != "7" {
				t.Errorf("the next cell: %+v", r)
			}
		})
	}
}

// TestStdin reads what the user types.
func TestStdin(t *testing.T) {
	n := newNotebook(t)
	for _, k := range []struct{ code, out string }{
		{"import (\"bufio\"; \"os\"; \"fmt\")\nsc := bufio.NewScanner(os.Stdin)\nfor sc.Scan() { fmt.Println(\"<\" + sc.Text() + \">\") }", "<a b>\n<c>\n"},
		{"var w string\nfmt.Scan(&w)\nfmt.Println(w)", "a\n"},
		{"r := bufio.NewReader(os.Stdin)\nline, err := r.ReadString('\\n')\nfmt.Printf(\"%q %v\", line, err)", "\"a b\\n\" <nil>"},
		{"import \"io\"\nall, _ := io.ReadAll(os.Stdin)\nfmt.Printf(\"%q\", all)", "\"a b\\nc\\n\""},
		{"s, _ := Input(\"name? \")\nfmt.Print(s)", "a b"},
	} {
		n.s.out.typed, n.typed = nil, []string{"a b", "c"}
		if r := n.run(k.code); r.out != k.out || r.failure != "" {
			t.Errorf("%q: %+v, want %q", k.code, r, k.out)
		}
	}
}

func TestDisplay(t *testing.T) {
	n := newNotebook(t)
	for _, k := range []struct{ code, data string }{
		{"Display(HTML(\"<b>x</b>\"))", "text/html text/plain"},
		{"Display(Markdown(\"*x*\"))", "text/markdown text/plain"},
		{"Display(SVG(\"<svg/>\"))", "image/svg+xml text/plain"},
		{"Display(Latex(\"x^2\"))", "text/latex text/plain"},
		{"Display(PNG([]byte{1}))", "image/png text/plain"},
		{"Display(JSON(map[string]interface{}{\"a\": 1}))", "application/json text/plain"},
		{"type H struct{}\nfunc (H) HTML() string { return \"<i>h</i>\" }\nh := H{}\nDisplay(h)", "text/html text/plain"},
		{"import \"image\"\nDisplay(image.NewRGBA(image.Rect(0, 0, 2, 2)))", "image/png text/plain"},
	} {
		if r := n.run(k.code); strings.Join(r.data, "|") != k.data {
			t.Errorf("%q: %+v, want %s", k.code, r, k.data)
		}
	}
}

// TestMachine goes through the stage cells.
func TestMachine(t *testing.T) {
	n := newNotebook(t)
	const all = "image/svg+xml text/html text/plain"
	for _, k := range []struct{ code, out, data string }{
		{"%boot -cpus 2", "tick 0", all},
		{"%stage pidle", "tick ", all},
		{"machine.Eval(\"sched.npidle\")", "", ""},
		{"%who-wrote sched.npidle", "atomic", ""},
		{"%watch sched.npidle", "1 writes", ""},
		{"%step 3", "tick ", all},
		{"%back", "tick ", all},
		{"%goto entry", "rt0_go", all},
		{"%goto 100", "tick 100", all},
		{"%run-to runtime.schedinit", "schedinit", all},
		{"%back-to runtime.rt0_go", "rt0_go", all},
		{"%boot -cpus 2 -gomaxprocs 1 -env 'A=b c' hello x 'y z'\nmachine.To(\"procresize\").Eval(\"len(allp)\")", "tick 0", all},
		{"%help boot", "-gomaxprocs N", ""},
		{"%view registers", "tick ", all},
		{"%help", "%who-wrote EXPR", ""},
		{"%%boot\npackage main\n\nfunc main() { println(\"from the guest\") }\n", "from the guest\ntick ", all},
		{"%boot -cpus 1\nmachine.To(\"entry\")\nmachine.Tick() > 0", "tick 0", all},
	} {
		r := n.run(k.code)
		if !strings.Contains(r.out, k.out) || strings.Join(r.data, "|") != k.data || r.failure != "" {
			t.Errorf("%q: %+v, want %q and %q", k.code, r, k.out, k.data)
		}
	}
	if r := n.run("machine.To(\"entry\")"); !strings.HasPrefix(r.value, "tick ") {
		t.Errorf("a machine is %+v", r)
	}
	if r := n.run("%stage nowhere"); !strings.Contains(r.failure, "is no stage") {
		t.Errorf("%+v", r)
	}
	if r := n.run("%%boot\npackage main\nfunc main() { x }\n"); r.failure != "error: cell["+fmt.Sprint(n.count())+"]:3:15: undefined: x" || !strings.Contains(r.traceback, "func main() { x }\n") {
		t.Errorf("%+v", r)
	}
}

func TestIsComplete(t *testing.T) {
	s, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, k := range []struct{ code, status, indent string }{
		{"1+1", "complete", ""}, {"", "complete", ""}, {"%stage pidle", "complete", ""}, {"x := 1", "complete", ""}, {"x++", "complete", ""},
		{"func f() {", "incomplete", "\t"}, {"for {\n\tif x {", "incomplete", "\t\t"}, {"1 +", "incomplete", ""}, {"x := `raw", "incomplete", ""},
		{"f(1,", "incomplete", "\t"}, {"/* open", "incomplete", ""}, {"if x {\n}", "complete", ""},
		{"import \"fmt\"\nfmt.Println(1)\nfunc f() {}", "complete", ""},
		{"x := )", "invalid", ""}, {"func 3", "invalid", ""}, {"a b c", "invalid", ""},
	} {
		if got := s.IsComplete(k.code); got.Status != k.status || got.Indent != k.indent {
			t.Errorf("%q: %+v, want %s %q", k.code, got, k.status, k.indent)
		}
	}
}

// TestTraceback tells the lines of the cell through which a panic went.
func TestTraceback(t *testing.T) {
	n := newNotebook(t)
	n.run("func inner(s []int) int {\n\treturn s[5]\n}")
	r := n.run("x := 1\nfunc outer() int { return inner([]int{x}) }\nouter()")
	for _, want := range []string{"cell[1]:2", "cell[2]:2"} {
		if !strings.Contains(r.traceback, want) {
			t.Errorf("%q, want %q in it", r.traceback, want)
		}
	}
}

func TestValue(t *testing.T) {
	n := newNotebook(t)
	n.run("x := 20")
	if b, err := n.s.Value(context.Background(), "x+1"); err != nil || b.Text() != "21" {
		t.Errorf("%v %v", b, err)
	}
	var e *kernel.CellError
	if _, err := n.s.Value(context.Background(), "nope"); !errors.As(err, &e) {
		t.Errorf("%v", err)
	}
}
