package gdbserver

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/testprog"
)

// A gdb is what one batch run of the real gdb printed.
type gdb struct {
	t   *testing.T
	out string
}

// runGDB starts gdb in batch mode, connects it to the program and gives it the commands. Before each it prints a line
// "== COMMAND".
func runGDB(t *testing.T, d Debuggee, commands ...string) *gdb {
	t.Helper()
	path, err := exec.LookPath("gdb")
	if err != nil {
		t.Skip("no gdb here: the server is NOT tested against it (apt-get install gdb)")
	}
	addr := serve(t, &Server{Debuggee: d, Log: t.Logf})
	args := []string{"-nx", "-batch", "-ex", "set width 0", "-ex", "set pagination off", "-ex", "target remote " + addr.String()}
	for _, c := range append(commands, "echo") {
		args = append(args, "-ex", `echo \n== `+strings.ReplaceAll(c, `"`, `\"`)+`\n`, "-ex", c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("gdb hangs:\n%s", out)
	}
	g := &gdb{t, string(out)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("gdb (%v) said:\n%s", err, out)
		}
	})
	return g
}

// said returns what gdb printed for the nth of the commands equal to c, from 1.
func (g *gdb) said(c string, n int) string {
	g.t.Helper()
	parts := strings.SplitN(g.out+"\n", "\n== "+c+"\n", n+1)
	if len(parts) <= n {
		g.t.Fatalf("gdb did not come to %q", c)
	}
	answer, _, _ := strings.Cut(parts[n], "\n== ")
	return strings.TrimSpace(answer)
}

// expect checks what gdb printed for the nth c against regular expressions.
func (g *gdb) expect(c string, n int, patterns ...string) {
	g.t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile(`(?s)` + p).MatchString(g.said(c, n)) {
			g.t.Errorf("%s (%d): %q does not match %q", c, n, g.said(c, n), p)
		}
	}
}

// value returns the value that gdb printed for the nth c, a print command.
func (g *gdb) value(c string, n int) string {
	g.t.Helper()
	_, value, ok := strings.Cut(g.said(c, n), " = ")
	if !ok {
		g.t.Fatalf("%s (%d): %q", c, n, g.said(c, n))
	}
	return value
}

// number returns the number that gdb printed for the nth c.
func (g *gdb) number(c string, n int) uint64 {
	g.t.Helper()
	number, err := strconv.ParseUint(g.said(c, n), 0, 64)
	if err != nil {
		g.t.Fatalf("%s (%d): %v", c, n, err)
	}
	return number
}

// newProgram returns a machine with the program.
func newProgram(t testing.TB, source string, cpus int) *Past {
	t.Helper()
	m, err := emulator.New(emulator.Config{Program: testprog.Build(t, testprog.Versions[len(testprog.Versions)-1], source), Args: []string{"prog"}, CPUs: cpus})
	if err != nil {
		t.Fatal(err)
	}
	return NewPast(history.New(m))
}

// TestGDB goes to runtime.procresize, watches the number of idle Ps grow, and goes back to where it was written.
func TestGDB(t *testing.T) {
	const (
		procresize = "break runtime.procresize"
		maxM       = "print 'runtime.sched'.maxmcount"
		npidle     = "print 'runtime.sched'.npidle.value"
		watch      = "watch 'runtime.sched'.npidle.value"
		pc         = "print $pc"
		all        = "info all-registers"
	)
	g := runGDB(t, newProgram(t, testprog.Hello, 4),
		procresize, "continue", "backtrace", maxM, "monitor tick", all,
		"stepi 1000", "monitor tick", "reverse-stepi 1000", "monitor tick", all,
		watch, "continue", npidle, pc, "reverse-continue", npidle, pc, "continue", npidle, pc,
		"reverse-continue", "reverse-continue", "monitor tick",
		"delete", "reverse-continue", "monitor tick", "reverse-stepi", "monitor tick",
	)
	g.expect(procresize, 1, `^Breakpoint 1 at 0x[0-9a-f]+: file .*/runtime/proc\.go, line \d+`)
	g.expect("continue", 1, `^Breakpoint 1, runtime\.procresize \(nprocs=4,`)
	g.expect("backtrace", 1, `^#0 +runtime\.procresize .*#1 .* runtime\.schedinit .*#2 .* runtime\.rt0_go`)
	g.expect(maxM, 1, `= 10000$`)

	if before, after := g.said(all, 1), g.said(all, 2); before != after {
		t.Errorf("a thousand instructions forward and back change the registers from\n%s\nto\n%s", before, after)
	}
	start := g.number("monitor tick", 1)
	if got := g.number("monitor tick", 2); got != start+1000 { // one thread runs before schedinit is done
		t.Errorf("a thousand instructions lead from tick %d to %d", start, got)
	}
	if got := g.number("monitor tick", 3); got != start {
		t.Errorf("a thousand instructions back lead to tick %d, want %d", got, start)
	}

	g.expect("continue", 2, `^Hardware watchpoint 2: .*Old value = 0\s+New value = 1\s.*runtime\.pidleput`)
	g.expect("reverse-continue", 1, `^Hardware watchpoint 2: .*Old value = 1\s+New value = 0\s`)
	g.expect("continue", 3, `^Hardware watchpoint 2: .*Old value = 0\s+New value = 1\s`)
	for n, want := range []string{"= 1$", "= 0$", "= 1$"} {
		g.expect(npidle, n+1, want)
	}
	if behind, before, again := g.value(pc, 1), g.value(pc, 2), g.value(pc, 3); behind == before || behind != again {
		t.Errorf("around the write the pc is %s, %s, %s", behind, before, again)
	}
	g.expect("reverse-continue", 2, `^Hardware watchpoint 2: .*New value = 0\s`)
	g.expect("reverse-continue", 3, `^Breakpoint 1, runtime\.procresize`)
	if got := g.number("monitor tick", 4); got != start {
		t.Errorf("back at the breakpoint the tick is %d, want %d", got, start)
	}
	g.expect("reverse-continue", 4, `^No more reverse-execution history`)
	g.expect("reverse-stepi", 1, `^No more reverse-execution history`)
	if first, last := g.number("monitor tick", 5), g.number("monitor tick", 6); first != 0 || last != 0 {
		t.Errorf("at the beginning the tick is %d and then %d", first, last)
	}
}

// threads is a program in which goroutines hand a token round on several threads.
const threads = `package main

import "runtime"

//go:noinline
func handle(token int) int { return token + 1 }

func main() {
	ring := make([]chan int, 4)
	for i := range ring {
		ring[i] = make(chan int)
	}
	for i := range ring {
		go func(in, out chan int) {
			runtime.LockOSThread()
			for token := range in {
				out <- handle(token)
			}
		}(ring[i], ring[(i+1)%len(ring)])
	}
	ring[0] <- 0
	for i := 0; i < 1000; i++ {
		runtime.Gosched()
	}
	println("done")
}
`

// TestGDBThreads stops in several threads, steps one of them, and goes to the end of the program and back.
func TestGDBThreads(t *testing.T) {
	const (
		handle = "break main.handle"
		token  = "print token"
		thread = "print $_thread"
	)
	g := runGDB(t, newProgram(t, threads, 4),
		handle, "continue", token, thread, "continue", token, thread, "info threads",
		"stepi", thread, "reverse-stepi", token, thread,
		"reverse-continue", token, thread, "reverse-finish", "backtrace 1",
		"delete", "continue", "info threads", "reverse-stepi", "stepi", "continue", "info threads",
	)
	g.expect("continue", 1, `hit Breakpoint 1, main\.handle \(token=0`)
	g.expect("continue", 2, `hit Breakpoint 1, main\.handle \(token=1`)
	if g.value(thread, 1) == g.value(thread, 2) {
		t.Error("both stops are in the same thread")
	}
	for n, want := range []string{"0", "1", "1", "0"} {
		if got := g.value(token, n+1); got != want {
			t.Errorf("stop %d: the token is %s, want %s", n+1, got, want)
		}
	}
	for n, same := range []int{3: 2, 4: 2, 5: 1} {
		if same != 0 && g.value(thread, n) != g.value(thread, same) {
			t.Errorf("stop %d is in thread %s, want that of stop %d, %s", n, g.value(thread, n), same, g.value(thread, same))
		}
	}
	g.expect("info threads", 1, `\* \d+ +Thread 1000\.\d+ \(running\) .*main\.handle .*futex`)
	g.expect("reverse-finish", 1, `^main\.main\.func1 .*main\.go:17\s`)
	g.expect("backtrace 1", 1, `^#0 .*main\.main\.`)
	g.expect("continue", 3, `^The program ends here: exit status 0\..*No more reverse-execution history.*runtime\.exit`)
	g.expect("info threads", 2, `\* \d+ +Thread 1000\.\d+ \(running\) +runtime\.exit`)
	g.expect("continue", 4, `exited normally\]`)
	g.expect("info threads", 3, `^No threads`)
}

// TestGDBSignalKills goes to the end of a program that a signal kills, and back from there.
func TestGDBSignalKills(t *testing.T) {
	const source = `package main

import "syscall"

func main() {
	syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {}
}
`
	g := runGDB(t, newProgram(t, source, 1),
		"continue", "break main.main", "reverse-continue", "backtrace 1", "delete", "continue", "continue")
	g.expect("continue", 1, `received signal SIGKILL`)
	g.expect("reverse-continue", 1, `hit Breakpoint 1, main\.main`)
	g.expect("continue", 2, `received signal SIGKILL`)
	g.expect("continue", 3, `Program terminated with signal SIGKILL`)
}

// TestGDBGoroutines lets Go's own script for gdb list the goroutines and show the stack of one that is parked.
func TestGDBGoroutines(t *testing.T) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	const pc = "print $pc"
	g := runGDB(t, newProgram(t, testprog.Hello, 2), "break main.main", "continue", "delete",
		"source "+filepath.Join(strings.TrimSpace(string(goroot)), "src/runtime/runtime-gdb.py"),
		"info goroutines", pc, "goroutine 2 bt", pc, "stepi", "backtrace")
	g.expect("info goroutines", 1, `\* 1 +running +`, `\n +2 +waiting +runtime\.gopark`)
	g.expect("goroutine 2 bt", 1, `#0 .*runtime\.gopark.*runtime\.forcegchelper`)
	if g.value(pc, 1) != g.value(pc, 2) {
		t.Errorf("looking at a goroutine leads from %s to %s", g.value(pc, 1), g.value(pc, 2))
	}
	g.expect("backtrace", 1, `^#0 .*main\.main`)
	if strings.Contains(g.said("stepi", 1), "edited") {
		t.Errorf("stepi says %q", g.said("stepi", 1))
	}
}

// TestGDBMistakes asks for what cannot be had. gdb tells why and goes on.
func TestGDBMistakes(t *testing.T) {
	const (
		write   = "set var $rax = 1"
		poke    = "set var *(char*)$sp = 1"
		call    = "call (int)1()"
		nowhere = "break *0x7"
		unknown = "maintenance packet unknown"
		zero    = "x/x 0"
		jump    = "jump runtime.main"
		fly     = "monitor fly"
	)
	g := runGDB(t, newProgram(t, testprog.Hello, 1),
		write, "set language c", poke, call, jump, zero, unknown, fly, nowhere, "continue", "delete", "stepi", "monitor tick")
	g.expect(write, 1, `the past cannot be edited`)
	g.expect(poke, 1, `Cannot access memory at address 0x7f`)
	g.expect(call, 1, `Cannot access memory|the past cannot be edited`)
	g.expect(jump, 1, `the past cannot be edited`)
	g.expect(zero, 1, `Cannot access memory at address 0x0`)
	g.expect(unknown, 1, `received: ""`)
	g.expect(fly, 1, `no command "fly": try .monitor help.`)
	g.expect("continue", 1, `Cannot insert breakpoint 1\.\s+Cannot access memory at address 0x7`)
	if got := g.number("monitor tick", 1); got != 1 {
		t.Errorf("after all that a step leads to tick %d", got)
	}
}
