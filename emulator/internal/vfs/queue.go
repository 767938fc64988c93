package vfs

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
)

// A queue is bytes waiting to be read. The slices in it are never changed, so that clones can share them.
type queue struct {
	parts [][]byte
	size  int
	taken int // bytes of the first part that have been read: the host holds them until the part is gone
}

func (q *queue) clone() queue { return queue{slices.Clone(q.parts), q.size, q.taken} }

// price returns what the queue holds.
func (q *queue) price() int64 { return int64(q.size+q.taken) + int64(len(q.parts))*account.Part }

// push appends a copy of b.
func (q *queue) push(b []byte) {
	if len(b) > 0 {
		q.parts = append(q.parts, slices.Clone(b))
		q.size += len(b)
	}
}

// peek fills b from the front and takes nothing away.
func (q *queue) peek(b []byte) (n int) {
	for _, p := range q.parts {
		if n == len(b) {
			break
		}
		n += copy(b[n:], p)
	}
	return n
}

// pop drops n bytes from the front.
func (q *queue) pop(n int) {
	q.size -= n
	i := 0
	for n > 0 {
		if p := q.parts[i]; n < len(p) {
			q.parts[i] = p[n:]
			q.taken += n
			break
		}
		n -= len(q.parts[i])
		q.taken = 0
		i++
	}
	q.parts = shrunk(slices.Delete(q.parts, 0, i))
}

func (q *queue) hashTo(h *hasher) {
	h.num(uint64(q.size))
	for _, p := range q.parts {
		h.Write(p)
	}
}

// shrunk returns s without the room that it had when it was much longer, which no price covers.
func shrunk[T any](s []T) []T {
	switch {
	case len(s) == 0:
		return nil
	case cap(s) > 32 && cap(s) > 4*len(s):
		return append(make([]T, 0, 2*len(s)), s...)
	}
	return s
}
