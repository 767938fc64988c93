package vfs

import (
	"maps"
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/digest"
)

// chunkSize is how many bytes of a file are copied when one of them is changed after a Clone.
const chunkSize = 1 << 16

// A chunk is up to chunkSize bytes of a file; what is beyond data reads as zeroes. Only a heap of the same epoch may
// change data; epoch 0 is never a heap's.
type chunk struct {
	epoch uint64
	data  []byte
	// sum is the digest of data, forgotten when the chunk is handed out for writing.
	sum digest.Cache
}

// A content is the bytes of a regular file. Chunks that nobody wrote are missing: a hole.
type content struct {
	size   int64
	chunks map[int64]*chunk
	held   int64 // the price of the chunks; those that share what the user of the machine gave cost nothing
}

// contentOf returns a content that shares b, which must not change any more.
func contentOf(b []byte) content {
	c := content{size: int64(len(b)), chunks: make(map[int64]*chunk, len(b)/chunkSize+1)}
	for i := int64(0); len(b) > 0; i++ {
		n := min(len(b), chunkSize)
		c.chunks[i] = &chunk{data: b[:n:n]}
		b = b[n:]
	}
	return c
}

func (c *content) clone() content { return content{c.size, maps.Clone(c.chunks), c.held} }

// readAt fills b from offset off as far as the file goes.
func (c *content) readAt(b []byte, off int64) int {
	if off >= c.size {
		return 0
	}
	b = b[:min(int64(len(b)), c.size-off)]
	for done := 0; done < len(b); {
		part := b[done:]
		at := (off + int64(done)) % chunkSize
		part = part[:min(int64(len(part)), chunkSize-at)]
		n := 0
		if k := c.chunks[(off+int64(done))/chunkSize]; k != nil && at < int64(len(k.data)) {
			n = copy(part, k.data[at:])
		}
		clear(part[n:])
		done += len(part)
	}
	return len(b)
}

// writeAt stores b at off, growing the file. It returns by how many bytes the chunks have grown.
func (c *content) writeAt(epoch uint64, b []byte, off int64) (grown int64) {
	c.size = max(c.size, off+int64(len(b)))
	for len(b) > 0 {
		at := int(off % chunkSize)
		n := min(len(b), chunkSize-at)
		k := c.own(epoch, off/chunkSize)
		if need := at + n; need > len(k.data) {
			grown += int64(need - len(k.data))
			c.held += int64(need - len(k.data))
			k.data = append(k.data, make([]byte, need-len(k.data))...)
		}
		copy(k.data[at:], b[:n])
		b = b[n:]
		off += int64(n)
	}
	return grown
}

// growth returns by how much the price of the content would rise if n bytes were written at off.
func (c *content) growth(off int64, n int) (g int64) {
	for n > 0 {
		at := int(off % chunkSize)
		part := min(n, chunkSize-at)
		have := 0
		if k := c.chunks[off/chunkSize]; k != nil && k.epoch != 0 {
			have = len(k.data)
		} else {
			g += account.Chunk
			if k != nil {
				g += int64(max(len(k.data)-at-part, 0))
			}
		}
		g += int64(max(at+part-have, 0))
		n -= part
		off += int64(part)
	}
	return g
}

// own returns chunk i, made or copied as needed.
func (c *content) own(epoch uint64, i int64) *chunk {
	k := c.chunks[i]
	if k == nil || k.epoch != epoch {
		n := &chunk{epoch: epoch}
		if k != nil {
			n.data = slices.Clone(k.data)
		}
		if k == nil || k.epoch == 0 {
			c.held += account.Chunk + int64(len(n.data))
		}
		k = n
		if c.chunks == nil {
			c.chunks = make(map[int64]*chunk)
		}
		c.chunks[i] = k
	}
	k.sum.Forget()
	return k
}

// truncate makes the file size bytes long. It returns by how many bytes the chunks have shrunk.
func (c *content) truncate(epoch uint64, size int64) (shrunk int64) {
	if size < c.size {
		last := size / chunkSize
		maps.DeleteFunc(c.chunks, func(i int64, k *chunk) bool {
			if i > last || i == last && size%chunkSize == 0 {
				shrunk += int64(len(k.data))
				c.dropped(k)
				return true
			}
			return false
		})
		if k := c.chunks[last]; k != nil && int64(len(k.data)) > size%chunkSize {
			k = c.own(epoch, last)
			shrunk += int64(len(k.data)) - size%chunkSize
			c.held -= int64(len(k.data)) - size%chunkSize
			k.data = slices.Clone(k.data[:size%chunkSize])
		}
	}
	c.size = size
	return shrunk
}

// punch makes [off, off+size) zeroes and drops the chunks that hold nothing else, unless they are below solid: there a missing
// chunk is not a hole. It returns by how many bytes the chunks have shrunk.
func (c *content) punch(epoch uint64, off, size, solid int64) (shrunk int64) {
	end := min(off+size, c.size)
	for _, i := range c.within(off, end) {
		start := i * chunkSize
		from, to := max(off-start, 0), min(end-start, chunkSize)
		was := int64(len(c.chunks[i].data))
		switch {
		case from >= was:
		case from == 0 && to >= was && start >= solid:
			c.dropped(c.chunks[i])
			delete(c.chunks, i)
			shrunk += was
		case to >= was:
			k := c.own(epoch, i)
			k.data = slices.Clone(k.data[:from])
			c.held -= was - from
			shrunk += was - from
		default:
			clear(c.own(epoch, i).data[from:to])
		}
	}
	return shrunk
}

// within returns the numbers of the chunks that hold bytes of [off, end), in order.
func (c *content) within(off, end int64) []int64 {
	if off >= end {
		return nil
	}
	var list []int64
	first, last := off/chunkSize, (end-1)/chunkSize
	if last-first < int64(len(c.chunks)) {
		for i := first; i <= last; i++ {
			if c.chunks[i] != nil {
				list = append(list, i)
			}
		}
		return list
	}
	for i := range c.chunks {
		if i >= first && i <= last {
			list = append(list, i)
		}
	}
	slices.Sort(list)
	return list
}

// extents returns the parts of [off, end) that are below solid or in a chunk.
func (c *content) extents(off, end, solid int64) []Extent {
	var list []Extent
	put := func(from, to int64) {
		if from, to = max(from, off), min(to, end); from >= to {
			return
		}
		if last := len(list) - 1; last >= 0 && list[last].Off+list[last].Size == from {
			list[last].Size += to - from
		} else {
			list = append(list, Extent{from, to - from})
		}
	}
	put(0, solid)
	for _, i := range c.within(max(off, solid), end) {
		put(max(i*chunkSize, solid), (i+1)*chunkSize)
	}
	return list
}

// dropped counts that k is no longer one of the chunks.
func (c *content) dropped(k *chunk) {
	if k.epoch != 0 {
		c.held -= account.Chunk + int64(len(k.data))
	}
}

// stored returns how many bytes the chunks hold.
func (c *content) stored() (n int64) {
	for _, k := range c.chunks {
		n += int64(len(k.data))
	}
	return n
}

// nextData returns the lowest offset ≥ off that is in a chunk, and nextHole the lowest that is not; the end of the file is a
// hole. They answer SEEK_DATA and SEEK_HOLE to the precision of a chunk.
func (c *content) nextData(off int64) (int64, bool) {
	best, found := int64(0), false
	for i := range c.chunks {
		start := i * chunkSize
		if start+chunkSize > off && (!found || start < best) {
			best, found = start, true
		}
	}
	return max(best, off), found && max(best, off) < c.size
}

func (c *content) nextHole(off int64) int64 {
	for off < c.size && c.chunks[off/chunkSize] != nil {
		off = (off/chunkSize + 1) * chunkSize
	}
	return min(off, c.size)
}

// hashTo writes the content in a form that does not depend on which holes are filled with zeroes at a chunk's end.
func (c *content) hashTo(h *hasher) {
	h.num(uint64(c.size))
	for _, i := range slices.Sorted(maps.Keys(c.chunks)) {
		k := c.chunks[i]
		sum := k.sum.Sum(func() [digest.Size]byte { return digest.Sum(k.data) })
		h.num(uint64(i))
		h.Write(sum[:])
	}
}
