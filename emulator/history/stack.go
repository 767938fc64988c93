package history

import (
	"github.com/rt0lab/rt0/emulator"
)

// A Frame is one function of a stack: the one at the top, or one that waits for its callee to return.
type Frame struct {
	// PC is the next instruction of the top frame, and the return address of the others.
	PC uint64
	// SP is the stack pointer as the function has it, CFA what it will be when the function has returned (DWARF's
	// canonical frame address), 0 if that is not known. Where Inlined is set, both are those of the containing function.
	SP, CFA uint64
	// Func, File and Line are where the frame is; of a waiting frame the place of the call. Empty without symbols.
	Func, File string
	Line       int
	// Inlined says that the function has no frame of its own: the next frame's function contains it.
	Inlined bool

	// at is the address to look things up by: PC, or in the call before it. level is the number of the frame among those
	// at that address, from the innermost on. registers are the thread's, if this is where it is.
	at        uint64
	level     int
	registers *emulator.Registers
}

// maxFrames bounds a stack that goes in circles or is very deep.
const maxFrames = 1024

// Stack returns the frames of the thread, innermost first. It follows the runtime from a scheduler's stack to that of the
// goroutine on whose behalf it works (systemstack), and from a signal handler to the code that was interrupted.
func (s *Session) Stack(t *emulator.Thread) []Frame {
	r := &t.Registers
	g, _, _ := s.goroutine(t)
	frames := s.unwind(cursor{g: g, pc: r.RIP, sp: r.SP(), bp: r.GPR[emulator.RBP], exact: true})
	for i := range frames {
		frames[i].registers = r
		if !frames[i].Inlined {
			break
		}
	}
	return frames
}

// top returns the innermost frame of the thread's stack.
func (s *Session) top(t *emulator.Thread) *Frame {
	r := &t.Registers
	c := cursor{pc: r.RIP, sp: r.SP(), bp: r.GPR[emulator.RBP], exact: true}
	_, cfa, err := s.caller(c.pc, c.sp, c.bp)
	if err != nil {
		cfa = 0
	}
	f := s.expand(nil, c, cfa)[0]
	f.registers = r
	return &f
}

// ParkedStack returns the frames of a goroutine that no thread runs; g is the address of its g.
func (s *Session) ParkedStack(g uint64) []Frame {
	c, ok := s.saved(g)
	if !ok {
		return nil
	}
	return s.unwind(c)
}

// A cursor is a frame on the way up a stack.
type cursor struct {
	g, pc, sp, bp uint64
	// exact says that pc is the next instruction; else it is a return address, and the instruction before it counts.
	exact bool
}

func (s *Session) unwind(c cursor) []Frame {
	var frames []Frame
	for ok := true; ok && len(frames) < maxFrames; {
		_, cfa, err := s.caller(c.pc, c.sp, c.bp)
		if err != nil {
			cfa = 0
		}
		frames = s.expand(frames, c, cfa)
		c, ok = s.up(c)
	}
	return frames
}

// expand appends the frames of one function and of those inlined in it.
func (s *Session) expand(frames []Frame, c cursor, cfa uint64) []Frame {
	f := Frame{PC: c.pc, SP: c.sp, CFA: cfa, at: c.pc}
	if !c.exact {
		f.at--
	}
	if s.Table == nil {
		return append(frames, f)
	}
	named := s.Table.Frames(f.at)
	if len(named) == 0 {
		return append(frames, f)
	}
	for i, n := range named {
		f.Func, f.File, f.Line, f.Inlined, f.level = n.Func, n.File, n.Line, n.Inlined, i
		frames = append(frames, f)
	}
	return frames
}

// outermost are the functions that nobody called (the assembler's TOPFRAME; runtime/traceback.go stops at them).
var outermost = map[string]bool{
	"runtime.goexit": true, "runtime.rt0_go": true, "runtime.mstart": true, "runtime.mcall": true, "runtime.morestack": true,
	"_rt0_amd64": true, "_rt0_amd64_linux": true,
}

// signalReturns are the functions to which a signal handler returns.
var signalReturns = map[string]bool{"runtime.sigreturn__sigaction": true, "runtime.sigreturn": true}

// up returns the frame that waits for the one at c.
func (s *Session) up(c cursor) (cursor, bool) {
	name := s.funcName(c.pc, c.exact)
	if name == "runtime.systemstack" {
		if user, ok := s.behindSystemstack(c.g); ok {
			return user, true
		}
	}
	ret, sp, err := s.caller(c.pc, c.sp, c.bp)
	if err != nil || outermost[name] {
		return cursor{}, false
	}
	if s.Table != nil && signalReturns[s.funcName(ret, true)] {
		return s.interrupted(c.g, sp)
	}
	bp := c.bp
	if !s.hasFrameSize(c.pc) {
		bp, _ = s.word(c.bp)
		if s.Table != nil && s.funcName(ret, false) == "" {
			return cursor{}, false
		}
	}
	return cursor{g: c.g, pc: ret, sp: sp, bp: bp}, true
}

// interrupted returns the frame that a signal interrupted; uc is the address of the handler's ucontext_t. Its mcontext
// begins at byte 40 with r8 … r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip (arch/x86/include/uapi/asm/sigcontext.h).
func (s *Session) interrupted(g, uc uint64) (cursor, bool) {
	const gregs, rbp, rsp, rip = 40, 10, 15, 16
	bp, ok1 := s.word(uc + gregs + 8*rbp)
	sp, ok2 := s.word(uc + gregs + 8*rsp)
	pc, ok3 := s.word(uc + gregs + 8*rip)
	return cursor{g, pc, sp, bp, true}, ok1 && ok2 && ok3
}

// behindSystemstack returns the place where the goroutine called systemstack, if g is the g0 that runs the call.
func (s *Session) behindSystemstack(g uint64) (cursor, bool) {
	m, ok1 := s.field(g, "runtime.g", "m")
	g0, ok2 := s.field(m, "runtime.m", "g0")
	user, ok3 := s.field(m, "runtime.m", "curg")
	if !ok1 || !ok2 || !ok3 || g != g0 || user == 0 {
		return cursor{}, false
	}
	return s.saved(user)
}

// saved returns the frame at which a goroutine that does not run goes on.
func (s *Session) saved(g uint64) (cursor, bool) {
	pc, ok1 := s.field(g, "runtime.g", "sched", "pc")
	sp, ok2 := s.field(g, "runtime.g", "sched", "sp")
	bp, _ := s.field(g, "runtime.g", "sched", "bp")
	return cursor{g, pc, sp, bp, true}, ok1 && ok2 && pc != 0
}

func (s *Session) funcName(pc uint64, exact bool) string {
	if s.Table == nil {
		return ""
	}
	if !exact {
		pc--
	}
	f, _ := s.Table.Func(pc)
	return f.Name
}

func (s *Session) hasFrameSize(pc uint64) bool {
	if s.Table == nil {
		return false
	}
	_, ok := s.Table.SPDelta(pc)
	return ok
}

// field reads a word-sized field of the struct at addr, following the path of names into nested structs. The layout is
// from the program's DWARF.
func (s *Session) field(addr uint64, typeName string, path ...string) (uint64, bool) {
	off, ok := s.offset(typeName, path...)
	if !ok || addr == 0 {
		return 0, false
	}
	return s.word(addr + off)
}

// offset returns where a field lies in a type, in bytes.
func (s *Session) offset(typeName string, path ...string) (uint64, bool) {
	key := typeName
	for _, p := range path {
		key += "." + p
	}
	if off, ok := s.offsets[key]; ok {
		return off, off != noOffset
	}
	off := s.findOffset(typeName, path)
	if s.offsets == nil {
		s.offsets = map[string]uint64{}
	}
	s.offsets[key] = off
	return off, off != noOffset
}

// noOffset stands for a field that the program does not have.
const noOffset = ^uint64(0)

func (s *Session) findOffset(typeName string, path []string) uint64 {
	if s.Table == nil {
		return noOffset
	}
	typ, err := s.Table.TypeNamed(typeName)
	var off uint64
	for _, name := range path {
		if err != nil {
			return noOffset
		}
		f, ferr := typ.Field(name)
		if ferr != nil {
			return noOffset
		}
		off += uint64(f.Offset)
		typ, err = f.Type()
	}
	return off
}
