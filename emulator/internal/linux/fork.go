package linux

import (
	"io"

	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// An Outside is what the guest reaches of the host: its standard streams and mounted directories, and a record of what they
// have answered.
type Outside = vfs.Outside

// Outside returns the host that the guest reaches.
func (k *Kernel) Outside() *Outside { return k.files.Outside() }

// ForkOutside returns a host for a copy of the kernel that goes its own way. The copy reads what the guest has read of stdin
// by now, then the reader given; what the guest has written by now it does not write again.
func (k *Kernel) ForkOutside(stdin io.Reader, stdout, stderr io.Writer) *Outside {
	return k.files.ForkOutside(stdin, stdout, stderr)
}

// Belong ties a copy of a kernel to a program and a host: its own, for a copy takes over what the original is tied to.
func (k *Kernel) Belong(h *Host, out *Outside) {
	k.Host = h
	k.files.SetOutside(out)
}

// Reseed makes all chance from now on come from another seed. What has come from the old one stays.
func (k *Kernel) Reseed(seed uint64) {
	k.turns, k.entropy = newRandom(seed, turnsSeed), newRandom(seed, entropySeed)
	k.files.Reseed(uint64(newRandom(seed, filesSeed)))
}

// What the sequences of random numbers are for: each purpose has its own.
const (
	turnsSeed   = "turns"
	entropySeed = "entropy"
	filesSeed   = "files"
)
