package linux

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

const (
	handlerAt  = codeAt + 0x800
	restorerAt = codeAt + 0x900
	actionAt   = dataAt + 0x800
)

// catching returns a guest that has a handler for sig and runs code.
func catching(t *testing.T, sig int, flags uint64, mask sigset, handler []byte, code ...[]byte) *Kernel {
	t.Helper()
	main := append(call(13, uint64(sig), actionAt, 0, 8), bytes.Join(code, nil)...)
	k := newGuest(t, at(handlerAt-codeAt, main), at(restorerAt-handlerAt, handler), call(15))
	poke(t, k, actionAt, handlerAt, SA_RESTORER|flags, restorerAt, uint64(mask))
	return k
}

// until runs the guest until its RIP is pc.
func until(t *testing.T, k *Kernel, pc uint64) {
	t.Helper()
	k.CPU.SetBreaks([]uint64{pc})
	if s := k.Run(nil, 1<<20); s.Reason != StopBreak {
		t.Fatalf("stopped for reason %d at %#x, want to get to %#x", s.Reason, s.PC, pc)
	}
	k.CPU.SetBreaks(nil)
}

func TestSignalFrame(t *testing.T) {
	faultAt := uint64(codeAt + len(call(13, 0, 0, 0, 0)))
	load := []byte{0x8b, 0x04, 0x25, 0x10, 0, 0, 0} // mov eax, [0x10]
	k := catching(t, SIGSEGV, 0, sigbit(SIGALRM), ret, load, call(231, 3))
	until(t, k, faultAt)
	c := k.CPU
	for i := range 16 {
		c.R[i] += uint64(i) << 32 * map[bool]uint64{true: 1}[i != x86.RSP]
		c.X[i] = x86.XMM{uint64(i), ^uint64(i)}
	}
	c.MXCSR = 0x1fa0
	c.SetFlags(x86.FlagCF | x86.FlagDF)
	before := c.Context
	mask := k.current.mask
	until(t, k, handlerAt)

	sp := c.R[x86.RSP]
	if sp%16 != 8 || before.R[x86.RSP]-sp < redZone+frameSize+fxsaveSize {
		t.Errorf("rsp is %#x at the handler, was %#x", sp, before.R[x86.RSP])
	}
	if c.R[x86.RDI] != SIGSEGV || c.R[x86.RSI] != sp+frameSiginfo || c.R[x86.RDX] != sp+frameUcontext || c.R[x86.RAX] != 0 {
		t.Errorf("arguments %d, %#x, %#x", c.R[x86.RDI], c.R[x86.RSI], c.R[x86.RDX])
	}
	if c.Flags()&x86.FlagDF != 0 {
		t.Error("the direction flag is set in the handler")
	}
	if want := sigbit(SIGSEGV) | sigbit(SIGALRM); k.current.mask != want {
		t.Errorf("mask %#x in the handler, want %#x", k.current.mask, want)
	}
	const mc = frameMcontext
	for _, w := range []struct {
		name   string
		offset uint64
		want   uint64
	}{
		{"return address", 0, restorerAt},
		{"uc_flags", frameUcontext, ucFlags},
		{"r8", mc, before.R[x86.R8]},
		{"r15", mc + 7*8, before.R[x86.R15]},
		{"rdi", mc + 8*8, before.R[x86.RDI]},
		{"rsi", mc + 9*8, before.R[x86.RSI]},
		{"rbp", mc + 10*8, before.R[x86.RBP]},
		{"rbx", mc + 11*8, before.R[x86.RBX]},
		{"rdx", mc + 12*8, before.R[x86.RDX]},
		{"rax", mc + 13*8, before.R[x86.RAX]},
		{"rcx", mc + 14*8, before.R[x86.RCX]},
		{"rsp", mc + 15*8, before.R[x86.RSP]},
		{"rip", mc + 16*8, faultAt},
		{"eflags", mc + 17*8, before.Flags()},
		{"cs, gs, fs, ss", mc + 18*8, 0x002b000000000033},
		{"err", mc + 19*8, pfUser},
		{"trapno", mc + 20*8, 14},
		{"oldmask", mc + 21*8, uint64(mask)},
		{"cr2", mc + 22*8, 0x10},
		{"uc_sigmask", frameSigmask, uint64(mask)},
		{"si_signo, si_errno", frameSiginfo, SIGSEGV},
		{"si_code", frameSiginfo + 8, SEGV_MAPERR},
		{"si_addr", frameSiginfo + 16, 0x10},
	} {
		if got := peek(t, k, sp+w.offset); got != w.want {
			t.Errorf("%s is %#x, want %#x", w.name, got, w.want)
		}
	}
	fp := peek(t, k, sp+mc+23*8)
	if fp%fxsaveAlign != 0 || fp < sp+frameSize || fp+fxsaveSize > before.R[x86.RSP]-redZone {
		t.Errorf("FXSAVE area at %#x", fp)
	}
	if got := peek(t, k, fp+fxsaveXMM+15*16+8); got != ^uint64(15) {
		t.Errorf("upper half of xmm15 is %#x in the frame", got)
	}

	// The handler changes what it returns to: the next instruction, and XMM3.
	poke(t, k, sp+mc+16*8, faultAt+uint64(len(load)))
	poke(t, k, fp+fxsaveXMM+3*16, 42)
	c.X, c.MXCSR = [16]x86.XMM{}, 0x1f80
	until(t, k, faultAt+uint64(len(load)))
	want := before
	want.RIP += uint64(len(load))
	want.X[3][0] = 42
	got := c.Context
	want.Settle()
	got.Settle()
	if got != want || k.current.mask != mask {
		t.Errorf("after rt_sigreturn\n%+v, want\n%+v", got, want)
	}
	if s := finish(t, k); s.Code != 3 {
		t.Errorf("status %v", s)
	}
}

// How exceptions become signals.
func TestTraps(t *testing.T) {
	div := []byte{0x31, 0xc9, 0xf7, 0xf1} // xor ecx, ecx; div ecx
	for _, c := range []struct {
		name   string
		code   []byte
		sig    int
		si     int32
		addr   uint64
		trapno uint64
		err    uint64
	}{
		{"load from nowhere", []byte{0x8b, 0x04, 0x25, 0x10, 0, 0, 0}, SIGSEGV, SEGV_MAPERR, 0x10, 14, 4},
		{"store to nowhere", []byte{0x89, 0x04, 0x25, 0x10, 0, 0, 0}, SIGSEGV, SEGV_MAPERR, 0x10, 14, 6},
		{"store to code", []byte{0x89, 0x04, 0x25, 0, 0, 1, 0}, SIGSEGV, SEGV_ACCERR, codeAt, 14, 7},
		{"jump to data", []byte{0xff, 0x24, 0x25, 0, 0, 2, 0}, SIGSEGV, SEGV_ACCERR, dataAt + 8, 14, 21},
		{"division by zero", div, SIGFPE, FPE_INTDIV, codeAt + 28 + 2, 0, 0},
		{"ud2", ud2, SIGILL, ILL_ILLOPN, codeAt + 28, 6, 0},
		{"int3", []byte{0xcc}, SIGTRAP, SI_KERNEL, 0, 3, 0},
		{"privileged", []byte{0xf4}, SIGSEGV, SI_KERNEL, 0, 13, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := catching(t, c.sig, 0, 0, ret, c.code)
			poke(t, k, dataAt, dataAt+8)
			until(t, k, handlerAt)
			info := k.CPU.R[x86.RSI]
			code, addr := int32(peek(t, k, info+8)), peek(t, k, info+16)
			mc := k.CPU.R[x86.RDX] + frameMcontext - frameUcontext
			trapno, e := peek(t, k, mc+8*uint64(mcTrapno)), peek(t, k, mc+8*uint64(mcErr))
			if sig := int(k.CPU.R[x86.RDI]); sig != c.sig || code != c.si || addr != c.addr || trapno != c.trapno || e != c.err {
				t.Errorf("%s, code %d, address %#x, trap %d, error %d", SignalName(sig), code, addr, trapno, e)
			}
			// Without a handler the process dies of it.
			k = newGuest(t, times(28, nop), c.code)
			poke(t, k, dataAt, dataAt+8)
			if s := finish(t, k); s.Signal != c.sig {
				t.Errorf("unhandled: %+v", s)
			}
		})
	}
}

// What becomes of a system call that a signal cuts short: signal(7).
func TestInterruptedCalls(t *testing.T) {
	const long = dataAt + 16
	const negEINTR = ^uint64(0) - 3
	for _, c := range []struct {
		name     string
		call     []byte
		flags    uint64
		restarts bool
	}{
		{"pause", call(34), 0, false},
		{"pause, SA_RESTART", call(34), SA_RESTART, false},
		{"nanosleep", call(35, long, 0), 0, false},
		{"nanosleep, SA_RESTART", call(35, long, 0), SA_RESTART, false},
		{"futex", call(202, dataAt, FUTEX_WAIT, 0, 0), 0, false},
		{"futex, SA_RESTART", call(202, dataAt, FUTEX_WAIT, 0, 0), SA_RESTART, true},
		{"futex with time-out, SA_RESTART", call(202, dataAt, FUTEX_WAIT, 0, long), SA_RESTART, false},
		{"rt_sigsuspend, SA_RESTART", call(130, dataAt, 8), SA_RESTART, false},
		{"rt_sigtimedwait, SA_RESTART", call(128, dataAt, 0, 0, 8), SA_RESTART, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := catching(t, SIGALRM, c.flags, 0, ret, call(38, itimerReal, dataAt+32, 0), c.call, call(231, 1))
			poke(t, k, long, 10, 0)
			poke(t, k, dataAt+32, 0, 0, 0, 5)
			back := uint64(codeAt + 28 + len(call(38, 0, 0, 0)) + len(c.call))
			until(t, k, handlerAt)
			if now := k.Now(); now != 11+5000 {
				t.Errorf("the handler runs at %d ns, want 5011", now)
			}
			until(t, k, restorerAt)
			s := k.Run(nil, k.Tick+2)
			switch rax := k.CPU.R[x86.RAX]; {
			case c.restarts && (s.PC != back-syscallLen || rax != 202):
				t.Errorf("at %#x with rax %#x, want to be at SYSCALL again", s.PC, rax)
			case !c.restarts && (s.PC != back || rax != negEINTR):
				t.Errorf("at %#x with rax %#x, want EINTR", s.PC, rax)
			}
		})
	}
}

func TestForcedSignals(t *testing.T) {
	block := call(14, 0, dataAt, 0, 8)
	ignore := call(13, SIGILL, dataAt+8, 0, 8)
	for _, c := range []struct {
		name string
		code [][]byte
		want int
	}{
		{"blocked", [][]byte{block, ud2}, SIGILL},
		{"ignored", [][]byte{ignore, ud2}, SIGILL},
		{"no stack for the handler", [][]byte{call(13, SIGILL, dataAt+8+32, 0, 8), {0x31, 0xe4}, ud2}, SIGSEGV}, // xor esp, esp
	} {
		k := newGuest(t, c.code...)
		poke(t, k, dataAt, uint64(sigbit(SIGILL)), sigIgnore, 0, 0, 0, handlerAt, SA_RESTORER, restorerAt, 0)
		if s := finish(t, k); s.Signal != c.want {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestAltStack(t *testing.T) {
	const alt, size = dataAt + 0x4000, 0x2000
	k := catching(t, SIGILL, SA_ONSTACK, 0, ret, call(131, dataAt, 0), ud2)
	poke(t, k, dataAt, alt, 0, size)
	until(t, k, handlerAt)
	if sp := k.CPU.R[x86.RSP]; !k.current.alt.has(sp) {
		t.Errorf("the handler runs at %#x, not on the alternate stack", sp)
	}
	if _, err := sysSigaltstack(k, k.current, args{dataAt, dataAt + 0x100}); err != errno.EPERM {
		t.Errorf("changing the stack in use: %v, want EPERM", err)
	}
	if _, err := sysSigaltstack(k, k.current, args{0, dataAt + 0x100}); err != nil || peek(t, k, dataAt+0x108) != SS_ONSTACK {
		t.Errorf("asking for the stack in use: %v, flags %d", err, peek(t, k, dataAt+0x108))
	}
	k.CPU.R[x86.RSP] = stackTop - 0x1000
	for _, c := range []struct {
		stack [3]uint64
		want  error
	}{
		{[3]uint64{alt, 0, minSigStack - 1}, errno.ENOMEM},
		{[3]uint64{alt, 8, size}, errno.EINVAL},
		{[3]uint64{alt, SS_DISABLE, 0}, nil},
	} {
		poke(t, k, dataAt, c.stack[:]...)
		if _, err := sysSigaltstack(k, k.current, args{dataAt}); err != c.want && !(err == nil && c.want == nil) {
			t.Errorf("sigaltstack(%#x): %v, want %v", c.stack, err, c.want)
		}
	}
}

func TestActionFlags(t *testing.T) {
	send := call(62, PID, 10)
	for _, c := range []struct {
		name  string
		flags uint64
		check func(k *Kernel) bool
	}{
		{"none: blocked in the handler", 0, func(k *Kernel) bool { return k.current.mask.has(10) && k.signals.actions[10].handler == handlerAt }},
		{"SA_NODEFER", SA_NODEFER, func(k *Kernel) bool { return !k.current.mask.has(10) }},
		{"SA_RESETHAND", SA_RESETHAND, func(k *Kernel) bool { return k.signals.actions[10].handler == sigDefault }},
	} {
		k := catching(t, 10, c.flags, 0, ret, send, forever)
		until(t, k, handlerAt)
		if !c.check(k) {
			t.Errorf("%s: mask %#x, action %+v", c.name, k.current.mask, k.signals.actions[10])
		}
	}
}

func TestDefaultActions(t *testing.T) {
	for sig, dies := range map[int]bool{1: true, 6: true, SIGKILL: true, 15: true, SIGCHLD: false, SIGURG: false, SIGWINCH: false, SIGSTOP: false, 34: true} {
		k := newGuest(t, call(62, PID, uint64(sig)), call(231, 9))
		s := finish(t, k)
		if dies && s.Signal != sig || !dies && s.Code != 9 {
			t.Errorf("%s: %+v", SignalName(sig), s)
		}
	}
}

func TestPendingSignals(t *testing.T) {
	k := newGuest(t, forever)
	th := k.current
	th.mask = ^sigset(0)
	for _, c := range []struct {
		sig    int
		to     *Thread
		queued bool
	}{
		{10, th, true}, {10, th, false}, {10, nil, true}, // standard signals merge
		{40, th, true}, {40, th, true}, // real-time ones queue
		{SIGSEGV, nil, true},
		{SIGCHLD, th, true}, // ignored, but blocked: it may be waited for
	} {
		if got := k.send(c.to, userInfo(int32(c.sig), SI_USER)); got != c.queued {
			t.Errorf("%s: queued %v, want %v", SignalName(c.sig), got, c.queued)
		}
	}
	var order []int
	for {
		info, ok := k.takeSignal(th, ^sigset(0))
		if !ok {
			break
		}
		order = append(order, int(info.Signo))
	}
	want := []int{10, SIGCHLD, 40, 40, SIGSEGV, 10}
	if len(order) != len(want) {
		t.Fatalf("taken in the order %v, want %v", order, want)
	}
	for i := range want {
		if order[i] != want[i] {
			t.Fatalf("taken in the order %v, want %v", order, want)
		}
	}
	th.mask = 0
	if k.send(th, userInfo(SIGCHLD, SI_USER)) {
		t.Error("an ignored signal that nobody blocks is queued")
	}
}

// TestUnimplementedInstructionIsReported: with memory's bytes, not those that the decoder was given in their place, and with the
// symbol.
func TestUnimplementedInstructionIsReported(t *testing.T) {
	for _, c := range []struct {
		code []byte
		want string
	}{
		{[]byte{0xd9, 0xe8}, "instruction not implemented: d9 e8 at 0x10000 (main.f+0x0): FLD1"},
		{[]byte{0xf0, 0xf6, 0xc8, 1}, "instruction not implemented: f0 f6 c8 01"}, // LOCK TEST as /1, respelled as /0
		{[]byte{0xf0, 0x48, 0x0f, 0x19, 0xc0}, "instruction not implemented: f0 48 0f 19 c0"},
	} {
		var got []string
		k := newGuest(t, c.code)
		k.Report = func(s string) { got = append(got, s) }
		k.SymbolAt = func(addr uint64) string { return fmt.Sprintf("main.f+%#x", addr-codeAt) }
		if s := finish(t, k); s.Signal != SIGILL {
			t.Errorf("% x: %+v", c.code, s)
		}
		if len(got) != 1 || !strings.HasPrefix(got[0], c.want) || !strings.Contains(got[0], " at 0x10000 (main.f+0x0)") {
			t.Errorf("% x: reports %q, want %q", c.code, got, c.want)
		}
	}
}

// TestUnknownCallsAreNamed: the report of a system call that is lacking names it, and every row of the table has Linux's name.
func TestUnknownCallsAreNamed(t *testing.T) {
	for _, c := range []struct {
		nr   uint64
		want string
	}{
		{134, "system call uselib (number 134) is not implemented: ENOSYS (pc 0x10005, tick 2)"},
		{310, "system call process_vm_readv (number 310) is not implemented: ENOSYS (pc 0x10005, tick 2)"},
		{462, "system call mseal (number 462) is not implemented: ENOSYS (pc 0x10005, tick 2)"},
		{400, "system call syscall_400 (number 400) is not implemented: ENOSYS (pc 0x10005, tick 2)"},
		{1 << 30, "system call syscall_1073741824 (number 1073741824) is not implemented: ENOSYS (pc 0x10005, tick 2)"},
	} {
		var got []string
		k := newGuest(t, call(c.nr), call(c.nr))
		k.Report = func(s string) { got = append(got, s) }
		k.Run(nil, 4)
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("reports %q, want %q", got, c.want)
		}
	}
	for _, row := range Syscalls() {
		if name := syscallName(uint64(row.Nr)); name != row.Name {
			t.Errorf("%d is %s in the table and %s in the names", row.Nr, row.Name, name)
		}
	}
}
