package x86

import "math/bits"

// What CPUID says (SDM vol. 2, table 3-8): what the machine has and nothing that it lacks, so that programs choose code that it
// can execute (TestFeatures holds it to that). That is all of x86-64-v2 but MMX, for which no bit is set, and x87: the FPU bit
// is set because amd64 has no processors without one and the unit's control word is there; instructions on x87 data are
// reported as unimplemented.
const (
	// ecx1 and edx1 are the features of leaf 1.
	ecx1 = 1<<0 | // SSE3
		1<<1 | // PCLMULQDQ
		1<<9 | // SSSE3
		1<<13 | // CMPXCHG16B
		1<<19 | // SSE4.1
		1<<20 | // SSE4.2
		1<<22 | // MOVBE
		1<<23 | // POPCNT
		1<<25 // AES
	edx1 = 1<<0 | // FPU
		1<<4 | // TSC
		1<<8 | // CMPXCHG8B
		1<<15 | // CMOV
		1<<19 | // CLFLUSH
		1<<24 | // FXSAVE
		1<<25 | // SSE
		1<<26 // SSE2
	edx1HTT = 1 << 28 // EBX holds the number of logical processors

	// ebx7 is the features of leaf 7.
	ebx7 = 1<<23 | // CLFLUSHOPT
		1<<29 // SHA

	// ecxExt and edxExt are the features of leaf 0x80000001.
	ecxExt = 1 << 0  // LAHF in 64-bit mode
	edxExt = 1<<11 | // SYSCALL
		1<<20 | // NX
		1<<27 | // RDTSCP
		1<<29 // long mode

	// signature is family 6, model 0x2c, stepping 2: Westmere, the last design without AVX.
	signature = 0x206c2

	maxLeaf    = 0xb
	maxExtLeaf = 0x80000008

	lineSize = 64 // of the caches, in bytes
)

// brand is the processor's name, in at most 48 bytes. Linux shows it in /proc/cpuinfo, Go in benchmark results.
const brand = "rt0 virtual CPU (SSE4.2; no MMX/x87) @ 1.00GHz"

// cacheLevels are the caches that leaf 4 tells of, in KiB: a plain set of Westmere's sizes.
var cacheLevels = []struct{ kind, level, ways, kib uint32 }{
	{1, 1, 8, 32}, // data
	{2, 1, 4, 32}, // instructions
	{3, 2, 8, 256},
	{3, 3, 16, 12288},
}

func cpuid(c *CPU, in *Inst) {
	a, b, cx, d := c.leaf(uint32(c.R[RAX]), uint32(c.R[RCX]))
	c.R[RAX], c.R[RBX], c.R[RCX], c.R[RDX] = uint64(a), uint64(b), uint64(cx), uint64(d)
}

// leaf returns EAX, EBX, ECX and EDX of a leaf. A leaf that does not exist reads as the highest basic one.
func (c *CPU) leaf(leaf, sub uint32) (a, b, cx, d uint32) {
	if leaf > maxLeaf && (leaf < 0x80000000 || leaf > maxExtLeaf) {
		leaf = maxLeaf
	}
	cpus := uint32(max(c.CPUs, 1))
	width := uint32(bits.Len32(cpus - 1)) // of a number that tells the processors apart
	switch leaf {
	case 0:
		return maxLeaf, word("Genu"), word("ntel"), word("ineI")
	case 1:
		d = edx1
		if cpus > 1 {
			d |= edx1HTT
		}
		return signature, lineSize/8<<8 | min(cpus, 255)<<16, ecx1, d
	case 2:
		return 0xff01, 0, 0, 0 // the caches are told in leaf 4
	case 4:
		if sub >= uint32(len(cacheLevels)) {
			return 0, 0, 0, 0
		}
		l := cacheLevels[sub]
		sharing := uint32(1)
		if l.level == 3 {
			sharing = min(uint32(1)<<width, 4096)
		}
		sets := l.kib * 1024 / lineSize / l.ways
		return l.kind | l.level<<5 | 1<<8 | (sharing-1)<<14 | min(uint32(1)<<width-1, 63)<<26, lineSize - 1 | (l.ways-1)<<22, sets - 1, 0
	case 7:
		if sub == 0 {
			return 0, ebx7, 0, 0
		}
	case 0xb:
		switch sub {
		case 0: // threads of a core
			return 0, 1, 1 << 8, 0
		case 1: // cores of the package
			return width, cpus, 2<<8 | 1, 0
		}
		return 0, 0, sub & 0xff, 0
	case 0x80000000:
		return maxExtLeaf, 0, 0, 0
	case 0x80000001:
		return 0, 0, ecxExt, edxExt
	case 0x80000002, 0x80000003, 0x80000004:
		var name [48]byte
		copy(name[:], brand)
		s := string(name[(leaf-0x80000002)*16:])
		return word(s), word(s[4:]), word(s[8:]), word(s[12:])
	case 0x80000006:
		return 0, 0, 256<<16 | 6<<12 | lineSize, 0 // L2: 256 KiB, 8 ways
	case 0x80000007:
		return 0, 0, 0, 1 << 8 // the time-stamp counter never changes its rate
	case 0x80000008:
		return 48<<8 | 46, 0, 0, 0 // bits of a linear and of a physical address
	}
	return 0, 0, 0, 0
}

// word returns the first four bytes of s as a register holds them.
func word(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// FeaturesEDX are the features that CPUID tells of in EDX of leaf 1, which Linux hands to programs as AT_HWCAP.
const FeaturesEDX = edx1

// Brand is the processor's name, Family, Model and Stepping its signature, as /proc/cpuinfo has them.
const Brand, Family, Model, Stepping = brand, signature >> 8 & 0xf, signature>>12&0xf0 | signature>>4&0xf, signature & 0xf

// FeatureNames returns the features that CPUID tells of, by the names and in the order in which /proc/cpuinfo has them
// (arch/x86/include/asm/cpufeatures.h).
func FeatureNames(cpus int) string {
	ht := ""
	if cpus > 1 {
		ht = "ht "
	}
	return "fpu tsc cx8 cmov clflush fxsr sse sse2 " + ht + "syscall nx rdtscp lm constant_tsc pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 movbe popcnt aes lahf_lm clflushopt sha_ni"
}
