package x86

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
)

// A native runs test cases on the host's processor, in a traced child process that holds nothing but three shared regions
// at fixed low addresses: data (operands and stack), code (a slot a case) and state (registers before and after). A
// slot loads its registers, executes the case's instructions, stores the registers and goes on to the next slot, so a
// batch of cases that do not fault costs one stop in all. A case that faults has its signal delivered, so that the kernel
// writes down trap number, address and registers in a signal frame. The child's program never runs: it is stopped at exec.
type native struct {
	requests chan nativeRequest
	close    func()
}

type nativeRequest struct {
	cases  []diffCase
	memory []byte // in: the data region before the batch, out: after it
	done   chan nativeReply
}

type nativeReply struct {
	results []diffResult
	err     error
}

// Layout of the shared regions.
const (
	stateBase   = diffState
	stateStride = 2048
	stateOut    = 1024 // offset of the state after the case from the state before it
	offFlags    = 128
	offDone     = 136
	offFX       = 144

	// The tail of the code region, behind the slot that ends the batch: SYSCALL; INT3.
	gateAddr    = diffCode + (diffSlots+1)*slotStride
	handlerAddr = gateAddr + 2
	codeSize    = (diffSlots + 5) * slotStride // whole pages

	// The tail of the state region: the index of the case being run, the signal handler's stack.
	currentAddr  = stateBase + diffSlots*stateStride
	scratchAddr  = currentAddr + 64 // arguments of the setup's system calls
	sigStackAddr = currentAddr + stateStride
	sigStackSize = 1 << 17
	stateSize    = (diffSlots+1)*stateStride + sigStackSize

	ptraceExitKill = 0x100000
)

// newNative starts the child. An error means that the host does not permit it.
func newNative() (*native, error) {
	n := &native{requests: make(chan nativeRequest)}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // ptrace requests must come from the thread that started the child
		t, err := startTracee()
		started <- err
		if err != nil {
			return
		}
		for r := range n.requests {
			var reply nativeReply
			reply.results, reply.err = t.run(r.cases, r.memory)
			r.done <- reply
		}
		syscall.Kill(t.pid, syscall.SIGKILL)
		syscall.Wait4(t.pid, nil, 0, nil)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	n.close = func() { close(n.requests) }
	return n, nil
}

// run executes a batch and leaves in memory what the cases left in the data region.
func (n *native) run(cases []diffCase, memory []byte) ([]diffResult, error) {
	done := make(chan nativeReply)
	n.requests <- nativeRequest{cases, memory, done}
	r := <-done
	return r.results, r.err
}

// A tracee is the child.
type tracee struct {
	pid                int
	regs               syscall.PtraceRegs // as at exec: segments and the like
	data, code, states []byte
}

func startTracee() (*tracee, error) {
	const size = diffDataSize + codeSize + stateSize
	file, err := os.CreateTemp("", "native")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	os.Remove(file.Name())
	if err := file.Truncate(size); err != nil {
		return nil, err
	}
	shared, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	t := &tracee{data: shared[:diffDataSize], code: shared[diffDataSize:][:codeSize]}
	t.states = shared[diffDataSize+codeSize:]

	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	t.pid, err = syscall.ForkExec(exe, []string{exe}, &syscall.ProcAttr{
		Files: []uintptr{0, 1, 2, file.Fd()},
		Sys:   &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return nil, fmt.Errorf("start a traced process: %w", err)
	}
	if err := t.setup(); err != nil {
		syscall.Kill(t.pid, syscall.SIGKILL)
		syscall.Wait4(t.pid, nil, 0, nil)
		return nil, err
	}
	return t, nil
}

// setup maps the shared regions in the child and unmaps everything else.
func (t *tracee) setup() error {
	if _, err := t.wait(); err != nil {
		return err
	}
	if err := syscall.PtraceSetOptions(t.pid, ptraceExitKill); err != nil {
		return fmt.Errorf("ptrace: %w", err)
	}
	if err := syscall.PtraceGetRegs(t.pid, &t.regs); err != nil {
		return fmt.Errorf("ptrace: %w", err)
	}
	gate := []byte{0x0f, 0x05, 0xcc} // SYSCALL; INT3
	at := t.regs.Rip
	if _, err := syscall.PtracePokeText(t.pid, uintptr(at), gate); err != nil {
		return fmt.Errorf("ptrace: %w", err)
	}
	const (
		read  = syscall.PROT_READ
		write = syscall.PROT_WRITE
		exec  = syscall.PROT_EXEC
		fixed = syscall.MAP_SHARED | syscall.MAP_FIXED
		end   = 1<<47 - 4096
	)
	type call = struct {
		nr  uint64
		arg [6]uint64
	}
	calls := []call{
		{syscall.SYS_MMAP, [6]uint64{diffData, diffWritable, read | write, fixed, 3, 0}},
		{syscall.SYS_MMAP, [6]uint64{diffData + diffWritable, diffDataSize - diffWritable, read, fixed, 3, diffWritable}},
		{syscall.SYS_MMAP, [6]uint64{stateBase, stateSize, read | write, fixed, 3, diffDataSize + codeSize}},
		{syscall.SYS_MMAP, [6]uint64{diffCode, codeSize, read | exec, fixed, 3, diffDataSize}},
		{syscall.SYS_MUNMAP, [6]uint64{0, diffData}},
		{syscall.SYS_MUNMAP, [6]uint64{diffData + diffDataSize, diffCode - diffData - diffDataSize}},
		{syscall.SYS_MUNMAP, [6]uint64{diffCode + codeSize, stateBase - diffCode - codeSize}},
		{syscall.SYS_MUNMAP, [6]uint64{stateBase + stateSize, end - stateBase - stateSize}},
		{syscall.SYS_SIGALTSTACK, [6]uint64{scratchAddr, 0}},
	}
	for _, sig := range []syscall.Signal{syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGILL, syscall.SIGFPE, syscall.SIGTRAP} {
		calls = append(calls, call{syscall.SYS_RT_SIGACTION, [6]uint64{uint64(sig), scratchAddr + 32, 0, 8}})
	}
	copy(t.code[gateAddr-diffCode:], gate)
	// stack_t and struct sigaction (sigaltstack(2), arch/x86/include/uapi/asm/signal.h); the handler is the gate's INT3.
	const sigInfo, restorer, onStack, noDefer = 4, 0x04000000, 0x08000000, 0x40000000
	scratch := t.states[scratchAddr-stateBase:]
	binary.LittleEndian.PutUint64(scratch, sigStackAddr)
	binary.LittleEndian.PutUint64(scratch[16:], sigStackSize)
	binary.LittleEndian.PutUint64(scratch[32:], handlerAddr)
	binary.LittleEndian.PutUint64(scratch[40:], sigInfo|restorer|onStack|noDefer)
	binary.LittleEndian.PutUint64(scratch[48:], handlerAddr)
	for i, c := range calls {
		if c.nr == syscall.SYS_MUNMAP { // from here on the gate in the code region is used
			at = gateAddr
		}
		r := t.regs
		r.Rip, r.Rax, r.Orig_rax = at, c.nr, ^uint64(0)
		r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = c.arg[0], c.arg[1], c.arg[2], c.arg[3], c.arg[4], c.arg[5]
		if _, err := t.resume(&r, 0); err != nil {
			return err
		}
		if int64(r.Rax) < 0 && int64(r.Rax) > -4096 {
			return fmt.Errorf("system call %d of the child's setup: %w", i, syscall.Errno(-r.Rax))
		}
	}
	t.regs.Fs_base, t.regs.Gs_base = diffFSBase, diffGSBase
	return nil
}

// resume lets the child run from r to its next stop, delivering a signal if sig is not 0, and returns the signal that
// stopped it and, in r, the registers.
func (t *tracee) resume(r *syscall.PtraceRegs, sig syscall.Signal) (syscall.Signal, error) {
	if err := syscall.PtraceSetRegs(t.pid, r); err != nil {
		return 0, fmt.Errorf("ptrace: %w", err)
	}
	if err := syscall.PtraceCont(t.pid, int(sig)); err != nil {
		return 0, fmt.Errorf("ptrace: %w", err)
	}
	sig, err := t.wait()
	if err != nil {
		return 0, err
	}
	return sig, syscall.PtraceGetRegs(t.pid, r)
}

// wait waits for the child's next stop. A child that runs away is killed after a while.
func (t *tracee) wait() (syscall.Signal, error) {
	watchdog := time.AfterFunc(patience.Limit, func() { syscall.Kill(t.pid, syscall.SIGKILL) })
	defer watchdog.Stop()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &status, 0, nil); err != nil {
		return 0, fmt.Errorf("wait for the traced process: %w", err)
	}
	if !status.Stopped() {
		return 0, fmt.Errorf("the traced process ended (status %#x)", int(status))
	}
	return status.StopSignal(), nil
}

// run executes the cases one after the other.
func (t *tracee) run(cases []diffCase, memory []byte) ([]diffResult, error) {
	copy(t.data, memory)
	for i := range cases {
		t.assemble(i, &cases[i])
	}
	t.code[len(cases)*slotStride] = 0xcc
	results := make([]diffResult, len(cases))
	r := t.regs
	r.Rip, r.Orig_rax = diffCode, ^uint64(0)
	stopped := make([]bool, len(cases))
	for {
		sig, err := t.resume(&r, 0)
		current := int(binary.LittleEndian.Uint32(t.states[currentAddr-stateBase:]))
		if err != nil {
			return nil, fmt.Errorf("case %d: %x: %w", current, cases[min(current, len(cases)-1)].code, err)
		}
		if sig == syscall.SIGTRAP && r.Rip == slotAddr(len(cases))+1 {
			break
		}
		if current >= len(cases) || stopped[current] {
			return nil, fmt.Errorf("case %d stopped twice: %v at %#x", current, sig, r.Rip)
		}
		stopped[current] = true
		if results[current], err = t.stop(current, sig, &r); err != nil {
			return nil, err
		}
		next := t.regs
		next.Rip, next.Orig_rax = slotAddr(current+1), ^uint64(0)
		r = next
	}
	for i := range cases {
		if stopped[i] {
			continue
		}
		out := t.states[i*stateStride+stateOut:]
		res := &results[i]
		for j := range res.r {
			res.r[j] = binary.LittleEndian.Uint64(out[8*j:])
		}
		res.flags = binary.LittleEndian.Uint64(out[offFlags:])
		res.rip = snippetAddr(i) + uint64(len(cases[i].code))
		readFX(res, out[offFX:])
		if binary.LittleEndian.Uint32(out[offDone:]) != 1 {
			return nil, fmt.Errorf("case %d: %x: never finished", i, cases[i].code)
		}
	}
	copy(memory, t.data)
	return results, nil
}

// stop makes the result of a case that ended in a signal, a fault or a breakpoint that a branch reached: it lets the
// kernel deliver it and reads the frame (arch/x86/include/uapi/asm/sigcontext.h, struct sigcontext_64).
func (t *tracee) stop(i int, sig syscall.Signal, r *syscall.PtraceRegs) (diffResult, error) {
	var res diffResult
	if _, err := t.resume(r, sig); err != nil {
		return res, err
	}
	if r.Rip != handlerAddr+1 {
		return res, fmt.Errorf("case %d: %v: its handler was not reached, but %#x", i, sig, r.Rip)
	}
	at := func(addr uint64) uint64 { return binary.LittleEndian.Uint64(t.states[addr-stateBase:]) }
	info, context := r.Rsi, r.Rdx+40
	for j, k := range [16]uint64{13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7} {
		res.r[j] = at(context + 8*k)
	}
	res.rip, res.flags = at(context+8*16), at(context+8*17)
	readFX(&res, t.states[at(context+8*23)-stateBase:])
	const stackFault = 12 // #SS: a non-canonical address through RSP or RBP; the machine has #GP for all of them
	res.vector, res.faulted = Vector(at(context+8*20)), true
	switch res.vector {
	case TrapPF:
		const accessError = 2
		res.addr, res.mapped = at(info+16), uint32(at(info+8)) == accessError
	case stackFault:
		res.vector = TrapGP
	}
	return res, nil
}

// readFX takes MXCSR and the SSE registers from an FXSAVE image (SDM vol. 1, table 10-2).
func readFX(res *diffResult, fx []byte) {
	res.mxcsr = binary.LittleEndian.Uint32(fx[24:])
	for i := range res.x {
		res.x[i] = XMM{binary.LittleEndian.Uint64(fx[160+16*i:]), binary.LittleEndian.Uint64(fx[168+16*i:])}
	}
}

// assemble writes the code and the state of case i into its slot.
func (t *tracee) assemble(i int, c *diffCase) {
	le := binary.LittleEndian
	state := t.states[i*stateStride:][:stateStride]
	for j, v := range c.r {
		le.PutUint64(state[8*j:], v)
	}
	le.PutUint64(state[offFlags:], c.flags)
	fx := state[offFX:][:512]
	clear(fx)
	le.PutUint16(fx, 0x37f) // FCW as FNINIT leaves it
	le.PutUint32(fx[24:], c.mxcsr)
	for j, v := range c.x {
		le.PutUint64(fx[160+16*j:], v[0])
		le.PutUint64(fx[168+16*j:], v[1])
	}
	le.PutUint32(state[stateOut+offDone:], 0)

	in := uint32(stateBase + i*stateStride)
	out := in + stateOut
	slot := t.code[i*slotStride:][:slotStride]
	for j := range slot {
		slot[j] = 0xcc
	}
	code := slot[:0]
	for _, w := range c.writes {
		code = le.AppendUint64(append(code, 0x48, 0xb8), w.value)               // mov rax, value
		code = le.AppendUint32(append(code, 0x48, 0x89, 0x04, 0x25), w.address) // mov [address], rax
	}
	code = le.AppendUint32(append(code, 0xc7, 0x04, 0x25), currentAddr) // mov dword [current], i
	code = le.AppendUint32(code, uint32(i))
	code = le.AppendUint32(append(code, 0x0f, 0xae, 0x0c, 0x25), in+offFX)        // fxrstor [in.fx]
	code = le.AppendUint32(append(code, 0x48, 0xc7, 0xc4), in+offFlags)           // mov rsp, &in.flags
	code = append(code, 0x9d)                                                     // popfq
	code = moves(code, 0x8b, in)                                                  // mov r, [in.r]
	code = le.AppendUint32(append(code, 0xe9), uint32(snippetOffset-len(code)-5)) // jmp snippet
	if len(code) > snippetOffset-padSize {
		panic("the slot's entry is too long")
	}
	code = append(slot[:snippetOffset], nativeSpelling(c)...)
	if c.branch {
		return // INT3 all around
	}
	code = moves(code, 0x89, out)                                           // mov [out.r], r
	code = le.AppendUint32(append(code, 0x48, 0xc7, 0xc4), out+offFlags+8)  // mov rsp, &out.flags + 8
	code = append(code, 0x9c)                                               // pushfq
	code = le.AppendUint32(append(code, 0x0f, 0xae, 0x04, 0x25), out+offFX) // fxsave [out.fx]
	code = le.AppendUint32(append(code, 0xc7, 0x04, 0x25), out+offDone)     // mov dword [out.done], 1
	code = le.AppendUint32(code, 1)
	code = le.AppendUint32(append(code, 0xe9), uint32(slotStride-len(code)-5)) // jmp to the next slot
	if len(code) > slotStride {
		panic("the slot is too long")
	}
}

// moves appends sixteen moves, of opcode op, between the general registers and memory from address on.
func moves(code []byte, op byte, address uint32) []byte {
	for j := range uint32(16) {
		code = append(code, 0x48|byte(j>>3)<<2, op, byte(j&7)<<3|4, 0x25)
		code = binary.LittleEndian.AppendUint32(code, address+8*j)
	}
	return code
}
