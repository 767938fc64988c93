package goruntime

import (
	"reflect"
	"strings"
)

// The views below are contracts: each Value names, in its tag, the field that it reads, by the path that the runtime's
// source gives it. Fields checks them against a program.

// A G is a goroutine: runtime.g.
type G struct {
	Addr uint64
	// Status is the name of the status.
	Status string

	Goid         Value `field:"goid"`
	Atomicstatus Value `field:"atomicstatus"`
	StackLo      Value `field:"stack.lo"`
	StackHi      Value `field:"stack.hi"`
	Stackguard0  Value `field:"stackguard0"`
	Stackguard1  Value `field:"stackguard1"`
	M            Value `field:"m"`
	SchedPC      Value `field:"sched.pc"`
	SchedSP      Value `field:"sched.sp"`
	SchedG       Value `field:"sched.g"`
	SchedCtxt    Value `field:"sched.ctxt"`
	SchedLR      Value `field:"sched.lr"`
	SchedBP      Value `field:"sched.bp"`
	Schedlink    Value `field:"schedlink"`
	Waitreason   Value `field:"waitreason"`
	Startpc      Value `field:"startpc"`
	Gopc         Value `field:"gopc"`
	Lockedm      Value `field:"lockedm"`
	ParentGoid   Value `field:"parentGoid"`
}

// An M is a thread of the operating system: runtime.m.
type M struct {
	Addr uint64

	ID        Value `field:"id"`
	G0        Value `field:"g0"`
	Gsignal   Value `field:"gsignal"`
	Curg      Value `field:"curg"`
	P         Value `field:"p"`
	Nextp     Value `field:"nextp"`
	Oldp      Value `field:"oldp"`
	Procid    Value `field:"procid"`
	TLS       Value `field:"tls"`
	Alllink   Value `field:"alllink"`
	Schedlink Value `field:"schedlink"`
	Lockedg   Value `field:"lockedg"`
	Spinning  Value `field:"spinning"`
	Blocked   Value `field:"blocked"`
}

// A P is a processor: the right to run Go code, runtime.p.
type P struct {
	Addr uint64
	// StatusName is the name of the status.
	StatusName string

	ID       Value `field:"id"`
	Status   Value `field:"status"`
	Link     Value `field:"link"`
	M        Value `field:"m"`
	Mcache   Value `field:"mcache"`
	Runqhead Value `field:"runqhead"`
	Runqtail Value `field:"runqtail"`
	Runq     Value `field:"runq"`
	Runnext  Value `field:"runnext"`
	Oldm     Value `field:"oldm"`
	// Queue is the goroutines' addresses in the ring, the next to run first.
	Queue []uint64
}

// A Sched is the scheduler's state: runtime.schedt.
type Sched struct {
	Addr uint64

	Maxmcount   Value `field:"maxmcount"`
	Mnext       Value `field:"mnext"`
	Midle       Value `field:"midle"`
	Nmidle      Value `field:"nmidle"`
	Pidle       Value `field:"pidle"`
	Npidle      Value `field:"npidle"`
	Nmspinning  Value `field:"nmspinning"`
	Runqsize    Value `field:"runqsize"`
	Goidgen     Value `field:"goidgen"`
	Gcwaiting   Value `field:"gcwaiting"`
	Lastpoll    Value `field:"lastpoll"`
	PidleChain  List
	MidleChain  List
	GlobalQueue List
}

// G returns the goroutine at the address.
func (r *Runtime) G(addr uint64) *G {
	g := &G{Addr: addr}
	r.fill(g, "runtime.g", addr)
	// The status became atomic, and a struct, in Go 1.20; before Go 1.5 it was a plain field. The name is the same.
	g.Status = statusText(g.Atomicstatus, r.GStatus)
	return g
}

// M returns the thread at the address.
func (r *Runtime) M(addr uint64) *M {
	m := &M{Addr: addr}
	r.fill(m, "runtime.m", addr)
	return m
}

// P returns the processor at the address.
func (r *Runtime) P(addr uint64) *P {
	p := &P{Addr: addr}
	r.fill(p, "runtime.p", addr)
	p.StatusName = statusText(p.Status, r.PStatus)
	p.Queue = r.ring(p)
	return p
}

// Sched returns the scheduler's state.
func (r *Runtime) Sched() *Sched {
	s := &Sched{}
	s.Addr, _, _ = r.Place("sched") // without DWARF each field says that it cannot be read
	r.fill(s, schedTypeName(r), s.Addr)
	s.PidleChain, s.MidleChain, s.GlobalQueue = r.Pidle(), r.Midle(), r.GlobalQueue()
	return s
}

// schedTypeName is runtime.schedt, which Go 1.4 called SchedType in C.
func schedTypeName(r *Runtime) string {
	if p, err := r.place("sched"); err == nil && p.typ != nil {
		return p.typ.Name
	}
	return "runtime.schedt"
}

func statusText(v Value, name func(uint64) string) string {
	if !v.OK() {
		return v.String()
	}
	return name(v.Uint & 0xffffffff)
}

// fill reads the fields that the view's tags name, of the struct of that type at addr.
func (r *Runtime) fill(view any, typeName string, addr uint64) {
	v := reflect.ValueOf(view).Elem()
	for i := range v.NumField() {
		if path := v.Type().Field(i).Tag.Get("field"); path != "" {
			v.Field(i).Set(reflect.ValueOf(r.Field(typeName, addr, path)))
		}
	}
}

// Field reads a field of the struct of that type at addr. The path is as in the source: "stack.lo".
func (r *Runtime) Field(typeName string, addr uint64, path string) Value {
	p := place{typ: r.typeNamed(typeName), addr: addr}
	if p.typ == nil {
		_, err := r.table.TypeNamed(typeName)
		return r.view(place{}, err)
	}
	var err error
	for _, name := range strings.Split(path, ".") {
		if p, err = r.field(p, name); err != nil {
			break
		}
	}
	return r.view(p, err)
}

// Contracts returns, by type, the paths of the fields that the views read.
func Contracts() map[string][]string {
	all := map[string][]string{}
	for name, view := range map[string]any{"runtime.g": G{}, "runtime.m": M{}, "runtime.p": P{}, "runtime.schedt": Sched{}} {
		t := reflect.TypeOf(view)
		for i := range t.NumField() {
			if path := t.Field(i).Tag.Get("field"); path != "" {
				all[name] = append(all[name], path)
			}
		}
	}
	return all
}
