package memory

import (
	"slices"
	"sort"
)

// MaxAreas is the most areas that there may be (vm.max_map_count, DEFAULT_MAX_MAP_COUNT in include/linux/mm.h).
const MaxAreas = 65530

// blockAreas is the most areas that a block holds.
const blockAreas = 16

// An areaList holds a space's areas in address order, in blocks, so that a change moves the areas of one block and not those of
// the whole list. Blocks and the list of blocks belong to epochs as pages do: snapshots share them.
type areaList struct {
	blocks []areaBlock
	epoch  uint64 // of blocks
	count  int
	moved  uint64 // areas that were copied from one place in the host's memory to another: AreaMoves
}

// An areaBlock is up to blockAreas areas, at least one, and what a search for free space needs to know of them.
type areaBlock struct {
	areas      []Area
	epoch      uint64
	start, end uint64 // of the first area, and of the last one
	gap        uint64 // the largest free space between two of the areas, in bytes
}

// A position is that of an area: its block, and its place there.
type position struct{ block, i int }

func (l *areaList) within(at position) bool { return at.block < len(l.blocks) }
func (l *areaList) at(at position) *Area    { return &l.blocks[at.block].areas[at.i] }
func (l *areaList) next(at position) position {
	if at.i++; at.i == len(l.blocks[at.block].areas) {
		at = position{at.block + 1, 0}
	}
	return at
}

// previous returns the position before at, which may be the end of the list.
func (l *areaList) previous(at position) (position, bool) {
	switch {
	case at.i > 0:
		return position{at.block, at.i - 1}, true
	case at.block > 0:
		return position{at.block - 1, len(l.blocks[at.block-1].areas) - 1}, true
	}
	return position{}, false
}

// index returns the position of the first area that ends above addr.
func (l *areaList) index(addr uint64) position {
	b := sort.Search(len(l.blocks), func(i int) bool { return l.blocks[i].end > addr })
	if b == len(l.blocks) {
		return position{block: b}
	}
	areas := l.blocks[b].areas
	return position{b, sort.Search(len(areas), func(i int) bool { return areas[i].End > addr })}
}

// splice puts the areas of list in the place of n areas from at on.
func (l *areaList) splice(epoch uint64, at position, n int, list []Area) {
	if l.epoch != epoch {
		l.blocks, l.epoch = slices.Clone(l.blocks), epoch
	}
	l.count += len(list) - n
	if at.i == 0 && at.block > 0 && n == 0 && len(l.blocks[at.block-1].areas) < blockAreas {
		at = position{at.block - 1, len(l.blocks[at.block-1].areas)} // at the end of a block nothing has to make room
	}
	last := at // the block in which the n areas end, and the place behind them there
	last.i += n
	for last.block < len(l.blocks) && last.i > len(l.blocks[last.block].areas) {
		last.i -= len(l.blocks[last.block].areas)
		last.block++
	}
	var before, after []Area
	var old []areaBlock
	if at.block < len(l.blocks) {
		before, after = l.blocks[at.block].areas[:at.i], l.blocks[last.block].areas[last.i:]
		old = l.blocks[at.block : last.block+1]
	}
	if size := len(before) + len(list) + len(after); len(old) == 1 && size > 0 && size <= blockAreas {
		b := &old[0]
		if b.epoch != epoch {
			b.areas, b.epoch = append(make([]Area, 0, blockAreas), b.areas...), epoch
			l.moved += uint64(len(b.areas))
		}
		b.areas = slices.Replace(b.areas, at.i, last.i, list...)
		l.moved += uint64(len(list))
		if n != len(list) {
			l.moved += uint64(len(after))
		}
		b.measure()
		return
	}
	// A block that was full stays so where areas come one by one from one side: the new one gets a block of its own.
	var blocks []areaBlock
	add := func(areas []Area) {
		for len(areas) > 0 {
			part := areas[:min(len(areas), blockAreas)]
			areas = areas[len(part):]
			b := areaBlock{areas: append(make([]Area, 0, blockAreas), part...), epoch: epoch}
			b.measure()
			blocks = append(blocks, b)
			l.moved += uint64(len(part))
		}
	}
	keep := func(b areaBlock, areas []Area) {
		if len(areas) == len(b.areas) && len(areas) > 0 {
			blocks = append(blocks, b)
		} else {
			add(areas)
		}
	}
	if len(old) == 0 {
		add(list)
	} else {
		keep(old[0], before)
		add(list)
		keep(old[len(old)-1], after)
	}
	l.blocks = slices.Replace(l.blocks, at.block, at.block+len(old), blocks...)
}

// measure brings what is known of the block's areas up to date.
func (b *areaBlock) measure() {
	b.start, b.end, b.gap = b.areas[0].Start, b.areas[len(b.areas)-1].End, 0
	for i := 1; i < len(b.areas); i++ {
		b.gap = max(b.gap, b.areas[i].Start-b.areas[i-1].End)
	}
}

// freeBelow returns the highest address at or above low where size bytes below high are free.
func (l *areaList) freeBelow(low, high, size uint64) (addr uint64, ok bool) {
	top := high
	fits := func(bottom uint64) bool { return top >= max(bottom, low) && top-max(bottom, low) >= size }
	b := sort.Search(len(l.blocks), func(i int) bool { return l.blocks[i].start >= high }) - 1
	for ; b >= 0 && top >= low+size; b-- {
		block := &l.blocks[b]
		if fits(block.end) {
			return top - size, true
		}
		if block.gap >= size || block.end > high {
			for i := len(block.areas) - 1; i >= 0; i-- {
				if fits(block.areas[i].End) {
					return top - size, true
				}
				top = min(top, block.areas[i].Start)
			}
		}
		top = min(top, block.start)
	}
	return top - size, fits(low)
}
