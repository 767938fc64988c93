package lessons

import (
	"encoding/binary"
	"fmt"
	"reflect"

	"github.com/rt0lab/rt0/emulator"
)

// word returns a number or pointer of the runtime's; 0 if it is not there or cannot be read (yet).
func (b *boot) word(expr string) uint64 {
	v := b.rt.View(expr)
	if !v.OK() {
		return 0
	}
	return v.Uint
}

// read returns the eight bytes at addr; 0 if there is no memory.
func (b *boot) read(addr uint64) uint64 {
	var w [8]byte
	if b.m.ReadMemory(w[:], addr) != nil {
		return 0
	}
	return binary.LittleEndian.Uint64(w[:])
}

func (b *boot) stackPointer() uint64 {
	r := b.registers()
	return r.SP()
}

// at says whether the next instruction is the function's first.
func (b *boot) at(name string) bool {
	f, ok := b.table.FuncNamed(name)
	return ok && b.registers().RIP == f.Entry
}

// in says whether the next instruction is in the function.
func (b *boot) in(name string) bool {
	f, ok := b.table.Func(b.registers().RIP)
	return ok && f.Name == name
}

func (b *boot) anySet(exprs []string) bool {
	for _, e := range exprs {
		if b.word(e) != 0 {
			return true
		}
	}
	return false
}

// argc and argv are read from what Linux left: the count, and the address of the array of pointers.
func (b *boot) argc() uint64 { return b.read(b.sp0) }
func (b *boot) argv() uint64 { return b.sp0 + 8 }

// atStart says whether rt0_go begins. If so it keeps SP.
func (b *boot) atStart() bool {
	if !b.at("runtime.rt0_go") {
		return false
	}
	b.frame = b.stackPointer()
	return true
}

// copyReach is how far below the kernel's block rt0_go copies argc and argv: its frame is 39 or 40 bytes, aligned down.
const copyReach = 128

// argsCopied says whether SP is aligned and argc and argv lie side by side between SP and where it was: at 16(SP) up to
// Go 1.17, at 24(SP) from 1.18. If so it keeps SP.
func (b *boot) argsCopied() bool {
	sp := b.stackPointer()
	if sp >= b.frame || sp%16 != 0 || b.frame-sp > copyReach {
		return false
	}
	for at := sp; at+16 <= b.frame; at += 8 {
		if b.copied(at) {
			b.sp = sp
			return true
		}
	}
	return false
}

// copied says whether argc and argv lie at the address. A C library passes argc as an int: the upper half is anything.
func (b *boot) copied(at uint64) bool {
	return uint32(b.read(at)) == uint32(b.argc()) && b.read(at+8) == b.argv()
}

// tlsSlot returns the word in which the thread keeps its g, to which the probe goes: m0.tls[0]. Without layouts it is what
// settls is called with. Go 1.4 gave the first thread a place of its own, tls0.
func (b *boot) tlsSlot() []emulator.Watch {
	if d, ok := b.table.Data("runtime.tls0"); ok {
		b.tls = d.Addr
	} else if addr, _, ok := b.rt.Place("m0.tls[0]"); ok {
		b.tls = addr
	} else if b.at("runtime.settls") {
		regs := b.registers()
		b.tls = regs.GPR[emulator.RDI]
	}
	if b.tls == 0 {
		return nil
	}
	return written(b.tls, 8)
}

// cgoTLS says why there is no probe where the C library sets up thread-local storage, and remembers it. rt0_go itself asks
// whether there is a _cgo_init.
func (b *boot) cgoTLS() Text {
	if d, ok := b.table.Data("_cgo_init"); ok {
		b.foreignTLS = b.read(d.Addr) != 0
	}
	return b.ownTLS()
}

// ownTLS says why facts about m0.tls mean nothing in a program whose first thread does not use it.
func (b *boot) ownTLS() Text {
	if b.foreignTLS {
		return Text{
			"the C library has set the FS base and keeps the g in storage of its own: m0.tls is not used (cgo)",
			"FS 基址由 C 库设置，g 放在 C 库自己的线程本地存储中：不使用 m0.tls（cgo）",
		}
	}
	if _, ok := b.table.Data("runtime.tls0"); ok {
		return Text{
			fmt.Sprintf("%s keeps the first thread's g in tls0, not in m0.tls", b.table.GoVersion()),
			fmt.Sprintf("%s 把第一个线程的 g 放在 tls0 中，而不是 m0.tls 中", b.table.GoVersion()),
		}
	}
	return Text{}
}

// probe is what rt0_go sends through FS to see whether it arrives in m0.tls[0].
const probe = 0x123

// probed says whether FS points behind m0.tls[0] and the probe has come through it. FS is &m0.tls[1], the g lying below
// it; up to Go 1.4 it was &m0.tls[2].
func (b *boot) probed() bool {
	fs := b.registers().FSBase
	return b.tls != 0 && fs > b.tls && fs <= b.tls+16 && b.read(b.tls) == probe
}

// argsRead says whether argc and argv are set, and from auxv the page size and the random bytes, as far as this Go keeps
// them.
func (b *boot) argsRead() bool {
	if b.word("argc") != b.argc() || b.word("argv") != b.argv() {
		return false
	}
	if addr, _, ok := b.rt.Place("physPageSize"); ok && b.read(addr) == 0 {
		return false
	}
	for _, name := range randomNames {
		if addr, size, ok := b.rt.Place(name); ok {
			// A slice's pointer and length are written in either order.
			return b.read(addr) != 0 && (size < 16 || b.read(addr+8) != 0)
		}
	}
	return true
}

// lastP returns the last entry of allp, once it is known which that is.
func (b *boot) lastP() []emulator.Watch {
	n := b.procCount()
	if n == 0 {
		return nil
	}
	addr, size, ok := b.rt.Place(fmt.Sprintf("allp[%d]", n-1))
	if !ok {
		return nil
	}
	return written(addr, size)
}

// allpFull says whether allp has all its entries; a P is entered when it is initialised.
func (b *boot) allpFull() bool {
	n := b.procCount()
	if n == 0 {
		return false
	}
	for i := range n {
		if b.word(fmt.Sprintf("allp[%d]", i)) == 0 {
			return false
		}
	}
	return true
}

// procCount returns how many Ps allp is to have, 0 if that cannot be told yet. It is the slice's length. Old Gos have an
// array of the most that there may be: for them the machine runs on to see what gomaxprocs becomes, and returns.
func (b *boot) procCount() int64 {
	allp := b.rt.View("allp")
	if !allp.OK() || allp.Kind != reflect.Array {
		return max(allp.Len, 0)
	}
	if b.procs == 0 {
		b.procs = int64(b.foresee("gomaxprocs"))
	}
	return b.procs
}

// returns lists the addresses to which rt0_go's calls return.
func (b *boot) returns() []uint64 {
	if b.callReturns != nil {
		return b.callReturns
	}
	f, ok := b.table.FuncNamed("runtime.rt0_go")
	if !ok {
		return nil
	}
	for at := f.Entry; at < f.End; {
		in, err := b.table.Disassemble(b.m, at)
		if err != nil {
			break
		}
		at += uint64(len(in.Bytes))
		if in.IsCall() {
			b.callReturns = append(b.callReturns, at)
		}
	}
	return b.callReturns
}

// onG1 says whether m0 runs its first goroutine: PC in runtime.main, SP in that goroutine's stack.
func (b *boot) onG1() bool {
	if !b.in("runtime.main") {
		return false
	}
	sp := b.stackPointer()
	if hi := b.word("m0.curg.stack.hi"); hi != 0 {
		return sp >= b.word("m0.curg.stack.lo") && sp <= hi
	}
	return sp < b.sp-g0Size || sp > b.sp // without layouts: at least not where g0 lives
}

// g0Size is how much of the process stack g0 claims, at most.
const g0Size = 64 << 10
