package linux

import "github.com/rt0lab/rt0/emulator/internal/account"

// Held returns the price in bytes of the kernel's own objects: threads, what they wait for, pending signals and timers.
func (k *Kernel) Held() uint64 {
	n := len(k.threads)*account.Thread + k.pendingSignals()*account.Signal + len(k.timers.posix)*account.PosixTimer
	for _, t := range k.threads {
		n += len(t.keys) * account.Key
	}
	return uint64(n)
}

// has says whether there is room for n more bytes.
func (k *Kernel) has(n int) bool { return k.account.Has(uint64(n)) }

// Account returns what the guest makes the host hold, all together, and the most that it may, in bytes.
func (k *Kernel) Account() (held, limit uint64) { return k.account.Held(), k.account.Limit() }

// Unshared returns about how many bytes of the host's memory a clone holds that another one does not, without memory.
func (k *Kernel) Unshared(o *Kernel) uint64 { return k.Held() + k.files.Unshared(o.files.Files) }
