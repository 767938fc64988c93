package vfs

import (
	"encoding/binary"
	"hash"
	"slices"
	"sync/atomic"

	"github.com/rt0lab/rt0/emulator/internal/account"
)

// An ID names an object for as long as the guest runs; none is used twice. 0 names nothing. It is also the inode number.
type ID uint32

// An object is one thing with state. clone returns a copy that shares nothing that can change; hashTo writes everything
// that the guest could tell.
type object interface {
	clone() object
	hashTo(h *hasher)
	head() *header
	// price returns what the object takes of the host's memory, as package account counts it.
	price() int64
}

// A header is embedded in every object. Only a heap of the same epoch may change the object; others copy it first.
type header struct {
	epoch uint64
	paid  int64 // what the object counts in the heap's held
	dirty bool  // it may have another price by now
}

func (h *header) head() *header { return h }

const leafSize = 64

// A leaf holds the objects of 64 consecutive IDs.
type leaf struct {
	epoch uint64
	objs  [leafSize]object
}

// A heap maps IDs to objects. Copying it is cheap, see fork.
type heap struct {
	epoch  uint64
	leaves []*leaf
	owner  uint64 // the epoch to which the slice leaves belongs
	last   ID

	held  int64 // the prices of the objects, but for those that are dirty
	dirty []ID  // objects that may have another price than they had
	used  int   // how many of leaves there are
}

// Held returns the price of all objects and of the table that leads to them, in bytes.
func (h *heap) Held() int64 {
	h.settle()
	return h.held + int64(h.used)*account.Leaf + int64(len(h.leaves))*account.LeafSlot
}

// settle brings held up to date.
func (h *heap) settle() {
	for _, id := range h.dirty {
		if o := h.get(id); o != nil {
			head, price := o.head(), o.price()
			h.held += price - head.paid
			head.paid, head.dirty = price, false
		}
	}
	h.dirty = h.dirty[:0]
}

// changing notes that the object named id, which belongs to the heap's epoch, is about to change.
func (h *heap) changing(id ID, o object) {
	if head := o.head(); !head.dirty {
		head.dirty = true
		h.dirty = append(h.dirty, id)
	}
}

// epochs numbers the epochs of all heaps and file contents of the host process, so that no two share one.
var epochs atomic.Uint64

// fork returns a copy of the heap. From then on each side copies what it changes.
func (h *heap) fork() heap {
	h.settle()
	c := *h
	c.dirty = nil
	h.epoch, c.epoch = epochs.Add(1), epochs.Add(1)
	return c
}

func (h *heap) get(id ID) object {
	if i := int(id / leafSize); i < len(h.leaves) && h.leaves[i] != nil {
		return h.leaves[i].objs[id%leafSize]
	}
	return nil
}

// put makes o the object named id; nil removes it.
func (h *heap) put(id ID, o object) {
	i := int(id / leafSize)
	if h.owner != h.epoch {
		h.leaves, h.owner = slices.Clone(h.leaves), h.epoch
	}
	for i >= len(h.leaves) {
		h.leaves = append(h.leaves, nil)
	}
	l := h.leaves[i]
	if l != nil {
		if old := l.objs[id%leafSize]; old != nil {
			h.held -= old.head().paid
		}
	}
	switch {
	case l == nil:
		l = &leaf{epoch: h.epoch}
		h.used++
	case l.epoch != h.epoch:
		l = &leaf{epoch: h.epoch, objs: l.objs}
	}
	l.objs[id%leafSize] = o
	if o == nil && l.objs == [leafSize]object{} {
		l = nil
		h.used--
	}
	h.leaves[i] = l
	if o != nil {
		head := o.head()
		head.epoch = h.epoch
		h.held += head.paid
	}
}

// add gives o an ID.
func (h *heap) add(o object) ID {
	h.last++
	h.put(h.last, o)
	h.changing(h.last, o)
	return h.last
}

// own returns the object named id, copied if another heap may still see it.
func (h *heap) own(id ID) object {
	o := h.get(id)
	if o == nil {
		return nil
	}
	if o.head().epoch != h.epoch {
		o = o.clone()
		h.put(id, o)
	}
	h.changing(id, o)
	return o
}

// look returns the object named id for reading, or nil when there is none of that type.
func look[T any](h *heap, id ID) *T {
	t, _ := any(h.get(id)).(*T)
	return t
}

// edit returns the object named id for changing, or nil when there is none of that type.
func edit[T any](h *heap, id ID) *T {
	if _, ok := any(h.get(id)).(*T); !ok {
		return nil
	}
	return any(h.own(id)).(*T)
}

// hashTo writes all objects in the order of their IDs.
func (h *heap) hashTo(to *hasher) {
	to.num(uint64(h.last))
	for i, l := range h.leaves {
		if l == nil {
			continue
		}
		for j, o := range l.objs {
			if o != nil {
				to.num(uint64(i*leafSize + j))
				o.hashTo(to)
			}
		}
	}
}

// A hasher writes numbers and strings into a hash so that no two sequences look the same.
type hasher struct {
	hash.Hash
	b [8]byte
}

func (h *hasher) num(v uint64) {
	binary.LittleEndian.PutUint64(h.b[:], v)
	h.Write(h.b[:])
}

func (h *hasher) nums(v ...uint64) {
	for _, v := range v {
		h.num(v)
	}
}

func (h *hasher) bytes(b []byte) {
	h.num(uint64(len(b)))
	h.Write(b)
}

func (h *hasher) str(s string) { h.bytes([]byte(s)) }

func (h *hasher) flag(b bool) {
	if b {
		h.num(1)
	} else {
		h.num(0)
	}
}
