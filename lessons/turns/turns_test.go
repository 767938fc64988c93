package turns

import (
	"fmt"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/lessons/library"
)

// programs each define f, which returns the text behind //=.
var programs = []string{
	"func f() int { n := 0; for i := 0; i < 5000; i++ { n += i % 3 }; return n } //= 4999",
	"func f() int { n := 0; for range make([]int, 1000) { n++ }; return n } //= 1000",
	"func f() (s string) { for k := range map[string]int{\"a\": 1} { s += k }; return s } //= a",
	"func f() int { n := 0\nagain: n++; if n < 700 { goto again }; return n } //= 700",
	"func f() int { n := 0\nouter: for i := 0; i < 40; i++ { for { n++; if n%2 == 0 { continue outer }; if n > 60 { break outer } } }; return n } //= 61",
	"func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfunc f() int { return fib(12) } //= 144",
	"func f() int { g := func(n int) int { return n * 2 }; n := 1; for i := 0; i < 9; i++ { n = g(n) }; return n } //= 512",
	"func f() (n int) { defer func() { if recover() != nil { n = 7 } }(); for { panic(1) } } //= 7",
	"func f() int { c := make(chan int); go func() { for i := 0; i < 300; i++ { c <- i }; close(c) }(); n := 0; for v := range c { n += v }; return n } //= 44850",
	"func f() int { c := make(chan int, 1); n := 0; for n < 500 { select { case c <- 1: case <-c: n++ } }; return n } //= 500",
	"type T struct{ n int }\nfunc (t *T) add() { t.n++ }\nfunc f() int { t := &T{}; for t.n < 400 { t.add() }; return t.n } //= 400",
	"func f() int { sum := func(a ...int) (n int) { for _, v := range a { n += v }; return }; return sum(1, 2, 3) } //= 6",
}

func TestRewrittenCodeDoesTheSame(t *testing.T) {
	old := Take
	defer func() { Take = old }()
	for _, p := range programs {
		src, want, _ := strings.Cut(p, " //= ")
		taken := 0
		Take = func() int { taken++; return 10 }
		in := interp.New(interp.Options{})
		if err := in.Use(library.Symbols); err != nil {
			t.Fatal(err)
		}
		if err := in.Use(Exports()); err != nil {
			t.Fatal(err)
		}
		f, err := File(in.FileSet(), interp.DefaultSourceName, "package main\n"+src)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := in.CompileAST(f)
		if err == nil {
			_, err = in.Execute(prog)
		}
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		v, err := in.Eval("f()")
		if err != nil || fmt.Sprint(v) != want {
			t.Errorf("%s = %v, %v", src, v, err)
		}
		if taken == 0 {
			t.Errorf("%s: nobody had a turn", src)
		}
	}
}

func TestFileKeepsPositions(t *testing.T) {
	old := Take
	defer func() { Take = old }()
	Take = func() int { return Length }
	in := interp.New(interp.Options{})
	in.Use(Exports())
	f, err := File(in.FileSet(), "x", "package main\n\nfunc f() {\n\tfor {\n\t\tnope()\n\t}\n}")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.CompileAST(f); err == nil || !strings.Contains(err.Error(), "x:5:3: undefined: nope") {
		t.Errorf("%v", err)
	}
}
