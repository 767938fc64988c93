package lessons

import (
	"fmt"

	"github.com/rt0lab/rt0/emulator/goruntime"
)

// A RuntimeState is the runtime's own data at one moment, as the figures show them. Values that cannot be read say so.
type RuntimeState struct {
	G0 *goruntime.G
	M0 *goruntime.M
	// Ms, Ps and Gs are in the order of allm, allp and allgs.
	Ms    []*goruntime.M
	Ps    []*goruntime.P
	Gs    []*goruntime.G
	Sched *goruntime.Sched
	AllM  goruntime.List
	AllP  goruntime.List
	AllG  goruntime.List
	// TLS is m0.tls[0]: its address and what it holds.
	TLS goruntime.Value

	names map[uint64]string
}

// maxShown bounds how many elements of a list a state holds: a figure of more would not be read.
const maxShown = 1024

// runtimeState reads the runtime's data as they are now.
func (b *boot) runtimeState() *RuntimeState {
	rt := b.rt
	s := &RuntimeState{names: make(map[uint64]string), TLS: rt.View("m0.tls[0]")}
	if addr, _, ok := rt.Place("g0"); ok {
		s.G0 = rt.G(addr)
		s.names[addr] = "&g0"
	}
	if addr, _, ok := rt.Place("m0"); ok {
		s.M0 = rt.M(addr)
		s.names[addr] = "&m0"
	}
	s.Sched = rt.Sched()
	s.AllM, s.AllP, s.AllG = rt.AllM(), rt.AllP(), rt.AllG()
	for i, addr := range first(s.AllM.Addrs) {
		s.Ms = append(s.Ms, rt.M(addr))
		s.name(addr, "M", s.AllM.IDs[i])
		if g0 := s.Ms[i].G0; g0.OK() && g0.Uint != 0 {
			s.name(g0.Uint, "g0 of M", s.AllM.IDs[i])
		}
	}
	for i, addr := range first(s.AllP.Addrs) {
		if addr != 0 {
			s.Ps = append(s.Ps, rt.P(addr))
			s.name(addr, "P", s.AllP.IDs[i])
		}
	}
	for i, addr := range first(s.AllG.Addrs) {
		s.Gs = append(s.Gs, rt.G(addr))
		s.name(addr, "G", s.AllG.IDs[i])
	}
	return s
}

func first(addrs []uint64) []uint64 { return addrs[:min(len(addrs), maxShown)] }

// name gives the structure at addr a name, unless it has one: m0 and g0 keep theirs.
func (s *RuntimeState) name(addr uint64, kind string, id int64) {
	if s.names[addr] == "" {
		s.names[addr] = fmt.Sprintf("%s%d", kind, id)
	}
}

// Name returns what the structure at addr is called: "&g0", "&m0", "P3", "M1", "G17"; "nil" for 0, else the address.
func (s *RuntimeState) Name(addr uint64) string {
	switch name := s.names[addr]; {
	case addr == 0:
		return "nil"
	case name != "":
		return name
	}
	return fmt.Sprintf("%#x", addr)
}

// pointer renders a pointer value by the name of what it points to.
func (s *RuntimeState) pointer(v goruntime.Value) string {
	if !v.OK() {
		return v.String()
	}
	return s.Name(v.Uint)
}
