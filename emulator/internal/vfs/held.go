package vfs

import "github.com/rt0lab/rt0/emulator/internal/account"

// Prices of what one call makes at most, besides bytes: a call is refused unless all of it fits.
const (
	openPrice   = account.OpenFile + account.Descriptor + account.Leaf
	objectPrice = account.Socket + account.Inode + account.Leaf + openPrice
	filePrice   = account.Inode + account.Dir + account.Name + account.Leaf
)

// Share makes the files one of several holders that share an account.
func (f *Files) Share(a *account.Account) { f.account = a }

// Held returns the price in bytes of all that the guest makes the files hold. What they held when the guest had done
// nothing costs nothing.
func (f *Files) Held() uint64 {
	n := f.heap.Held() - f.base + int64(len(f.fds)*account.Descriptor) + f.cached + int64(f.journal)*account.Change
	return uint64(max(n, 0))
}

// has says whether there is room for n more bytes.
func (f *Files) has(n int) bool { return f.account == nil || f.account.Has(uint64(n)) }

// Unshared returns about how many bytes of the host's memory f holds that o does not: it is for two clones of one Files,
// and looks only at what differs.
func (f *Files) Unshared(o *Files) (n uint64) {
	n = uint64(len(f.fds) * account.Descriptor)
	if f.heap.owner != o.heap.owner {
		n += uint64(len(f.heap.leaves) * account.LeafSlot)
	}
	for i, l := range f.heap.leaves {
		if l == nil || i < len(o.heap.leaves) && l == o.heap.leaves[i] {
			continue
		}
		n += account.Leaf
		for j, x := range l.objs {
			if x == nil {
				continue
			}
			y := o.heap.get(ID(i*leafSize + j))
			if x == y {
				continue
			}
			n += uint64(x.head().paid)
			a, ok := x.(*inode)
			if !ok {
				continue
			}
			if b, ok := y.(*inode); ok { // two states of a file share the chunks that have not changed
				for i, k := range a.data.chunks {
					if k.epoch != 0 && b.data.chunks[i] == k {
						n -= uint64(len(k.data))
					}
				}
			}
		}
	}
	return n
}
