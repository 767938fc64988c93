package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	register(
		supported(284, "eventfd", newFD(func(k *Kernel, a args) (int, error) { return k.files.Eventfd(uint32(a[0]), 0) }), Size),
		supported(290, "eventfd2", newFD(func(k *Kernel, a args) (int, error) { return k.files.Eventfd(uint32(a[0]), uint32(a[1])) }), Size, openFlags),
		partial(319, "memfd_create", newFD(sysMemfdCreate), "Files cannot be sealed, nor have huge pages.", Path, memfdFlags),
		supported(283, "timerfd_create", newFD(func(k *Kernel, a args) (int, error) { return k.files.Timerfd(int(a.int32(0)), uint32(a[1])) }), Int, openFlags),
		supported(286, "timerfd_settime", simple(sysTimerfdSettime), FD, Hex, Ptr, Ptr),
		supported(287, "timerfd_gettime", simple(sysTimerfdGettime), FD, Ptr),
		refused(282, "signalfd", errno.ENOSYS, "Signals are delivered to handlers only.", FD, Ptr, Size),
		refused(289, "signalfd4", errno.ENOSYS, "Signals are delivered to handlers only.", FD, Ptr, Size, Hex),
	)
}

var memfdFlags = Flags(bit(vfs.MFD_CLOEXEC, "MFD_CLOEXEC"), bit(vfs.MFD_ALLOW_SEALING, "MFD_ALLOW_SEALING"),
	bit(vfs.MFD_NOEXEC_SEAL, "MFD_NOEXEC_SEAL"), bit(vfs.MFD_EXEC, "MFD_EXEC"))

func sysMemfdCreate(k *Kernel, a args) (int, error) {
	name, err := k.path(a[0])
	if err != nil {
		return -1, err
	}
	return k.files.Memfd(name, uint32(a[1]))
}

// storeTimer stores a struct itimerspec.
func (k *Kernel) storeTimer(addr uint64, t vfs.Timer) error {
	is, in := split(t.Interval)
	vs, vn := split(t.Value)
	return k.storeWords(addr, is, in, vs, vn)
}

func sysTimerfdSettime(k *Kernel, a args) error {
	var to vfs.Timer
	var err error
	if to.Interval, err = k.loadTime(a[2], 1_000_000_000); err != nil {
		return err
	}
	if to.Value, err = k.loadTime(a[2]+16, 1_000_000_000); err != nil {
		return err
	}
	old, err := k.files.SetTimer(a.fd(0), uint32(a[1]), to)
	if err != nil || a[3] == 0 {
		return err
	}
	return k.storeTimer(a[3], old)
}

func sysTimerfdGettime(k *Kernel, a args) error {
	t, err := k.files.GetTimer(a.fd(0))
	if err != nil {
		return err
	}
	return k.storeTimer(a[1], t)
}
