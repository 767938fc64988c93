package memory

// What a node of the tree and a page take of the host's memory, in bytes, near enough.
const (
	nodeBytes = 8 * fanout
	pageBytes = PageSize + PageSize/4 // what the host's allocator hands out for a Page
)

// Unshared returns about how many bytes of the host's memory the snapshot holds that the other one does not: what would
// come free if the snapshot were dropped and the other kept. It looks only at what differs, so neighbours are compared
// quickly.
func (n *Snapshot) Unshared(other *Snapshot) uint64 { return unshared(n.root, other.root) }

func unshared(a, b *node) uint64 {
	if a == b || a == nil {
		return 0
	}
	bytes := uint64(nodeBytes)
	if a.kids != nil {
		for i, kid := range a.kids {
			var other *node
			if b != nil {
				other = b.kids[i]
			}
			bytes += unshared(kid, other)
		}
		return bytes
	}
	for i, p := range a.pages {
		if p != nil && (b == nil || b.pages[i] != p) {
			bytes += pageBytes
		}
	}
	return bytes
}
