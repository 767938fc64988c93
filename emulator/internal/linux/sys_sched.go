package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

func sysSchedYield(k *Kernel, t *Thread, a args) (uint64, error) {
	k.yield()
	return 0, nil
}

func sysSchedGetparam(k *Kernel, t *Thread, a args) (uint64, error) { return 0, k.store32(a[1], 0) }

// affinityWords is the size of a mask of processors in 64-bit words.
func (k *Kernel) affinityWords() int { return (k.cpus + 63) / 64 }

// target returns the thread that the ID means: 0 is the caller.
func (k *Kernel) target(t *Thread, id int32) (*Thread, error) {
	if id == 0 {
		return t, nil
	}
	if o := k.thread(int(id)); o != nil {
		return o, nil
	}
	return nil, errno.ESRCH
}

func sysGetaffinity(k *Kernel, t *Thread, a args) (uint64, error) {
	size := uint64(uint32(a[1]))
	if size*8 < uint64(k.cpus) || size&7 != 0 {
		return 0, errno.EINVAL
	}
	o, err := k.target(t, a.int32(0))
	if err != nil {
		return 0, err
	}
	mask := make([]uint64, k.affinityWords())
	for i := range k.cpus {
		mask[i/64] |= 1 << (i % 64)
	}
	if o.affinity != "" { // empty: all
		for i := range mask {
			mask[i] &= le64([]byte(o.affinity[8*i:]))
		}
	}
	return uint64(8 * len(mask)), k.storeWords(a[2], mask...)
}

func sysSetaffinity(k *Kernel, t *Thread, a args) (uint64, error) {
	o, err := k.target(t, a.int32(0))
	if err != nil {
		return 0, err
	}
	b := make([]byte, 8*k.affinityWords())
	if err := k.copyIn(b[:min(uint64(len(b)), uint64(uint32(a[1])))], a[2]); err != nil {
		return 0, err
	}
	any := false
	for i := range k.cpus {
		any = any || b[i/8]>>(i%8)&1 != 0
	}
	if !any {
		return 0, errno.EINVAL
	}
	o.affinity = string(b)
	return 0, nil
}

func sysGetcpu(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[0] != 0 {
		if err := k.store32(a[0], uint32((t.TID-PID)%k.cpus)); err != nil {
			return 0, err
		}
	}
	if a[1] != 0 {
		return 0, k.store32(a[1], 0)
	}
	return 0, nil
}

func sysMembarrier(k *Kernel, t *Thread, a args) (uint64, error) {
	const commands = 1<<9 - 1 // MEMBARRIER_CMD_GLOBAL to REGISTER_PRIVATE_EXPEDITED_RSEQ
	cmd := uint64(uint32(a[0]))
	switch {
	case a[1] != 0:
		return 0, errno.EINVAL
	case cmd == 0:
		return commands, nil
	case cmd&(cmd-1) != 0 || cmd&commands == 0:
		return 0, errno.EINVAL
	}
	return 0, nil
}
