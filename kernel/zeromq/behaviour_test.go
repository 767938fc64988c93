package zeromq

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/race"
	"github.com/rt0lab/rt0/kernel"
)

// TestInterruptCells stops cells of a real kernel in both modes; what the cells have made stays.
func TestInterruptCells(t *testing.T) {
	p := run(t, "tcp")
	p.cell("import \"time\"\nkept := 7\nc := make(chan int)")
	file := filepath.Join(t.TempDir(), "spin.go")
	if err := os.WriteFile(file, []byte("package main\n\nfunc main() {\n\tfor {\n\t}\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := p.cell("%boot -cpus 2\nimport \"github.com/rt0lab/rt0/lessons/lab\"\nspin := lab.Boot(lab.Sample(\"" + file + "\"))"); o.status != "ok" {
		t.Fatalf("%+v", o)
	}
	for name, code := range map[string]string{
		"loop":               "for {}",
		"channel wait":       "<-c",
		"sleep":              "time.Sleep(time.Hour)",
		"shell":              "$ sleep 1000",
		"question":           "Input(\"?\")",
		"long machine run":   "spin.Step(1 << 50)",
		"many machine runs":  "for { machine.To(\"main\"); machine.To(\"entry\") }",
		"output without end": "for { print(\"flood \") }",
		"user_expressions":   "",
	} {
		for mode, interrupt := range map[string]func(){
			"message": func() { p.ask(kernel.Control, "interrupt_request", map[string]any{}) },
			"signal":  func() { p.cmd.Process.Signal(os.Interrupt) },
		} {
			p.interrupted(t, name+", "+mode, code, interrupt)
			if o := p.cell("kept"); o.value != "7" {
				t.Errorf("%s, %s: the next cell: %+v", name, mode, o)
			}
		}
	}
}

// interrupted runs a cell, and interrupts it when it runs. Without code, an expression of the user's is what runs.
func (p *process) interrupted(t *testing.T, name, code string, interrupt func()) {
	t.Helper()
	content := map[string]any{"code": "print(\"on \")\n" + code}
	if code == "" {
		content = map[string]any{"code": "", "user_expressions": map[string]string{"x": "func() int { print(\"on \"); for {} }()"}}
	}
	id := p.send(kernel.Shell, "execute_request", content)
	waitFor(t, p.client, "stream")
	interrupt()
	_, f := p.reply(kernel.Shell, id)
	p.published(id)
	switch {
	case code == "":
		if values := fmt.Sprint(f["user_expressions"]); !strings.Contains(values, "interrupted") {
			t.Errorf("%s: %v", name, f)
		}
	case strings.HasPrefix(code, "Input"): // it has an error to return
	case f["status"] != "error" || f["ename"] != "interrupted":
		t.Errorf("%s: %v", name, f)
	}
}

// TestStuck interrupts a process that cannot even notice: it is ended, and the cell says so.
func TestStuck(t *testing.T) {
	p := run(t, "tcp")
	p.cell("func f() int { return 5 }")
	stopped := filepath.Join(t.TempDir(), "stopped")
	id := p.send(kernel.Shell, "execute_request", map[string]any{"code": "$ kill -STOP $PPID; touch " + stopped + "; sleep 1000"})
	patience.Until(t, "the process stops", exists(stopped))
	p.ask(kernel.Control, "interrupt_request", map[string]any{})
	if o := p.outcome(id); o.failure != "ended: the cell was interrupted and did not stop for 3s" || !strings.Contains(o.traceback, "kept: func f") {
		t.Errorf("%+v", o)
	}
	if o := p.cell("f()"); o.value != "5" {
		t.Errorf("the next cell: %+v", o)
	}
}

// TestBetweenCells lets the process die when no cell runs: the cell that ran last tells of it.
func TestBetweenCells(t *testing.T) {
	p := run(t, "tcp")
	p.cell("func f() int { return 5 }\nv := 1")
	now := filepath.Join(t.TempDir(), "now")
	o := p.cell("$ (until [ -e " + now + " ]; do sleep 0.02; done; kill -9 $PPID) >/dev/null 2>&1 &")
	if o.status != "ok" {
		t.Fatalf("%+v", o)
	}
	touch(t, now)
	m := p.next(kernel.IOPub)
	if text, _ := fields(t, m)["text"].(string); m.Header.Type != "stream" || !strings.HasPrefix(text, "ended: signal: killed\n") || !strings.Contains(text, "lost: var v") {
		t.Errorf("%s %s", m.Header.Type, m.Content)
	}
	if o := p.cell("f()"); o.value != "5" {
		t.Errorf("the next cell: %+v", o)
	}
}

// exists returns a function that says whether there is a file of that name.
func exists(name string) func() bool {
	return func() bool {
		_, err := os.Stat(name)
		return err == nil
	}
}

// touch makes an empty file, for which something waits.
func touch(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// untilThere is a statement of a cell that waits for a file.
func untilThere(name string) string {
	return fmt.Sprintf("for { if _, err := os.Stat(%q); err == nil { break }; time.Sleep(time.Millisecond) }\n", name)
}

// TestQueue sends 200 cells at once: all are answered in order; after an error those that wait are aborted.
func TestQueue(t *testing.T) {
	p := run(t, "tcp")
	p.cell("import (\"os\"; \"time\")")
	for _, fail := range []int{-1, 3} {
		sent := filepath.Join(t.TempDir(), "sent")
		var ids []string
		for i := range 200 {
			code := fmt.Sprint(i, " * 2")
			switch i {
			case 0: // the queue is what has arrived
				code = untilThere(sent) + code
			case fail:
				code = "panic(\"enough\")"
			}
			ids = append(ids, p.send(kernel.Shell, "execute_request", map[string]any{"code": code}))
		}
		p.arrived()
		touch(t, sent)
		for i, id := range ids {
			m := p.next(kernel.Shell)
			if m.Parent.ID != id {
				t.Fatalf("answer %d is for %s, want %s", i, m.Parent.ID, id)
			}
			want := "ok"
			if i == fail {
				want = "error"
			} else if fail >= 0 && i > fail {
				want = "aborted"
			}
			if got := fields(t, m)["status"]; got != want {
				t.Fatalf("cell %d: %v, want %s", i, got, want)
			}
		}
		results := 0
		for _, id := range ids {
			for _, m := range p.published(id) {
				if m.Header.Type == "execute_result" {
					if want := fmt.Sprintf("%q:\"%d\"", "text/plain", 2*results); !strings.Contains(string(m.Content), want) {
						t.Fatalf("%s, want %s", m.Content, want)
					}
					results++
				}
			}
		}
		if want := map[int]int{-1: 200, 3: 3}[fail]; results != want {
			t.Errorf("%d results, want %d", results, want)
		}
	}
}

// TestTwoClients asks from two clients: each gets its own answers, both see all output.
func TestTwoClients(t *testing.T) {
	p := run(t, "tcp")
	other := connect(t, p.conn, p.log, "other")
	a := p.send(kernel.Shell, "execute_request", map[string]any{"code": "x := 20\nx"})
	_, f := p.reply(kernel.Shell, a)
	if f["status"] != "ok" {
		t.Errorf("%v", f)
	}
	b := other.send(kernel.Shell, "execute_request", map[string]any{"code": "x + 1"})
	if _, f := other.reply(kernel.Shell, b); f["status"] != "ok" {
		t.Errorf("%v", f)
	}
	for _, c := range []*client{p.client, other} {
		for _, k := range []struct{ id, want string }{{a, "20"}, {b, "21"}} {
			if pub := c.published(k.id); types(pub) != "status execute_input execute_result status" || !strings.Contains(string(pub[2].Content), k.want) {
				t.Errorf("%s sees of %s: %s", c.name, k.id, types(pub))
			}
		}
	}
}

// TestSmallThings are promises that need no test of their own.
func TestSmallThings(t *testing.T) {
	p := run(t, "ipc")
	now := filepath.Join(t.TempDir(), "now")
	id := p.send(kernel.Shell, "execute_request", map[string]any{"code": "import (\"os\"; \"time\")\n" + untilThere(now)})
	if m := p.next(kernel.IOPub); m.Parent.ID != id || fields(t, m)["execution_state"] != "busy" {
		t.Errorf("busy: %s %s", m.Header.Type, m.Content)
	}
	if f := p.ask(kernel.Control, "kernel_info_request", map[string]any{}); f["status"] != "ok" {
		t.Errorf("kernel_info on control while a cell runs: %v", f)
	}
	touch(t, now)
	p.reply(kernel.Shell, id)
	p.published(id)

	// A goroutine that prints after the end of its cell, and one that panics then.
	late := filepath.Join(t.TempDir(), "late")
	p.cell("go func() { " + untilThere(late) + "print(\"late\") }()")
	touch(t, late)
	m := p.next(kernel.IOPub)
	if m.Header.Type != "stream" || fields(t, m)["text"] != "late" {
		t.Errorf("%s %s", m.Header.Type, m.Content)
	}
	late = filepath.Join(t.TempDir(), "later")
	p.cell("go func() { " + untilThere(late) + "panic(\"too late\") }()")
	touch(t, late)
	m = p.next(kernel.IOPub)
	if text, _ := fields(t, m)["text"].(string); !strings.Contains(text, "panic: too late [in a goroutine]") {
		t.Errorf("%s %s", m.Header.Type, m.Content)
	}
	// A display that is updated from another cell.
	p.cell("DisplayID(\"one\", \"it\")")
	id = p.send(kernel.Shell, "execute_request", map[string]any{"code": "UpdateDisplay(\"two\", \"it\")"})
	p.reply(kernel.Shell, id)
	if pub := p.published(id); types(pub) != "status execute_input update_display_data status" || !strings.Contains(string(pub[2].Content), `"display_id":"it"`) || !strings.Contains(string(pub[2].Content), "two") {
		t.Errorf("%s", types(pub))
	}
	// Questions.
	id = p.send(kernel.Shell, "execute_request", map[string]any{"code": "name, err := Input(\"name? \")\nname"})
	if q := p.next(kernel.Stdin); fields(t, q)["prompt"] != "name? " || q.Parent.ID != id {
		t.Errorf("%s", q.Content)
	}
	p.send(kernel.Stdin, "input_reply", map[string]string{"value": "Ken"})
	if o := p.outcome(id); o.value != "Ken" {
		t.Errorf("%+v", o)
	}
	id = p.send(kernel.Shell, "execute_request", map[string]any{"code": "_, err = Input(\"x\")\nerr.Error()", "allow_stdin": false})
	if o := p.outcome(id); o.value != kernel.ErrNoStdin.Error() {
		t.Errorf("%+v", o)
	}
	// What is not stored is not counted.
	before := p.cell("1").count
	id = p.send(kernel.Shell, "execute_request", map[string]any{"code": "2", "store_history": false})
	if o := p.outcome(id); o.count != before || o.value != "2" {
		t.Errorf("store_history false: %+v after %d", o, before)
	}
	// Values keep their digits between the processes.
	id = p.send(kernel.Shell, "execute_request", map[string]any{"code": "Display(JSON(map[string]interface{}{\"n\": uint64(18446744073709551615)}))"})
	p.reply(kernel.Shell, id)
	if pub := p.published(id); !strings.Contains(string(pub[2].Content), "18446744073709551615") {
		t.Errorf("%s", pub[2].Content)
	}
	var page struct {
		Payload []struct{ Source string }
	}
	id = p.send(kernel.Shell, "execute_request", map[string]any{"code": "%doc strings.ToUpper\n%lesson entry"})
	for {
		m := p.next(kernel.Shell)
		if m.Parent.ID == id {
			json.Unmarshal(m.Content, &page)
			break
		}
	}
	if fmt.Sprint(page.Payload) != "[{page} {set_next_input}]" {
		t.Errorf("payload: %v", page.Payload)
	}
	p.published(id)
	// Unknown requests are ignored, also on control.
	id = p.send(kernel.Control, "debug_request", map[string]any{"command": "initialize"})
	if pub := types(p.published(id)); pub != "status status" {
		t.Errorf("debug_request: %s", pub)
	}
}

// TestRacyCell runs a data race, which is harmless.
func TestRacyCell(t *testing.T) {
	race.Skip(t)
	p := run(t, "tcp")
	if o := p.cell("n, done := 0, make(chan bool)\nfor i := 0; i < 4; i++ { go func() { for j := 0; j < 1000; j++ { n++ }; done <- true }() }\nfor i := 0; i < 4; i++ { <-done }\nn > 0"); o.value != "true" {
		t.Errorf("%+v", o)
	}
}

// TestNoKernel runs the cells' process without a kernel: it says what to do.
func TestNoKernel(t *testing.T) {
	file, err := builtKernel()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(file, "kernel", "cells").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "rt0 kernel run does") {
		t.Errorf("%v: %s", err, out)
	}
}
