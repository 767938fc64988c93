package goruntime

import (
	"errors"
	"fmt"
)

// A List is a chain or an array of the runtime's: the elements' addresses in order, and their ids.
type List struct {
	Addrs []uint64
	// IDs are the elements' numbers: m.id, p.id, g.goid. One that cannot be read is -1.
	IDs []int64
	// Absent says that this Go version has no such list.
	Absent bool
	// Unreadable says why the list breaks off. What was read before stands.
	Unreadable error
}

// maxList is more than any list here holds (maxmcount is 10000, and a program may have more goroutines). A longer one is
// a ring of stray pointers.
const maxList = 1 << 20

// AllM returns all Ms, the youngest first, as allm and m.alllink chain them.
func (r *Runtime) AllM() List { return r.chain(r.View("allm"), "runtime.m", "alllink", "id") }

// AllP returns the Ps, in order.
func (r *Runtime) AllP() List { return r.array("allp", "runtime.p", "id") }

// AllG returns all goroutines that were ever made and not reclaimed, dead ones included.
func (r *Runtime) AllG() List { return r.array("allgs", "runtime.g", "goid") }

// Pidle returns the idle Ps, the head first: sched.pidle and p.link.
func (r *Runtime) Pidle() List { return r.chain(r.View("sched.pidle"), "runtime.p", "link", "id") }

// Midle returns the idle Ms, the head first: sched.midle and m.schedlink, and since Go 1.26 m.idleNode (list_manual.go).
func (r *Runtime) Midle() List {
	if head := r.View("sched.midle.obj"); head.OK() {
		return r.chain(head, "runtime.m", "idleNode.next", "id")
	}
	return r.chain(r.View("sched.midle"), "runtime.m", "schedlink", "id")
}

// GlobalQueue returns the goroutines that wait for any P: sched.runq (before Go 1.12 sched.runqhead) and g.schedlink.
func (r *Runtime) GlobalQueue() List {
	head := r.View("sched.runq.head")
	if head.Absent {
		head = r.View("sched.runqhead")
	}
	return r.chain(head, "runtime.g", "schedlink", "goid")
}

// chain follows a linked list from the value of its head.
func (r *Runtime) chain(head Value, typeName, link, id string) List {
	l := List{Absent: head.Absent, Unreadable: head.Unreadable}
	if !head.OK() {
		return l
	}
	seen := map[uint64]bool{}
	for at := head.Uint; at != 0; {
		if seen[at] || len(l.Addrs) >= maxList {
			l.Unreadable = fmt.Errorf("the list runs in a circle at %#x", at)
			return l
		}
		seen[at] = true
		next := r.Field(typeName, at, link)
		if !next.OK() {
			l.Unreadable = next.Unreadable
			if next.Absent {
				l.Unreadable = errors.New("no field " + link)
			}
			return l
		}
		r.append(&l, at, typeName, id)
		at = next.Uint
	}
	return l
}

// array reads a slice or array of pointers. Old Gos keep allp in an array whose end is unused: nil ends it.
func (r *Runtime) array(name, typeName, id string) List {
	n := r.View("len(" + name + ")")
	l := List{Absent: n.Absent, Unreadable: n.Unreadable}
	for i := range min(n.Int, maxList) {
		v := r.View(fmt.Sprintf("%s[%d]", name, i))
		if l.Unreadable = v.Unreadable; !v.OK() || v.Uint == 0 {
			return l
		}
		r.append(&l, v.Uint, typeName, id)
	}
	return l
}

func (r *Runtime) append(l *List, at uint64, typeName, id string) {
	l.Addrs = append(l.Addrs, at)
	n := int64(-1)
	if v := r.Field(typeName, at, id); v.OK() {
		n = v.Int
	}
	l.IDs = append(l.IDs, n)
}

// ring returns what waits in a P's queue, a ring from runqhead up to runqtail.
func (r *Runtime) ring(p *P) []uint64 {
	head, tail, size := uint32(p.Runqhead.Uint), uint32(p.Runqtail.Uint), uint32(p.Runq.Len)
	if !p.Runqhead.OK() || !p.Runqtail.OK() || size == 0 || tail-head > size {
		return nil
	}
	var queue []uint64
	for ; head != tail; head++ {
		g, err := r.word(p.Runq.Addr + 8*uint64(head%size))
		if err != nil {
			break
		}
		queue = append(queue, g)
	}
	return queue
}
