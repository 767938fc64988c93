package vfs

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A device says what an inode does in place of holding bytes.
type device uint8

const (
	devNone device = iota
	devNull
	devZero
	devFull
	devRandom
	devTTY // there is no terminal: open fails
	devStdin
	devStdout
	devStderr
	devFDs // the directory /proc/self/fd
)

// rdev returns Linux's device number (Documentation/admin-guide/devices.txt), major 1 or 5.
func (d device) rdev() uint64 {
	switch d {
	case devNull:
		return 1<<8 | 3
	case devZero:
		return 1<<8 | 5
	case devFull:
		return 1<<8 | 7
	case devRandom:
		return 1<<8 | 9
	case devTTY:
		return 5 << 8
	}
	return 0
}

func (f *Files) readDevice(d device, b []byte) (int, error) {
	switch d {
	case devNull:
		return 0, nil
	case devZero, devFull:
		clear(b)
		return len(b), nil
	case devRandom:
		f.Random(b)
		return len(b), nil
	case devStdin:
		return f.readStdin(b)
	}
	return 0, errno.EBADF
}

func (f *Files) writeDevice(d device, b []byte) (int, error) {
	switch d {
	case devNull, devZero, devRandom:
		return len(b), nil
	case devFull:
		if len(b) == 0 {
			return 0, nil
		}
		return 0, errno.ENOSPC
	case devStdout, devStderr:
		i := d - devStdout
		n, err := f.out.emit(int(i), f.written[i], b)
		f.written[i] += int64(n)
		return n, err
	}
	return 0, errno.EBADF
}

// Random fills b with chance that follows from the seed alone. The generator is splitmix64 (Steele, Lea, Flood: Fast
// Splittable Pseudorandom Number Generators, 2014), whose state is one word.
func (f *Files) Random(b []byte) {
	var w [8]byte
	for len(b) > 0 {
		f.random += 0x9e3779b97f4a7c15
		z := f.random
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(w[:], z^z>>31)
		b = b[copy(b, w[:]):]
	}
}
