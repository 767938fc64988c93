package playground

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

// Each node keeps its place as the machine moves on, each field can be asked about, and what is new is marked.
func TestGraph(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	at := func(stage string) *Graph {
		t.Helper()
		return p.ask(`{"method":"move","move":{"to":"stage","stage":"`+stage+`"}}`, nil).View.Graph
	}
	early, late := at("procresize"), at("pidle")
	if early == nil || late == nil || len(late.Ps) != 4 || len(early.Ps) != 4 {
		t.Fatalf("graphs %+v and %+v; want 4 Ps each", early, late)
	}
	for i := range late.Ps {
		if early.Ps[i].ID != late.Ps[i].ID || late.Ps[i].New {
			t.Errorf("P %d was %+v and is %+v", i, early.Ps[i], late.Ps[i])
		}
	}
	if late.Gs[0].Title != "&g0" || late.Ms[0].Title != "&m0" {
		t.Errorf("the first G is %s and the first M %s", late.Gs[0].Title, late.Ms[0].Title)
	}
	var held Field
	for _, f := range late.Ms[0].Fields {
		if f.Name == "p" {
			held = f
		}
	}
	if held.To != late.Ps[0].ID || held.Value != "P0" {
		t.Errorf("m0.p is %+v; want P0", held)
	}
	if w := p.ask(`{"method":"whoWrote","expr":"`+held.Expr+`"}`, nil).Write; !strings.HasPrefix(w.Func, "runtime.") && !strings.HasPrefix(w.Func, "internal/runtime") || w.New != "0x"+strings.Repeat("0", 18-len(held.To))+held.To[2:] {
		t.Errorf("m0.p was written by %+v; want %s", w, held.To)
	}
	for _, c := range late.Lists {
		if c.Name == "sched.pidle" && (strings.Join(c.IDs, " ") != "P3 P2 P1" || !c.Changed || c.Expr == "") {
			t.Errorf("%+v", c)
		}
	}
}

func TestStackHasBothSidesOfSP(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	v := p.ask(`{"method":"move","move":{"to":"stage","stage":"tls"}}`, nil).View
	below, above := 0, 0
	for _, w := range v.Stack {
		if w.Offset < 0 {
			below++
		} else {
			above++
		}
	}
	if below == 0 || above == 0 {
		t.Errorf("%d words below SP and %d above", below, above)
	}
}

// A register's last change is where it becomes what it is: at the tick it has another value, one tick later this one.
func TestWhoChanged(t *testing.T) {
	p := &page{T: t}
	p.ask(bootHello, hello(t))
	for _, stage := range []string{"tls", "main"} {
		v := p.ask(`{"method":"move","move":{"to":"stage","stage":"`+stage+`"}}`, nil).View
		for i, r := range v.Registers {
			w, err := p.server.p.WhoChanged(t.Context(), r.Name)
			if errors.Is(err, ErrNoChange) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			before := p.ask(`{"method":"move","move":{"to":"tick","tick":`+itoa(w.Tick)+`}}`, nil).View
			after := p.ask(`{"method":"move","move":{"to":"instruction"}}`, nil).View
			if before.Registers[i].Value != w.Old || w.New != r.Value || before.TID == after.TID && after.Registers[i].Value != r.Value {
				t.Errorf("%s at %s: %+v, but there it goes from %s to %s, and is %s now", r.Name, stage, w, before.Registers[i].Value, after.Registers[i].Value, r.Value)
			}
			p.ask(`{"method":"move","move":{"to":"tick","tick":`+itoa(v.Tick)+`}}`, nil)
		}
	}
	if _, err := p.server.p.WhoChanged(t.Context(), "xyz"); err == nil {
		t.Error("a register xyz")
	}
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }
