//go:build amd64 || arm64 || 386 || arm || riscv64 || loong64 || wasm || ppc64le

package x86

import "unsafe"

// This is the one file with unsafe code. The hosts named above are little-endian like the guest and allow unaligned
// access, so a guest word inside a page is a host word. The callers have checked that off+size ≤ 4096.

func word8(p *[4096]byte, off uint64) *uint8 {
	return (*uint8)(unsafe.Add(unsafe.Pointer(p), off))
}

func word16(p *[4096]byte, off uint64) *uint16 {
	return (*uint16)(unsafe.Add(unsafe.Pointer(p), off))
}

func word32(p *[4096]byte, off uint64) *uint32 {
	return (*uint32)(unsafe.Add(unsafe.Pointer(p), off))
}

func word64(p *[4096]byte, off uint64) *uint64 {
	return (*uint64)(unsafe.Add(unsafe.Pointer(p), off))
}

// next returns the operation behind op. Every block ends with an operation that leaves it, so there is one.
func next(op *Op) *Op { return (*Op)(unsafe.Add(unsafe.Pointer(op), unsafe.Sizeof(*op))) }
