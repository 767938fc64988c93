package linux

import "github.com/rt0lab/rt0/emulator/internal/errno"

// A thread may keep a list of the locks that it holds, so that the kernel can tell those who wait for one that its owner has
// died (get_robust_list(2), Documentation/locking/robust-futex-ABI.rst). The head lies in guest memory: the address of the
// first entry, the distance in bytes from an entry to its futex, and an entry that is just being put in or taken out.
const (
	robustHeadSize = 24
	// robustLimit is how many entries are looked at: the list may be circular or hostile (ROBUST_LIST_LIMIT).
	robustLimit = 2048
)

func sysSetRobustList(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[1] != robustHeadSize {
		return 0, errno.EINVAL
	}
	t.robust = a[0]
	return 0, nil
}

func sysGetRobustList(k *Kernel, t *Thread, a args) (uint64, error) {
	if tid := a.int32(0); tid != 0 {
		if t = k.thread(int(tid)); t == nil {
			return 0, errno.ESRCH
		}
	}
	if err := k.store64(a[2], robustHeadSize); err != nil {
		return 0, err
	}
	return 0, k.store64(a[1], t.robust)
}

// releaseRobust marks the locks of the list as those of a dead owner, and wakes who waits for them. Whatever of the list
// cannot be read is left alone.
func (k *Kernel) releaseRobust(t *Thread) {
	if t.robust == 0 {
		return
	}
	var head [robustHeadSize]byte
	if k.copyIn(head[:], t.robust) != nil {
		return
	}
	entry, distance, pending := le64(head[:]), le64(head[8:]), le64(head[16:])
	for n := 0; entry&^1 != t.robust && n < robustLimit; n++ {
		next, err := k.load64(entry &^ 1)
		if entry != pending {
			k.ownerDied(t, entry, distance)
		}
		if err != nil {
			break
		}
		entry = next
	}
	if pending != 0 {
		k.ownerDied(t, pending, distance)
	}
}

// ownerDied marks the lock of an entry, the lowest bit of which says that it is priority-inheriting.
func (k *Kernel) ownerDied(t *Thread, entry, distance uint64) {
	addr, pi := entry&^1+distance, entry&1 != 0
	word, err := k.load32(addr)
	if err != nil || addr&3 != 0 || int(word&FUTEX_TID_MASK) != t.TID {
		return
	}
	if pi {
		k.handOver(addr, FUTEX_OWNER_DIED)
		return
	}
	if k.store32(addr, word&FUTEX_WAITERS|FUTEX_OWNER_DIED) == nil && word&FUTEX_WAITERS != 0 {
		k.futexWake(addr, 1, futexAnyBit)
	}
}
