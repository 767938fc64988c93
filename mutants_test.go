package main

import (
	"bufio"
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	godap "github.com/google/go-dap"

	"github.com/rt0lab/rt0/dap"
	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/gdbserver"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/emulator/history/trace"
	"github.com/rt0lab/rt0/internal/testprog"
	"github.com/rt0lab/rt0/lessons"
)

var (
	mutants = flag.Int("mutants", 12, "how many mutated programs TestMutants tries; 3200 are all")
	mutant  = flag.Int("mutant", -1, "the only mutated program that TestMutants tries")
)

// mutable are the sections that TestMutants changes, by what they are: each is as often changed as the others.
var mutable = [][]string{
	{".symtab", ".strtab", ".symtab", ".symtab"},
	{".gopclntab"},
	{".debug_info", ".debug_abbrev", ".debug_line", ".debug_frame", ".debug_rnglists", ".debug_loclists", ".debug_addr", ".debug_ranges", ".debug_loc"},
}

// mutate returns mutant number n of a program: a few places in its symbol table, its line table or its debug information
// hold something else. It depends on n alone.
func mutate(t *testing.T, program []byte, f *elf.File, n int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(n), 0x726d))
	names := mutable[n%len(mutable)]
	var section *elf.Section
	for section == nil || section.Type == elf.SHT_NOBITS || section.Size < 64 {
		section = f.Section(names[r.IntN(len(names))])
	}
	out := slices.Clone(program)
	data := out[section.Offset:][:section.Size]
	for range 1 + r.IntN(12) {
		at := r.Uint64N(section.Size - 32)
		if r.IntN(3) == 0 {
			at = r.Uint64N(min(256, section.Size-32)) // the header, or the first entries
		}
		if section.Name == ".symtab" && r.IntN(2) == 0 { // the value or the size of a symbol: Elf64_Sym
			at = at/24*24 + []uint64{0, 4, 6, 8, 16}[r.IntN(5)]
		}
		le := binary.LittleEndian
		switch r.IntN(6) {
		case 0:
			data[at] ^= 1 << r.IntN(8)
		case 1:
			copy(data[at:], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}[r.IntN(8):])
		case 2:
			le.PutUint64(data[at:], r.Uint64()>>r.IntN(64))
		case 3:
			le.PutUint32(data[at:], uint32([]uint64{0, 1, 1 << 31, 1<<32 - 1, section.Size}[r.IntN(5)]))
		case 4:
			copy(data[at:], data[r.Uint64N(section.Size-32):][:16])
		case 5:
			copy(data[at:], "\x1b[2J\x07\u009b")
		}
	}
	return out
}

// A turnLimit is a context that is canceled when it has been asked so often whether it is: machines ask once a turn, so it ends a
// program that runs for ever, at the same tick each time.
type turnLimit struct {
	context.Context
	left *int
}

func patient(n int) turnLimit { return turnLimit{context.Background(), &n} }

func (p turnLimit) Err() error {
	if *p.left--; *p.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestMutants gives programs with broken symbols to all that reads symbols: nothing panics, nothing hangs, and no escape
// sequence of a name reaches a terminal. -mutants 3200 takes the whole lot.
func TestMutants(t *testing.T) {
	program := testprog.Build(t, runtime.Version(), testprog.Hello, "-ldflags=-compressdwarf=false")
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	for n := range *mutants {
		if *mutant >= 0 && n != *mutant {
			continue
		}
		file := mutate(t, program, f, n)
		for _, use := range []struct {
			name string
			do   func(*testing.T, []byte) error
		}{{"run", mutantRuns}, {"boot", mutantBoots}, {"trace", mutantIsTraced}, {"history", mutantIsAsked}, {"gdb", mutantInGDB}, {"dap", mutantInDAP}} {
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("mutant %d: %s: panic: %v\n%s", n, use.name, p, debug.Stack())
					}
				}()
				if err := use.do(t, file); err != nil && strings.Contains(err.Error(), "rt0 has a bug") {
					t.Errorf("mutant %d: %s: %v", n, use.name, err)
				}
			}()
		}
		if testing.Verbose() && n%50 == 49 {
			t.Logf("%d mutants", n+1)
		}
	}
}

// longestMutantRun is how many ticks a mutant runs at most where there is a bound in ticks.
const longestMutantRun = 1_000_000

func mutantMachine(file []byte) (*emulator.Machine, error) {
	return emulator.New(emulator.Config{Program: file, Args: []string{"mutant"}, MemLimit: 256 << 20})
}

func mutantRuns(_ *testing.T, file []byte) error {
	m, err := mutantMachine(file)
	if err == nil {
		_, err = m.Run(context.Background(), longestMutantRun)
	}
	return err
}

func mutantBoots(t *testing.T, file []byte) error {
	m, err := mutantMachine(file)
	if err != nil {
		return err
	}
	moments, boot := lessons.Boot(patient(2000), m)
	for _, lang := range []string{"en", "zh"} {
		var out bytes.Buffer
		err := errors.Join(lessons.WriteText(&out, moments, lessons.Options{Lang: lang}), lessons.WriteHTML(&out, moments, lang, ""), lessons.WriteJSON(&out, moments))
		for _, mo := range moments {
			for _, figure := range mo.Stage.Figures() {
				out.WriteString(figure.Draw(mo, mo.Before, lang).SVG())
			}
		}
		if err != nil {
			return err
		}
		harmless(t, "boot", out.String())
	}
	return boot
}

func mutantIsTraced(t *testing.T, file []byte) error {
	m, err := mutantMachine(file)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = trace.Run(patient(100_000), history.New(m), trace.Options{Calls: true, Syscalls: true, To: 40_000}, trace.Text(&out))
	if err == nil {
		err = trace.Run(patient(100_000), history.New(m), trace.Options{Insns: true, To: 400}, trace.Text(&out))
	}
	harmless(t, "trace", out.String())
	return err
}

// mutantIsAsked does what gdb, DAP and the lessons do with a history.
func mutantIsAsked(t *testing.T, file []byte) error {
	m, err := mutantMachine(file)
	if err != nil {
		return err
	}
	s := history.New(m)
	var out bytes.Buffer
	for _, where := range []string{"runtime.schedinit", "runtime.newproc", "proc.go:890", "main.main"} {
		if _, err := s.RunTo(patient(500), history.Forward, where); err != nil {
			fmt.Fprintln(&out, err)
		}
		for _, thread := range m.Threads() {
			for _, f := range s.Stack(&thread) {
				vars, err := s.Locals(&f)
				fmt.Fprintln(&out, f.Func, f.File, vars, err)
			}
		}
		fmt.Fprintln(&out, s.Goroutines())
	}
	for _, expr := range []string{"allp[0].status", "sched", "m0.curg.goid", "allm", "g0.stack.hi", "&m0.tls[1]"} {
		if s.Runtime != nil {
			fmt.Fprintln(&out, s.Runtime.View(expr))
		}
	}
	if _, err := s.LastWrite(patient(500), "sched.maxmcount"); err != nil {
		fmt.Fprintln(&out, err)
	}
	out.Reset()
	for _, c := range monitorCommands(s) {
		args := map[string]string{"stage": "mcommoninit", "view": "allp[0]", "syscalls": "5"}[c.Name]
		if err := c.Run(patient(2000), &out, args); err != nil {
			fmt.Fprintln(&out, err)
		}
	}
	return nil
}

// oneConnection is a listener that a single client has reached already.
type oneConnection struct {
	net.Conn
	used chan struct{}
}

func (l *oneConnection) Accept() (net.Conn, error) {
	select {
	case <-l.used:
		return nil, net.ErrClosed
	default:
		close(l.used)
		return l.Conn, nil
	}
}
func (l *oneConnection) Addr() net.Addr { return l.Conn.LocalAddr() }

func mutantInGDB(t *testing.T, file []byte) error {
	m, err := mutantMachine(file)
	if err != nil {
		return err
	}
	past := history.New(m)
	if _, err := m.Run(context.Background(), 2000); err != nil {
		return err
	}
	ours, theirs := net.Pipe()
	defer ours.Close()
	server := &gdbserver.Server{Debuggee: gdbserver.NewPast(past), Log: func(string, ...any) {}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, &oneConnection{theirs, make(chan struct{})}) }()
	in := bufio.NewReader(ours)
	for _, packet := range []string{"?", "qSupported:multiprocess+", "qfThreadInfo", "qsThreadInfo", "g", "p10", "m401000,20", "vCont;s", "bs",
		"qXfer:features:read:target.xml:0,ffff", "qXfer:threads:read::0,ffff", "qXfer:exec-file:read::0,ffff",
		"qRcmd," + fmt.Sprintf("%x", "threads"), "qRcmd," + fmt.Sprintf("%x", "seek 100"), "qRcmd," + fmt.Sprintf("%x", "tick")} {
		sum := byte(0)
		for i := range len(packet) {
			sum += packet[i]
		}
		if _, err := fmt.Fprintf(ours, "$%s#%02x", packet, sum); err != nil {
			break
		}
		for { // acknowledgements and O packets come before the answer
			reply, err := in.ReadString('#')
			if err != nil {
				break
			}
			in.Discard(2)
			io.WriteString(ours, "+")
			if i := strings.IndexByte(reply, '$'); !strings.HasPrefix(reply[i+1:], "O") || strings.HasPrefix(reply[i+1:], "OK") {
				break
			}
		}
	}
	cancel()
	ours.Close()
	<-ended
	return nil
}

func mutantInDAP(t *testing.T, file []byte) error {
	server := &dap.Server{
		Load: func(context.Context, dap.LaunchArguments, io.Writer, io.Writer, io.Writer) (*emulator.Machine, error) {
			return mutantMachine(file)
		},
		Log: func(format string, args ...any) { t.Errorf(format, args...) },
	}
	ours, theirs := net.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, theirs) }()
	in := bufio.NewReader(ours)
	seq, threads := 0, 0
	frame, scope := 0, 0
	ask := func(command string, args map[string]any) {
		seq++
		content, err := json.Marshal(map[string]any{"seq": seq, "type": "request", "command": command, "arguments": args})
		if err != nil {
			panic(err)
		}
		if godap.WriteBaseMessage(ours, content) != nil {
			return
		}
		for {
			message, err := godap.ReadProtocolMessage(in)
			if err != nil {
				return
			}
			switch m := message.(type) {
			case *godap.ThreadsResponse:
				threads = m.Body.Threads[0].Id
			case *godap.StackTraceResponse:
				if len(m.Body.StackFrames) > 0 {
					frame = m.Body.StackFrames[0].Id
				}
			case *godap.ScopesResponse:
				if len(m.Body.Scopes) > 0 {
					scope = m.Body.Scopes[0].VariablesReference
				}
			}
			if r, ok := message.(godap.ResponseMessage); ok && r.GetResponse().RequestSeq == seq {
				return
			}
		}
	}
	ask("initialize", map[string]any{"adapterID": "x", "linesStartAt1": true, "columnsStartAt1": true})
	ask("launch", map[string]any{"program": "mutant", "stopOnEntry": true, "cpus": 1})
	ask("setBreakpoints", map[string]any{"source": map[string]any{"path": "/usr/local/go/src/runtime/proc.go"}, "breakpoints": []any{map[string]any{"line": 900}}})
	ask("setFunctionBreakpoints", map[string]any{"breakpoints": []any{map[string]any{"name": "main.main"}}})
	ask("configurationDone", nil)
	for range 2 {
		ask("threads", nil)
		ask("stackTrace", map[string]any{"threadId": threads})
		ask("scopes", map[string]any{"frameId": frame})
		ask("variables", map[string]any{"variablesReference": scope})
		ask("evaluate", map[string]any{"expression": "sched", "frameId": frame})
		ask("disassemble", map[string]any{"memoryReference": "0x401000", "instructionOffset": -5, "instructionCount": 20})
		ask("loadedSources", nil)
		ask("evaluate", map[string]any{"expression": "rt0 seek 5000", "context": "repl"})
	}
	cancel()
	ours.Close()
	<-ended
	return nil
}

// harmless checks that a text holds no control characters but newlines.
func harmless(t *testing.T, what, text string) {
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 }); i >= 0 {
		t.Errorf("%s: a control character is written: %q", what, text[max(0, i-40):min(len(text), i+40)])
	}
}
