package vfs

import "slices"

// A queue is bytes waiting to be read. The slices in it are never changed, so that clones can share them.
type queue struct {
	parts [][]byte
	size  int
}

func (q *queue) clone() queue { return queue{slices.Clone(q.parts), q.size} }

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
			break
		}
		n -= len(q.parts[i])
		i++
	}
	q.parts = slices.Delete(q.parts, 0, i)
}

func (q *queue) hashTo(h *hasher) {
	h.num(uint64(q.size))
	for _, p := range q.parts {
		h.Write(p)
	}
}
