package lessons

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/plainjson"
	"github.com/rt0lab/rt0/internal/visible"
)

// An Ending is how a program ended, came to stand still for ever, or was stopped, before it reached main.main.
type Ending struct {
	// Tick is the number of instructions retired, TID the thread that ended it. If it was stopped, TID is the thread that runs
	// goroutine 1, which is on its way to main.main, or else the thread that ran last.
	Tick uint64
	TID  int
	// PC is the instruction with which it ended: the system call, or the one that raised the signal; if it was stopped, the next
	// instruction. Symbol, File and Line are where that is, as far as the program tells. Callers are the functions that waited
	// for it, innermost first.
	PC           uint64
	Symbol, File string
	Line         int
	Callers      []string
	// Status is how the process ended, unless Waiting or Limit is set: Waiting says what each thread waits for; Limit is how
	// many instructions the boot was allowed, the machine's MaxTicks or else BootTicks.
	Status  emulator.ExitStatus
	Waiting string
	Limit   uint64
	// Access is the address whose access was the fault, Instruction the instruction that raised the signal; "" if there is
	// none.
	Access, Instruction string
	// Stderr is the end of what the program wrote to its standard error.
	Stderr string
	// Advice says what to do.
	Advice Text
}

// ended tells how the program ended before main.main. lastTick is where the last stage ended that it reached.
func (b *boot) ended(ev emulator.Event, lastTick uint64) *Ending {
	stopped := ev.Kind == emulator.EventTick || ev.Kind == emulator.EventMaxTicks
	if stopped {
		b.tid = b.firstThread(ev.TID)
	}
	e := &Ending{Tick: ev.Tick, TID: b.tid, PC: b.registers().RIP, Stderr: strings.ToValidUTF8(string(b.m.Stderr()), "\ufffd")}
	status, exited := b.m.Exited()
	switch {
	case stopped:
		e.Limit = b.until()
	case !exited:
		e.Waiting = waiting(b.m)
		e.PC -= b.afterSyscall(e.PC)
	case status.Signal == 0:
		e.Status = status
		e.PC -= b.afterSyscall(e.PC)
	default:
		e.Status = status
		if in, err := b.table.Disassemble(b.m, e.PC); err == nil {
			e.Instruction = fmt.Sprintf("%s (% x)", in.Text, in.Bytes)
		}
	}
	if addr, ok := b.m.FatalAccess(); ok {
		e.Access = fmt.Sprintf("%#x", addr)
	}
	if frames := b.table.Frames(e.PC); len(frames) > 0 { // the first is what is inlined here, of which Callers has the callers
		e.Symbol = frames[0].Func
	} else if f, ok := b.table.Func(e.PC); ok {
		e.Symbol = f.Name
	}
	e.File, e.Line, _ = b.table.Line(e.PC)
	e.Callers = b.callers()
	e.Advice = b.advice(e, lastTick)
	return e
}

// firstThread returns the thread that runs goroutine 1, or else the one given.
func (b *boot) firstThread(otherwise int) int {
	s := history.New(b.m)
	for _, t := range b.m.Threads() {
		if id, ok := s.Goid(&t); ok && id == 1 {
			return t.TID
		}
	}
	return otherwise
}

// afterSyscall returns the length of the SYSCALL instruction if one lies right before pc, else 0.
func (b *boot) afterSyscall(pc uint64) uint64 {
	var code [2]byte
	if b.m.ReadMemory(code[:], pc-2) == nil && code == [2]byte{0x0f, 0x05} {
		return 2
	}
	return 0
}

// mostCallers bounds how many callers an Ending names.
const mostCallers = 6

// callers names the functions that wait for the one in which the thread is.
func (b *boot) callers() (names []string) {
	for _, t := range b.m.Threads() {
		if t.TID != b.tid {
			continue
		}
		for i, f := range history.New(b.m).Stack(&t) {
			if i > 0 && f.Func != "" && len(names) < mostCallers {
				names = append(names, f.Func)
			}
		}
	}
	return names
}

// waiting says what each thread waits for.
func waiting(m *emulator.Machine) string {
	var list []string
	for _, t := range m.Threads() {
		list = append(list, fmt.Sprintf("thread %d: %s", t.TID, t.Waiting))
	}
	return strings.Join(list, ", ")
}

// levelOf returns the level of x86-64, such as "v3", for which the Go runtime says the program was built, when the processor
// is below it: "This program can only be run on AMD64 processors with v3 microarchitecture support." (since Go 1.18, at
// bad_cpu in runtime/asm_amd64.s).
func levelOf(stderr string) string {
	_, rest, _ := strings.Cut(stderr, "AMD64 processors with ")
	level, _, ok := strings.Cut(rest, " microarchitecture support")
	if !ok || len(level) != 2 {
		return ""
	}
	return level
}

// advice says what the user can do about it.
func (b *boot) advice(e *Ending, lastTick uint64) Text {
	level := b.table.BuildSetting("GOAMD64")
	if level == "" { // linked without the go command
		level = levelOf(e.Stderr)
	}
	if level > "v2" {
		return Text{
			fmt.Sprintf("it was built with GOAMD64=%s, and this machine's processor is x86-64-v2: build it with GOAMD64=v1 go build (or v2)", level),
			fmt.Sprintf("它是用 GOAMD64=%s 构建的，而这台机器的处理器是 x86-64-v2：请用 GOAMD64=v1 go build（或 v2）重新构建", level),
		}
	}
	way := Text{
		fmt.Sprintf("rt0 trace -calls -from %d shows the way there, call by call", lastTick),
		fmt.Sprintf("rt0 trace -calls -from %d 会逐个调用地显示它怎样走到那里", lastTick),
	}
	if e.Limit != 0 {
		return Text{
			"allow the program more with -max-ticks N (in a cell lab.MaxTicks(N)); " + way.En,
			"请用 -max-ticks N（在单元格中用 lab.MaxTicks(N)）放宽；" + way.Zh,
		}
	}
	return way
}

// What tells in one line how the program ended, and where.
func (e *Ending) What(lang string) string {
	how := Text{
		fmt.Sprintf("the program ended at tick %d, before main.main: %s", e.Tick, e.status()),
		fmt.Sprintf("程序在到达 main.main 之前，于时刻 %d 结束：%s", e.Tick, e.status()),
	}
	if e.Limit != 0 {
		how = Text{
			fmt.Sprintf("main.main was not reached within %d instructions: the program was stopped at tick %d", e.Limit, e.Tick),
			fmt.Sprintf("执行 %d 条指令后仍未到达 main.main：程序于时刻 %d 被停止", e.Limit, e.Tick),
		}
	}
	if e.Waiting != "" {
		how = Text{
			fmt.Sprintf("the program hangs at tick %d, before main.main: every thread waits (%s)", e.Tick, e.Waiting),
			fmt.Sprintf("程序在到达 main.main 之前，于时刻 %d 挂起：所有线程都在等待（%s）", e.Tick, e.Waiting),
		}
	}
	s := how.In(lang)
	if e.Access != "" {
		s += Text{", by an access to ", "，访问的地址是 "}.In(lang) + e.Access
	}
	if e.Instruction != "" {
		s += Text{", at the instruction ", "，指令是 "}.In(lang) + e.Instruction
	}
	if where := e.where(); where != "" {
		s += Text{", in ", "，位于 "}.In(lang) + where
	}
	return visible.Text(s)
}

func (e *Ending) status() string {
	if name := e.Status.SignalName(); name != "" {
		return fmt.Sprintf("%v (%s)", e.Status, name)
	}
	return e.Status.String()
}

// where is the place and who called it: "runtime.exit (sys_linux_amd64.s:56) ← os.Exit ← main.init.0".
func (e *Ending) where() string {
	where := e.Symbol
	if where == "" {
		where = fmt.Sprintf("%#x", e.PC)
	}
	if e.File != "" {
		where += fmt.Sprintf(" (%s:%d)", shortPath(e.File), e.Line)
	}
	for _, c := range e.Callers {
		where += " ← " + c
	}
	return where
}

// tell tells all of it in one line: how and where the program ended, what it wrote, what to do.
func (e *Ending) tell(lang string) string {
	s := e.What(lang)
	if wrote := e.lastLines(); wrote != "" {
		s += Text{"; it wrote: ", "；它写道："}.In(lang) + visible.Text(wrote)
	}
	return s + Text{"; ", "；"}.In(lang) + e.Advice.In(lang)
}

// lastLines is what the program wrote to stderr, on one line and cut short.
func (e *Ending) lastLines() string {
	const most = 400
	s := strings.Join(strings.FieldsFunc(e.Stderr, func(r rune) bool { return r == '\n' || r == '\r' }), " / ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// notReached says of a stage that the program ended before.
func (e *Ending) notReached() Text {
	return Text{"not reached: " + e.What("en"), "未到达：" + e.What("zh")}
}

// An EndedError is the error of a boot whose program ended, or was stopped, before main.main.
type EndedError struct {
	// Stage is the first stage that was not reached.
	Stage string
	*Ending
}

func (e *EndedError) Error() string { return "stage " + e.Stage + ": " + e.tell("en") }

// In is the error in the language given.
func (e *EndedError) In(lang string) error {
	if lang != "zh" {
		return e
	}
	return errors.New("阶段 " + e.Stage + "：" + e.tell(lang))
}

// object is the Ending as JSON has it.
func (e *Ending) object() plainjson.Object {
	o := plainjson.Pairs("tick", e.Tick, "tid", e.TID, "pc", fmt.Sprintf("%#x", e.PC), "symbol", e.Symbol, "file", e.File, "line", e.Line,
		"callers", append([]string{}, e.Callers...), "what", e.What("en"), "stderr", e.Stderr, "advice", e.Advice.En)
	switch {
	case e.Waiting != "":
		return append(o, plainjson.Member{Name: "waiting", Value: e.Waiting})
	case e.Limit != 0:
		return append(o, plainjson.Member{Name: "limit", Value: e.Limit})
	}
	o = append(o, plainjson.Member{Name: "status", Value: e.Status.Status()})
	for _, m := range plainjson.Pairs("signal", e.Status.SignalName(), "access", e.Access, "instruction", e.Instruction) {
		if m.Value != "" {
			o = append(o, m)
		}
	}
	return o
}
