package lessons

import (
	"fmt"

	"github.com/rt0lab/rt0/emulator/goruntime"
)

// A factSource is a fact's name, the stages in which it is meaningful, and how it is read.
type factSource struct {
	name string
	// from is the stage that establishes the fact. until, if any, is the last stage at which it still means something.
	from, until string
	read        func(b *boot) (Value, Text)
}

// factSources lists all facts in the order in which the boot establishes them. Names are a contract: the runtime's own
// expressions (`rt0 boot -format json`).
var factSources = []factSource{
	{name: "sp", from: "osstack", read: func(b *boot) (Value, Text) { return address(b.stackPointer()) }},
	{name: "argc", from: "osstack", read: func(b *boot) (Value, Text) { return count(int64(b.argc())) }},
	{name: "argv", from: "osstack", read: func(b *boot) (Value, Text) { return address(b.argv()) }},
	pointerFact("&g0", "osstack"),
	pointerFact("&m0", "osstack"),
	pointerFact("g0.stack.lo", "g0stack"),
	pointerFact("g0.stack.hi", "g0stack"),
	pointerFact("g0.stackguard0", "g0stack"),
	tlsFact("&m0.tls[1]"),
	{name: "fsbase", from: "tls", read: func(b *boot) (Value, Text) { return address(b.registers().FSBase) }},
	tlsFact("m0.tls[0]"),
	pointerFact("m0.g0", "bind"),
	pointerFact("g0.m", "bind"),
	numberFact("physPageSize", "args", ""),
	{name: "startupRand", from: "args", until: "osinit", read: (*boot).startupRand},
	{name: "ncpu", from: "osinit", read: (*boot).ncpu},
	numberFact("sched.maxmcount", "schedinit", ""),
	numberFact("m0.id", "mcommoninit", ""),
	listFact("allm", "mcommoninit", (*goruntime.Runtime).AllM),
	{name: "len(allp)", from: "procresize", read: func(b *boot) (Value, Text) {
		if v, why := numbers(b, "allp", b.rt.AllP()); !why.Empty() {
			return v, why
		}
		return count(b.procCount())
	}},
	pointerFact("allp[0]", "procresize"),
	{name: "allp.status", from: "procresize", read: (*boot).statuses},
	pointerFact("m0.p", "acquirep"),
	pointerFact("allp[0].m", "acquirep"),
	numberFact("gomaxprocs", "pidle", ""),
	listFact("sched.pidle", "pidle", (*goruntime.Runtime).Pidle),
	numberFact("sched.npidle", "pidle", ""),
	numberFact("allp[0].runnext.goid", "newproc", "mstart"),
	{name: "allp[0].runq", from: "newproc", until: "mstart", read: (*boot).firstQueue},
	pointerFact("g0.sched.pc", "mstart"),
	pointerFact("g0.sched.sp", "mstart"),
	numberFact("m0.curg.goid", "schedule", ""),
}

func address(v uint64) (Value, Text) { return Value{Kind: Address, Word: v}, Text{} }
func count(n int64) (Value, Text)    { return Value{Kind: Number, Number: n}, Text{} }

// pointerFact is the fact of an expression that holds an address, or is used as one.
func pointerFact(expr, from string) factSource {
	return factSource{name: expr, from: from, read: func(b *boot) (Value, Text) {
		v, why := b.eval(expr)
		return Value{Kind: Address, Word: v.Uint}, why
	}}
}

// tlsFact is pointerFact for m0's thread-local words.
func tlsFact(expr string) factSource {
	f := pointerFact(expr, "tls")
	read := f.read
	f.read = func(b *boot) (Value, Text) {
		if why := b.ownTLS(); !why.Empty() {
			return Value{}, why
		}
		return read(b)
	}
	return f
}

// numberFact is the fact of an expression that counts or numbers something.
func numberFact(expr, from, until string) factSource {
	return factSource{name: expr, from: from, until: until, read: func(b *boot) (Value, Text) {
		v, why := b.eval(expr)
		return Value{Kind: Number, Number: v.Int}, why
	}}
}

// listFact is the fact of a list's ids, in its order.
func listFact(name, from string, list func(*goruntime.Runtime) goruntime.List) factSource {
	return factSource{name: name, from: from, read: func(b *boot) (Value, Text) { return numbers(b, name, list(b.rt)) }}
}

func numbers(b *boot, name string, l goruntime.List) (Value, Text) {
	if why := b.lack(name); !why.Empty() {
		return Value{}, why
	}
	if l.Unreadable != nil {
		return Value{}, unreadable(l.Unreadable)
	}
	return Value{Kind: Numbers, Numbers: l.IDs}, Text{}
}

// eval reads an expression; why says what is in the way.
func (b *boot) eval(expr string) (v goruntime.Value, why Text) {
	v, err := b.rt.Eval(expr)
	if err == nil && v.Unreadable != nil {
		return v, unreadable(v.Unreadable)
	}
	return v, b.whyNot(expr, err)
}

func unreadable(err error) Text {
	return Text{fmt.Sprintf("unreadable: %v", err), fmt.Sprintf("无法读取：%v", err)}
}

// ncpu reads the CPU count under the name that this Go version gives it.
func (b *boot) ncpu() (Value, Text) {
	var why Text
	for _, name := range cpuCountNames {
		var v goruntime.Value
		if v, why = b.eval(name); why.Empty() {
			return count(v.Int)
		}
	}
	return Value{}, why
}

// startupRand is where AT_RANDOM's bytes lie.
func (b *boot) startupRand() (Value, Text) {
	var why Text
	for _, name := range randomNames {
		if why = b.lack(name); why.Empty() {
			return address(b.word(name))
		}
	}
	return Value{}, why
}

// firstQueue is the goroutines in the ring of P 0, the next to run first.
func (b *boot) firstQueue() (Value, Text) {
	l := b.rt.AllP()
	if _, why := numbers(b, "allp", l); !why.Empty() {
		return Value{}, why
	}
	v := Value{Kind: Numbers}
	if len(l.Addrs) > 0 {
		for _, g := range b.rt.P(l.Addrs[0]).Queue {
			v.Numbers = append(v.Numbers, b.rt.G(g).Goid.Int)
		}
	}
	return v, Text{}
}

// statuses names the status of each P.
func (b *boot) statuses() (Value, Text) {
	l := b.rt.AllP()
	if _, why := numbers(b, "allp", l); !why.Empty() {
		return Value{}, why
	}
	v := Value{Kind: Names}
	for _, addr := range l.Addrs {
		v.Names = append(v.Names, b.rt.P(addr).StatusName)
	}
	return v, Text{}
}
