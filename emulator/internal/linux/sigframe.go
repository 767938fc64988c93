package linux

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// The frame that a handler finds on its stack, struct rt_sigframe of arch/x86/include/asm/sigframe.h: the return address,
// a ucontext, a siginfo. Offsets are in bytes from the frame's start.
const (
	frameUcontext  = 8
	frameMcontext  = frameUcontext + 40
	frameSigmask   = frameMcontext + 256
	frameSiginfo   = frameSigmask + 8
	frameSize      = frameSiginfo + 128
	redZone        = 128 // below RSP, which a leaf function may use (System V ABI, 3.2.2)
	fxsaveSize     = 512
	fxsaveAlign    = 64
	fxsaveMXCSR    = 24
	fxsaveMXCSRSet = 28 // the mask of MXCSR bits that exist
	fxsaveXMM      = 160

	// ucontext flags: SS is saved, and rt_sigreturn restores it. UC_FP_XSTATE is not set, as there is no XSAVE.
	ucFlags = 2 | 4

	userCS = 0x33
	userSS = 0x2b
)

// Values of ss_flags.
const (
	SS_ONSTACK    = 1
	SS_DISABLE    = 2
	SS_AUTODISARM = 1 << 31
)

// mcontextOrder are the registers of struct sigcontext, from its start on.
var mcontextOrder = [...]int{x86.R8, x86.R9, x86.R10, x86.R11, x86.R12, x86.R13, x86.R14, x86.R15, x86.RDI, x86.RSI, x86.RBP,
	x86.RBX, x86.RDX, x86.RAX, x86.RCX, x86.RSP}

// Words of struct sigcontext behind the general registers.
const (
	mcRIP = len(mcontextOrder) + iota
	mcFlags
	mcSegments // cs, gs, fs, ss, 16 bits each
	mcErr
	mcTrapno
	mcOldmask
	mcCR2
	mcFpstate
)

// has says whether sp lies on the stack.
func (a altStack) has(sp uint64) bool { return a.size != 0 && sp > a.sp && sp-a.sp <= a.size }

// status returns the ss_flags that sigaltstack reports for a thread whose stack pointer is sp.
func (a altStack) status(sp uint64) uint32 {
	switch {
	case a.size == 0:
		return SS_DISABLE
	case a.flags&SS_AUTODISARM == 0 && a.has(sp):
		return SS_ONSTACK
	}
	return 0
}

// words returns struct stack_t.
func (a altStack) words() []uint64 { return []uint64{a.sp, uint64(a.flags), a.size} }

// enterHandler makes the thread run the handler: it pushes the frame and sets the registers. If the stack cannot take the
// frame the process gets a SIGSEGV that it cannot catch (x64_setup_rt_frame and signal_setup_done).
func (k *Kernel) enterHandler(t *Thread, act sigaction, info *siginfo) {
	sig := int(info.Signo)
	c := k.CPU
	sp := c.R[x86.RSP] - redZone
	onAlt := t.alt.flags&SS_AUTODISARM == 0 && t.alt.has(sp)
	if act.flags&SA_ONSTACK != 0 && t.alt.size != 0 && !onAlt {
		sp = t.alt.sp + t.alt.size
	}
	fp := (sp - fxsaveSize) &^ (fxsaveAlign - 1)
	sp = (fp-frameSize)&^15 - 8
	bad := act.flags&SA_RESTORER == 0 || onAlt && !t.alt.has(sp)
	if bad || k.pushFrame(t, act, info, sp, fp) != nil {
		if sig == SIGSEGV {
			k.setAction(SIGSEGV, sigaction{})
		}
		k.force(t, siginfo{Signo: SIGSEGV, Code: SI_KERNEL})
		return
	}
	c.R[x86.RDI] = uint64(sig)
	c.R[x86.RSI] = sp + frameSiginfo
	c.R[x86.RDX] = sp + frameUcontext
	c.R[x86.RAX] = 0
	c.R[x86.RSP] = sp
	c.RIP = act.handler
	c.SetFlags(c.Flags() &^ (x86.FlagDF | x86.FlagTF))
	if t.alt.flags&SS_AUTODISARM != 0 {
		t.alt = altStack{flags: SS_DISABLE}
	}
	t.hasSaved = false
	t.mask |= act.mask &^ unblockable
	if act.flags&SA_NODEFER == 0 {
		t.mask |= sigbit(sig)
	}
	if act.flags&SA_RESETHAND != 0 {
		k.setAction(sig, sigaction{})
	}
}

// pushFrame writes the frame at sp and the SSE registers at fp.
func (k *Kernel) pushFrame(t *Thread, act sigaction, info *siginfo, sp, fp uint64) error {
	c := k.CPU
	mask := t.mask
	if t.hasSaved {
		mask = t.saved
	}
	w := make([]uint64, 0, frameSize/8)
	w = append(w, act.restorer, ucFlags, 0)
	w = append(w, t.alt.words()...)
	for _, r := range mcontextOrder {
		w = append(w, c.R[r])
	}
	w = append(w, c.RIP, c.Flags(), userCS|userSS<<48, t.errcode, t.trapno, uint64(mask), t.cr2, fp)
	w = append(w, make([]uint64, 8)...) // reserved
	w = append(w, uint64(mask))
	w = append(w, info.words()...)
	if err := k.storeWords(sp, w...); err != nil {
		return err
	}
	return k.copyOut(fp, fxsave(&c.Context))
}

// words returns struct siginfo.
func (i *siginfo) words() []uint64 {
	w := []uint64{uint64(uint32(i.Signo)) | uint64(uint32(i.Errno))<<32, uint64(uint32(i.Code))}
	return append(w, i.Fields[:]...)
}

// fxsave returns the FXSAVE image of the registers (SDM vol. 1, table 10-2). The x87 registers, which the machine lacks,
// are as FNINIT leaves them.
func fxsave(c *x86.Context) []byte {
	b := make([]byte, fxsaveSize)
	binary.LittleEndian.PutUint16(b, c.FCW)
	binary.LittleEndian.PutUint32(b[fxsaveMXCSR:], c.MXCSR)
	binary.LittleEndian.PutUint32(b[fxsaveMXCSRSet:], 0xffff)
	for i, x := range c.X {
		binary.LittleEndian.PutUint64(b[fxsaveXMM+16*i:], x[0])
		binary.LittleEndian.PutUint64(b[fxsaveXMM+16*i+8:], x[1])
	}
	return b
}

// fxrstor sets the registers from an FXSAVE image.
func fxrstor(c *x86.Context, b []byte) {
	c.SetFCW(binary.LittleEndian.Uint16(b))
	c.MXCSR = le32(b[fxsaveMXCSR:]) & 0xffff
	for i := range c.X {
		c.X[i] = x86.XMM{le64(b[fxsaveXMM+16*i:]), le64(b[fxsaveXMM+16*i+8:])}
	}
}

// sysRtSigreturn takes the frame off the stack: the handler's return has popped the return address.
func sysRtSigreturn(k *Kernel, t *Thread, a args) (uint64, error) {
	c := k.CPU
	frame := c.R[x86.RSP] - 8
	var b [frameSiginfo]byte
	if k.copyIn(b[:], frame) != nil {
		k.force(t, siginfo{Signo: SIGSEGV, Code: SI_KERNEL})
		return 0, errNoReturn
	}
	word := func(i int) uint64 { return le64(b[frameMcontext+8*i:]) }
	if fp := word(mcFpstate); fp != 0 {
		var image [fxsaveSize]byte
		if k.copyIn(image[:], fp) != nil {
			k.force(t, siginfo{Signo: SIGSEGV, Code: SI_KERNEL})
			return 0, errNoReturn
		}
		fxrstor(&c.Context, image[:])
	}
	for i, r := range mcontextOrder {
		c.R[r] = word(i)
	}
	c.RIP = word(mcRIP)
	c.SetFlags(word(mcFlags))
	t.mask = sigset(le64(b[frameSigmask:])) &^ unblockable
	// A bad stack in the frame is passed over in silence (restore_altstack).
	k.setAltStack(t, altStack{sp: le64(b[frameUcontext+16:]), flags: le32(b[frameUcontext+24:]), size: le64(b[frameUcontext+32:])})
	return 0, errNoReturn
}

// minSigStack is MINSIGSTKSZ.
const minSigStack = 2048

// setAltStack does what sigaltstack does with its first argument.
func (k *Kernel) setAltStack(t *Thread, s altStack) error {
	if t.alt.status(k.CPU.R[x86.RSP]) == SS_ONSTACK {
		return errno.EPERM
	}
	switch mode := s.flags &^ SS_AUTODISARM; {
	case mode == SS_DISABLE:
		s.sp, s.size = 0, 0
	case mode != 0 && mode != SS_ONSTACK:
		return errno.EINVAL
	case s.size < minSigStack:
		return errno.ENOMEM
	}
	t.alt = s
	return nil
}
