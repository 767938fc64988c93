package linux

import (
	"bytes"
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// What handlers use to reach guest memory: with the guest's permissions, EFAULT where they forbid it.

func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// copyIn fills b from addr.
func (k *Kernel) copyIn(b []byte, addr uint64) error {
	if _, f := k.Mem.ReadAt(b, addr); f != nil {
		return errno.EFAULT
	}
	return nil
}

// copyOut stores b at addr.
func (k *Kernel) copyOut(addr uint64, b []byte) error {
	if _, f := k.Mem.WriteAt(b, addr); f != nil {
		return errno.EFAULT
	}
	return nil
}

func (k *Kernel) load64(addr uint64) (uint64, error) {
	var b [8]byte
	err := k.copyIn(b[:], addr)
	return le64(b[:]), err
}

func (k *Kernel) load32(addr uint64) (uint32, error) {
	var b [4]byte
	err := k.copyIn(b[:], addr)
	return le32(b[:]), err
}

func (k *Kernel) store64(addr, v uint64) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	return k.copyOut(addr, b[:])
}

func (k *Kernel) store32(addr uint64, v uint32) error {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	return k.copyOut(addr, b[:])
}

// storeWords stores 64-bit words at addr, as most structures of the system call interface are made of.
func (k *Kernel) storeWords(addr uint64, v ...uint64) error {
	b := make([]byte, 8*len(v))
	for i, w := range v {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
	return k.copyOut(addr, b)
}

// loadString returns the zero-terminated string at addr; it fails with ENAMETOOLONG if there is no zero in the first limit
// bytes.
func (k *Kernel) loadString(addr uint64, limit int) (string, error) {
	var out []byte
	for len(out) < limit {
		n := min(memory.PageSize-int(addr&memory.PageMask), limit-len(out))
		b := make([]byte, n)
		if err := k.copyIn(b, addr); err != nil {
			return "", err
		}
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return string(append(out, b[:i]...)), nil
		}
		out = append(out, b...)
		addr += uint64(n)
	}
	return "", errno.ENAMETOOLONG
}
