package memory

import (
	"sync/atomic"

	"github.com/rt0lab/rt0/emulator/internal/digest"
)

// PageSize is the size of a guest page in bytes; AT_PAGESZ tells the guest the same number.
const (
	PageSize  = 4096
	PageShift = 12
	PageMask  = PageSize - 1
)

// MaxAddr is the first address above what a user process may map (TASK_SIZE on amd64 with four-level paging,
// arch/x86/include/asm/page_64_types.h).
const MaxAddr = 1<<47 - PageSize

// A Page is 4 KiB of guest memory. A page belongs to the epoch in which it was made or copied; only a Space of the same
// epoch may write to it, everyone else copies it first. That is what makes a snapshot cheap.
type Page struct {
	Data  [PageSize]byte
	epoch uint64
	// sum is the digest of Data, forgotten when the page is handed out for writing.
	sum digest.Cache
}

// epochs numbers the epochs of all Spaces of the host process, so that no two share one.
var epochs atomic.Uint64

// zeroPage is what an untouched page reads as. Nobody may write to it: its epoch is never a Space's.
var zeroPage Page

// node is one level of the radix tree from page number to page. Like a page it belongs to an epoch.
type node struct {
	epoch uint64
	kids  *[fanout]*node // inner levels, else nil
	pages *[fanout]*Page // the last level, else nil
}

const (
	fanoutBits = 9
	fanout     = 1 << fanoutBits
	levels     = 4 // 4 × 9 bits cover the 35 bits of a user page number
)

// lookup returns the page numbered vpn, or nil when nobody has written to it.
func (n *node) lookup(vpn uint64) *Page {
	for l := levels - 1; l > 0; l-- {
		if n == nil {
			return nil
		}
		n = n.kids[vpn>>(uint(l)*fanoutBits)&(fanout-1)]
	}
	if n == nil {
		return nil
	}
	return n.pages[vpn&(fanout-1)]
}

// own returns the slot for page vpn in a tree whose path from the root belongs to the epoch, copying what does not.
func (s *Space) slot(vpn uint64) **Page {
	p := &s.root
	for l := levels - 1; ; l-- {
		n := *p
		switch {
		case n == nil:
			n = &node{epoch: s.epoch}
			if l == 0 {
				n.pages = new([fanout]*Page)
			} else {
				n.kids = new([fanout]*node)
			}
			*p = n
		case n.epoch != s.epoch:
			n = s.ownNode(n, l)
			*p = n
		}
		if l == 0 {
			return &n.pages[vpn&(fanout-1)]
		}
		p = &n.kids[vpn>>(uint(l)*fanoutBits)&(fanout-1)]
	}
}

// ownNode returns the node, or a copy of it if it belongs to another epoch.
func (s *Space) ownNode(n *node, level int) *node {
	if n.epoch == s.epoch {
		return n
	}
	c := &node{epoch: s.epoch}
	if level == 0 {
		pages := *n.pages
		c.pages = &pages
	} else {
		kids := *n.kids
		c.kids = &kids
	}
	return c
}

// walk calls f for every page that was ever written, in address order.
func (n *node) walk(level int, base uint64, f func(vpn uint64, p *Page)) {
	if n == nil {
		return
	}
	if level == 0 {
		for i, p := range n.pages {
			if p != nil {
				f(base<<fanoutBits|uint64(i), p)
			}
		}
		return
	}
	for i, k := range n.kids {
		if k != nil {
			k.walk(level-1, base<<fanoutBits|uint64(i), f)
		}
	}
}
