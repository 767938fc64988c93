package dap

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator/symbols"
	"github.com/rt0lab/rt0/internal/testprog"
)

const program = `package main

import "time"

type pair struct {
	name string
	n    int
}

var (
	counter int
	list    = []pair{{"a", 1}, {"b", 2}}
)

//go:noinline
func add(p pair, by int) int {
	sum := counter + by*p.n
	counter = sum // assign
	return sum    // return
}

func twice(n int) int {
	return add(pair{"twice", n}, 2) // inside
}

func main() {
	done := make(chan int)
	go func() {
		done <- add(list[1], 10) // goroutine
	}()
	<-done
	time.Sleep(1000)
	println(twice(4)) // call
}
`

// lineOf returns the number of the program's line that holds the text.
func lineOf(text string) int {
	before, _, _ := strings.Cut(program, text)
	return 1 + strings.Count(before, "\n")
}

// file returns the path under which the program's source was built.
func file(t *testing.T) string {
	t.Helper()
	tab, err := symbols.Open(testprog.Build(t, runtime.Version(), program))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := tab.FuncNamed("main.main")
	path, _, _ := tab.Line(f.Entry)
	return path
}

func (c *client) breakAtLines(path string, lines ...int) []dap.Breakpoint {
	c.t.Helper()
	var at []object
	for _, n := range lines {
		at = append(at, object{"line": n})
	}
	return ask[*dap.SetBreakpointsResponse](c, "setBreakpoints", object{"source": object{"path": path}, "breakpoints": at}).Body.Breakpoints
}

// TestSession goes through a program as a person would, to its end and back.
func TestSession(t *testing.T) {
	c := connect(t, program)
	path := file(t)
	assign := lineOf("// assign")
	c.launch(object{"cpus": 2, "stopOnEntry": true}, func() {
		if b := c.breakAtLines(path, assign); len(b) != 1 || !b[0].Verified || b[0].Line != assign {
			t.Errorf("breakpoints %+v", b)
		}
		b := ask[*dap.SetFunctionBreakpointsResponse](c, "setFunctionBreakpoints", object{"breakpoints": []object{{"name": "main.twice"}}}).Body.Breakpoints
		if len(b) != 1 || !b[0].Verified {
			t.Errorf("function breakpoints %+v", b)
		}
	})

	// Before the first instruction.
	stop := c.stopped("entry")
	frames := c.stack(stop.ThreadId)
	if len(frames) != 1 || frames[0].Name != "_rt0_amd64_linux" {
		t.Errorf("at the entry the stack is %+v", frames)
	}
	regs := c.scope(frames[0].Id, "Registers")
	if regs["rip"].Value != frames[0].InstructionPointerReference || regs["rbp"].Value != "0x0" || c.value("rsp", frames[0].Id) != regs["rsp"].Value {
		t.Errorf("registers %+v at %s", regs, frames[0].InstructionPointerReference)
	}
	if got := c.value("tick", 0); got != "0x0" {
		t.Errorf("the tick is %s", got)
	}

	// In a goroutine, at the line with the breakpoint.
	ask[*dap.ContinueResponse](c, "continue", object{"threadId": stop.ThreadId})
	stop = c.stopped("breakpoint")
	frames = c.stack(stop.ThreadId)
	if got := names(frames); !slices.Equal(got, []string{"main.add", "main.main.func1", "runtime.goexit"}) || frames[0].Line != assign || frames[1].Line != lineOf("// goroutine") {
		t.Errorf("the stack is %+v", frames)
	}
	args := c.scope(frames[0].Id, "Arguments")
	if len(args) != 2 || args["by"].Type != "int" || args["p"].Value != `{name: "b", n: 2}` {
		t.Errorf("arguments %+v", args)
	}
	if p := c.variables(args["p"].VariablesReference); p["name"].Value != `"b"` || p["n"].Value != "2" {
		t.Errorf("p is %+v", p)
	}
	if locals := c.scope(frames[0].Id, "Locals"); locals["sum"].Value != "20" {
		t.Errorf("locals %+v", locals)
	}
	for expr, want := range map[string]string{
		"p.n": "2", "p.name": `"b"`, "(p).n": "2", "sum": "20", "main.counter": "0", "main.list[1].n": "2", "len(main.list)": "2",
		"goid": fmt.Sprintf("%#x", stop.ThreadId), "m0.id": "0", "7": "7",
	} {
		if got := c.value(expr, frames[0].Id); got != want {
			t.Errorf("%s is %s, want %s", expr, got, want)
		}
	}
	view := c.scope(frames[0].Id, "Runtime")
	if g := c.variables(view["g"].VariablesReference); g["goid"].Value != strconv.Itoa(stop.ThreadId) {
		t.Errorf("g in the view of the runtime: %+v", g["goid"])
	}

	// All goroutines are threads; the one that waits has a stack too.
	threads := ask[*dap.ThreadsResponse](c, "threads", nil).Body.Threads
	if !slices.ContainsFunc(threads, func(th dap.Thread) bool { return th.Id == 1 && strings.Contains(th.Name, "runtime.main") }) {
		t.Errorf("threads %+v", threads)
	}
	if got := names(c.stack(1)); !slices.Contains(got, "main.main") || got[0] != "runtime.gopark" {
		t.Errorf("the stack of goroutine 1 is %q", got)
	}

	// A line on and a line back.
	before := c.value("tick", 0)
	ask[*dap.NextResponse](c, "next", object{"threadId": stop.ThreadId})
	c.stopped("step")
	if frames = c.stack(stop.ThreadId); frames[0].Line != lineOf("// return") || c.value("main.counter", 0) != "20" {
		t.Errorf("after next: %+v, counter %s", frames[0], c.value("main.counter", 0))
	}
	ask[*dap.StepBackResponse](c, "stepBack", object{"threadId": stop.ThreadId})
	c.stopped("breakpoint")
	if frames = c.stack(stop.ThreadId); frames[0].Line != assign || c.value("main.counter", 0) != "0" || c.value("tick", 0) != before {
		t.Errorf("after stepBack: %+v, counter %s", frames[0], c.value("main.counter", 0))
	}

	// An instruction on and back.
	ask[*dap.StepInResponse](c, "stepIn", object{"threadId": stop.ThreadId, "granularity": "instruction"})
	c.stopped("step")
	next := c.stack(stop.ThreadId)[0].InstructionPointerReference
	lines := ask[*dap.DisassembleResponse](c, "disassemble", object{"memoryReference": next, "instructionOffset": -2, "instructionCount": 5}).Body.Instructions
	if len(lines) != 5 || lines[2].Address != next || lines[1].Address != frames[0].InstructionPointerReference || lines[2].Symbol != "main.add" {
		t.Errorf("disassembly around %s: %+v", next, lines)
	}
	ask[*dap.StepBackResponse](c, "stepBack", object{"threadId": stop.ThreadId, "granularity": "instruction"})
	c.stopped("step")
	if got := c.value("tick", 0); got != before {
		t.Errorf("an instruction on and back leads from tick %s to %s", before, got)
	}

	// Data: who writes the counter next, and who before?
	c.breakAtLines(path)
	info := ask[*dap.DataBreakpointInfoResponse](c, "dataBreakpointInfo", object{"name": "main.counter"}).Body
	id, _ := info.DataId.(string)
	if data := ask[*dap.SetDataBreakpointsResponse](c, "setDataBreakpoints", object{"breakpoints": []object{{"dataId": id, "accessType": "write"}}}).Body.Breakpoints; len(data) != 1 || !data[0].Verified {
		t.Fatalf("data breakpoints %+v for %+v", data, info)
	}
	ask[*dap.ContinueResponse](c, "continue", object{"threadId": 1})
	c.stopped("data breakpoint")
	if got := c.value("main.counter", 0); got != "20" {
		t.Errorf("behind the write the counter is %s", got)
	}
	if got := ask[*dap.EvaluateResponse](c, "evaluate", object{"expression": "rt0 last main.counter", "context": "repl"}).Body.Result; !strings.Contains(got, "main.add at "+path) || !strings.Contains(got, fmt.Sprintf("goroutine %d", stop.ThreadId)) {
		t.Errorf("the last writer is %s", got)
	}
	ask[*dap.ReverseContinueResponse](c, "reverseContinue", object{"threadId": 1})
	c.stopped("data breakpoint")
	if got := c.value("main.counter", 0); got != "0" {
		t.Errorf("before the write the counter is %s", got)
	}
	ask[*dap.ReverseContinueResponse](c, "reverseContinue", object{"threadId": 1})
	c.stopped("entry")
	ask[*dap.SetDataBreakpointsResponse](c, "setDataBreakpoints", object{"breakpoints": []object{}})

	// The function that is inlined in main.main, and out of what it calls.
	ask[*dap.ContinueResponse](c, "continue", object{"threadId": 1})
	if stop = c.stopped("function breakpoint"); stop.ThreadId != 1 {
		t.Errorf("the function breakpoint stops goroutine %d", stop.ThreadId)
	}
	frames = c.stack(1)
	if got := names(frames); got[0] != "main.twice (inlined)" || got[1] != "main.main" || frames[1].Line != lineOf("// call") {
		t.Errorf("the stack in the inlined function is %+v", frames)
	}
	ask[*dap.StepInResponse](c, "stepIn", object{"threadId": 1})
	c.stopped("step")
	if got := names(c.stack(1)); got[0] != "main.add" {
		t.Errorf("stepIn leads to %q", got)
	}
	ask[*dap.StepOutResponse](c, "stepOut", object{"threadId": 1})
	c.stopped("step")
	if got := names(c.stack(1)); got[0] != "main.twice (inlined)" {
		t.Errorf("stepOut leads to %q", got)
	}

	// To the end, and back from there.
	ask[*dap.ContinueResponse](c, "continue", object{"threadId": 1})
	var output strings.Builder
	for !strings.Contains(output.String(), "ended") {
		output.WriteString(await[*dap.OutputEvent](c).Body.Output)
	}
	if got := output.String(); !strings.HasPrefix(got, "28\n") || !strings.Contains(got, "exit status 0") {
		t.Errorf("the output is %q", got)
	}
	c.stopped("exit")
	ask[*dap.ReverseContinueResponse](c, "reverseContinue", object{"threadId": 1})
	c.stopped("function breakpoint")
	mem := ask[*dap.ReadMemoryResponse](c, "readMemory", object{"memoryReference": strings.Split(id, ":")[0], "count": 8}).Body
	if b, err := base64.StdEncoding.DecodeString(mem.Data); err != nil || len(b) != 8 || b[0] != 20 {
		t.Errorf("the counter's memory is %+v", mem)
	}
	// Commands of the debug console.
	if got := ask[*dap.EvaluateResponse](c, "evaluate", object{"expression": "rt0 seek 1234", "context": "repl"}).Body.Result; got != "at tick 1234" {
		t.Errorf("rt0 seek 1234 says %q", got)
	}
	c.stopped("goto")
	for line, want := range map[string]string{"rt0 tick": "1234", "rt0 help": "rt0 last EXPR", "rt0": "rt0 seek TICK"} {
		if got := ask[*dap.EvaluateResponse](c, "evaluate", object{"expression": line, "context": "repl"}).Body.Result; !strings.Contains(got, want) {
			t.Errorf("%s says %q, want %q", line, got, want)
		}
	}
	ask[*dap.RestartResponse](c, "restart", object{})
	c.stopped("entry")
	ask[*dap.DisconnectResponse](c, "disconnect", object{})
	if err := <-c.ended; err != nil {
		t.Errorf("Serve returns %v", err)
	}
}

func names(frames []dap.StackFrame) []string {
	var list []string
	for _, f := range frames {
		list = append(list, f.Name)
	}
	return list
}

// TestRunning interrupts a program that never stops by itself.
func TestRunning(t *testing.T) {
	c := connect(t, "package main\n\nvar n int\n\nfunc main() {\n\tfor {\n\t\tn++\n\t}\n}\n")
	c.launch(object{}, nil)
	if msg := c.refused("stackTrace", object{"threadId": 1}); !strings.Contains(msg, "pause it first") {
		t.Errorf("stackTrace while running: %s", msg)
	}
	ask[*dap.PauseResponse](c, "pause", object{"threadId": 1})
	c.stopped("pause")
	ask[*dap.ContinueResponse](c, "continue", object{"threadId": 1})
	// A breakpoint set while it runs is hit.
	ask[*dap.SetFunctionBreakpointsResponse](c, "setFunctionBreakpoints", object{"breakpoints": []object{{"name": "runtime.sysmon"}, {"name": "runtime.retake"}}})
	c.stopped("function breakpoint")
	// A command of the console can be interrupted, too.
	seek := c.send("evaluate", object{"expression": "rt0 seek 1000000000000", "context": "repl"})
	time.Sleep(200 * time.Millisecond) // interrupted before its first instruction it goes nowhere, and no event says that it did
	ask[*dap.PauseResponse](c, "pause", object{"threadId": 1})
	if m, ok := c.response(seek).(*dap.ErrorResponse); !ok || !strings.Contains(m.Body.Error.Variables["message"], "canceled") {
		t.Errorf("an interrupted seek: %+v", m)
	}
	c.stopped("goto")
	ask[*dap.SetFunctionBreakpointsResponse](c, "setFunctionBreakpoints", object{"breakpoints": []object{}})
	ask[*dap.ContinueResponse](c, "continue", object{"threadId": 1})
	ask[*dap.DisconnectResponse](c, "disconnect", object{})
	if err := <-c.ended; err != nil {
		t.Errorf("Serve returns %v", err)
	}
}

// TestEndsSession ends the session with the program.
func TestEndsSession(t *testing.T) {
	c := connect(t, testprog.Hello)
	c.launch(object{"stopAtEnd": false}, nil)
	if code := await[*dap.ExitedEvent](c).Body.ExitCode; code != 0 {
		t.Errorf("exit code %d", code)
	}
	await[*dap.TerminatedEvent](c)
	c.conn.Close()
	if err := <-c.ended; err != nil {
		t.Errorf("Serve returns %v", err)
	}
}

// TestMistakes makes every kind of mistake and wants an answer that says so, and a session that goes on.
func TestMistakes(t *testing.T) {
	c := connect(t, program)
	if msg := c.refused("threads", nil); !strings.Contains(msg, "no program is launched") {
		t.Errorf("before the launch: %s", msg)
	}
	if msg := c.refused("launch", object{"args": 7}); !strings.Contains(msg, "launch: ") {
		t.Errorf("launch with bad arguments: %s", msg)
	}
	if msg := c.refused("launch", object{}); !strings.Contains(msg, "no program") {
		t.Errorf("launch of nothing: %s", msg)
	}
	if msg := c.refused("launch", object{"program": "program", "cpus": -3}); !strings.Contains(msg, "-3 CPUs") {
		t.Errorf("launch with cpus -3: %s", msg)
	}
	// Nothing of the launch that failed remains in the next.
	c.launch(object{"stopOnEntry": true}, nil)
	c.stopped("entry")
	for _, tt := range []struct {
		command string
		args    object
		want    string
	}{
		{"makeCoffee", nil, `"makeCoffee"`},
		{"setVariable", object{"name": "x", "value": "1", "variablesReference": 1}, "setVariable is not supported"},
		{"launch", object{"program": "again"}, "already"},
		{"configurationDone", nil, "already"},
		{"stackTrace", object{"threadId": 77}, "no thread 77"},
		{"scopes", object{"frameId": 1000}, "no frame 1000"},
		{"variables", object{"variablesReference": 1000}, "no variables 1000"},
		{"next", object{"threadId": 77}, "no thread 77"},
		{"evaluate", object{"expression": "]["}, "not an expression"},
		{"evaluate", object{"expression": "no.such"}, "no.such"},
		{"evaluate", object{"expression": ""}, "not an expression"},
		{"evaluate", object{"expression": "main.list[9]"}, "out of range"},
		{"evaluate", object{"expression": "rt0 dance", "context": "repl"}, "rt0 help"},
		{"evaluate", object{"expression": "rt0 seek soon", "context": "repl"}, "want a number"},
		{"evaluate", object{"expression": "rt0 last nothing", "context": "repl"}, "nothing"},
		{"readMemory", object{"memoryReference": "here", "count": 8}, "not an address"},
		{"disassemble", object{"memoryReference": "0x401000", "instructionCount": 1 << 30}, "too many"},
		{"disassemble", object{"memoryReference": "0x401000", "instructionCount": -1}, "too many"},
	} {
		if msg := c.refused(tt.command, tt.args); !strings.Contains(msg, tt.want) {
			t.Errorf("%s %v: %q, want %q", tt.command, tt.args, msg, tt.want)
		}
	}
	if msg := c.refused("evaluate", object{"expression": "no.such"}); strings.Count(msg, "no.such: ") != 1 {
		t.Errorf("evaluate no.such: %q, which should name the expression once", msg)
	}
	for _, tt := range []struct {
		command string
		point   object
		want    string
	}{
		{"setFunctionBreakpoints", object{"name": "main.nothing"}, "neither a function"},
		{"setFunctionBreakpoints", object{"name": "main.add", "condition": "by ="}, "none of =="},
		{"setFunctionBreakpoints", object{"name": "main.add", "hitCondition": "3"}, "hit counts"},
		{"setInstructionBreakpoints", object{"instructionReference": "main"}, "not an address"},
		{"setInstructionBreakpoints", object{"instructionReference": "0xffffffffffffffff"}, "no memory at 0xffffffffffffffff"},
		{"setInstructionBreakpoints", object{"instructionReference": "0x7"}, "no memory at 0x7"},
		{"setDataBreakpoints", object{"dataId": "0x10:0"}, "give 1 to"},
		{"setDataBreakpoints", object{"dataId": "0x10:8", "accessType": "smell"}, "not read, write or readWrite"},
		{"setDataBreakpoints", object{"dataId": "0x10:8", "condition": "rax == 1"}, "no conditions"},
	} {
		m := c.response(c.send(tt.command, object{"breakpoints": []object{tt.point}}))
		var b []dap.Breakpoint
		switch m := m.(type) {
		case *dap.SetFunctionBreakpointsResponse:
			b = m.Body.Breakpoints
		case *dap.SetInstructionBreakpointsResponse:
			b = m.Body.Breakpoints
		case *dap.SetDataBreakpointsResponse:
			b = m.Body.Breakpoints
		}
		if len(b) != 1 || b[0].Verified || !strings.Contains(b[0].Message, tt.want) {
			t.Errorf("%s %v: %+v, want %q", tt.command, tt.point, b, tt.want)
		}
	}
	if b := c.breakAtLines("/nowhere/at/all.go", 5); len(b) != 1 || b[0].Verified {
		t.Errorf("a breakpoint in no file: %+v", b)
	}
	if b := c.breakAtLines("main.go", -4); len(b) != 1 || b[0].Verified {
		t.Errorf("a breakpoint above the first line: %+v", b)
	}
	// Messages that are none.
	for _, text := range []string{`{`, `{}`, `[]`, `{"type":"event","event":"stopped"}`, `{"type":"request","seq":5}`, `{"type":"request","command":"next","seq":"x"}`} {
		if err := dap.WriteBaseMessage(c.conn, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if m, ok := c.read().(*dap.ErrorResponse); !ok || m.Success {
			t.Errorf("%s: %+v", text, m)
		}
	}
	mem := ask[*dap.ReadMemoryResponse](c, "readMemory", object{"memoryReference": "0x10", "count": 8}).Body
	if mem.Data != "" || mem.UnreadableBytes != 8 {
		t.Errorf("memory that is not mapped: %+v", mem)
	}
	ask[*dap.ContinueResponse](c, "continue", object{"threadId": 1})
	c.stopped("exit")
	// What is not framed as a message ends the session.
	if _, err := c.conn.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := <-c.ended; err == nil || !strings.Contains(err.Error(), "not a message") {
		t.Errorf("Serve returns %v", err)
	}
}
