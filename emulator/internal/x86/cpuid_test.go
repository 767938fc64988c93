package x86

import (
	"math/bits"
	"strings"
	"testing"
)

// TestFeatures executes an instruction of each feature that CPUID can tell of: those that it tells of work, the others are
// #UD. What user programs cannot tell (page tables, MSRs) is left out.
func TestFeatures(t *testing.T) {
	const leaf1, leaf7, ext = 1, 7, 0x80000001
	told := map[[3]uint32]bool{} // leaf, register (0 EBX, 1 ECX, 2 EDX), bit
	for _, f := range []struct {
		name          string
		leaf, reg, at uint32
		code          string // RBX points to data
	}{
		{"SSE3", leaf1, 1, 0, "\xf2\x0f\xd0\xc0"},              // ADDSUBPS
		{"PCLMULQDQ", leaf1, 1, 1, "\x66\x0f\x3a\x44\xc0\x00"}, //
		{"MONITOR", leaf1, 1, 3, "\x0f\x01\xc8"},               //
		{"SSSE3", leaf1, 1, 9, "\x66\x0f\x38\x00\xc0"},         // PSHUFB
		{"FMA", leaf1, 1, 12, "\xc4\xe2\x79\x98\xc0"},          // VFMADD132PS
		{"CMPXCHG16B", leaf1, 1, 13, "\x48\x0f\xc7\x0b"},       //
		{"SSE4.1", leaf1, 1, 19, "\x66\x0f\x38\x40\xc0"},       // PMULLD
		{"SSE4.2", leaf1, 1, 20, "\x66\x0f\x38\x37\xc0"},       // PCMPGTQ
		{"MOVBE", leaf1, 1, 22, "\x0f\x38\xf0\x03"},            //
		{"POPCNT", leaf1, 1, 23, "\xf3\x0f\xb8\xc0"},           //
		{"AES", leaf1, 1, 25, "\x66\x0f\x38\xdc\xc0"},          // AESENC
		{"XSAVE", leaf1, 1, 26, "\x0f\xae\x23"},                //
		{"OSXSAVE", leaf1, 1, 27, "\x31\xc9\x0f\x01\xd0"},      // XGETBV
		{"AVX", leaf1, 1, 28, "\xc5\xf8\x57\xc0"},              // VXORPS
		{"F16C", leaf1, 1, 29, "\xc4\xe2\x79\x13\xc0"},         // VCVTPH2PS
		{"RDRAND", leaf1, 1, 30, "\x0f\xc7\xf0"},               //
		{"TSC", leaf1, 2, 4, "\x0f\x31"},                       // RDTSC
		{"CX8", leaf1, 2, 8, "\x0f\xc7\x0b"},                   // CMPXCHG8B
		{"SEP", leaf1, 2, 11, "\x0f\x34"},                      // SYSENTER
		{"CMOV", leaf1, 2, 15, "\x0f\x44\xc0"},                 // CMOVE
		{"CLFSH", leaf1, 2, 19, "\x0f\xae\x3b"},                // CLFLUSH
		{"MMX", leaf1, 2, 23, "\x0f\xef\xc0"},                  // PXOR mm0
		{"FXSR", leaf1, 2, 24, "\x0f\xae\x03"},                 // FXSAVE
		{"SSE", leaf1, 2, 25, "\x0f\x58\xc0"},                  // ADDPS
		{"SSE2", leaf1, 2, 26, "\x66\x0f\x58\xc0"},             // ADDPD
		{"FSGSBASE", leaf7, 0, 0, "\xf3\x48\x0f\xae\xc0"},      // RDFSBASE
		{"BMI1", leaf7, 0, 3, "\xc4\xe2\x78\xf3\xc8"},          // BLSR
		{"AVX2", leaf7, 0, 5, "\xc5\xfd\xef\xc0"},              // VPXOR ymm
		{"BMI2", leaf7, 0, 8, "\xc4\xe2\x79\xf7\xc0"},          // SHLX
		{"RTM", leaf7, 0, 11, "\xc7\xf8\x00\x00\x00\x00"},      // XBEGIN
		{"RDSEED", leaf7, 0, 18, "\x0f\xc7\xf8"},               //
		{"ADX", leaf7, 0, 19, "\x66\x0f\x38\xf6\xc0"},          // ADCX
		{"CLFLUSHOPT", leaf7, 0, 23, "\x66\x0f\xae\x3b"},       //
		{"CLWB", leaf7, 0, 24, "\x66\x0f\xae\x33"},             //
		{"SHA", leaf7, 0, 29, "\x0f\x38\xc8\xc0"},              // SHA1NEXTE
		{"GFNI", leaf7, 1, 8, "\x66\x0f\x38\xcf\xc0"},          // GF2P8MULB
		{"RDPID", leaf7, 1, 22, "\xf3\x0f\xc7\xf8"},            //
		{"MOVDIRI", leaf7, 1, 27, "\x0f\x38\xf9\x03"},          //
		{"LAHF", ext, 1, 0, "\x9f"},                            //
		{"SSE4a", ext, 1, 6, "\x66\x0f\x78\xc0\x00\x00"},       // EXTRQ
		{"XOP", ext, 1, 11, "\x8f\xe8\x78\xa2\xc0\x00"},        // VPCMOV
		{"FMA4", ext, 1, 16, "\xc4\xe3\xf9\x68\xc0\x00"},       // VFMADDPS
		{"SYSCALL", ext, 2, 11, "\x0f\x05"},                    //
		{"RDTSCP", ext, 2, 27, "\x0f\x01\xf9"},                 //
		{"3DNow!", ext, 2, 31, "\x0f\x0f\xc0\x9e"},             // PFADD
	} {
		c, _ := machine(t, f.code+"\x0f\x05")
		c.CPUs = 1
		a, b, cx, d := c.leaf(f.leaf, 0)
		_ = a
		has := [3]uint32{b, cx, d}[f.reg]>>f.at&1 == 1
		told[[3]uint32{f.leaf, f.reg, f.at}] = true
		c.R[RBX] = testData
		_, why := c.Run(10)
		if works := why == ExitSyscall; works != has {
			t.Errorf("%s: CPUID says %v, and the instruction works: %v (%+v)", f.name, has, works, c.Trap)
		}
	}
	// Bits without an instruction that tells: FPU (see QUIRKS.md), NX, long mode.
	for _, bit := range [][3]uint32{{leaf1, 2, 0}, {ext, 2, 20}, {ext, 2, 29}} {
		told[bit] = true
	}
	c, _ := machine(t, "")
	c.CPUs = 1
	for _, leaf := range []uint32{leaf1, leaf7, ext} {
		_, b, cx, d := c.leaf(leaf, 0)
		if leaf == leaf1 {
			b = 0 // sizes and numbers
		}
		for reg, v := range [3]uint32{b, cx, d} {
			for at := range uint32(32) {
				if v>>at&1 == 1 && !told[[3]uint32{leaf, uint32(reg), at}] {
					t.Errorf("leaf %#x, register %d, bit %d is set, and nothing here tests it", leaf, reg, at)
				}
			}
		}
	}
}

// TestFeatureNames: as many names as bits that are set, and the invariant time-stamp counter's (leaf 0x80000007).
func TestFeatureNames(t *testing.T) {
	for _, cpus := range []int{1, 4} {
		c, _ := machine(t, "")
		c.CPUs = cpus
		_, _, c1, d1 := c.leaf(1, 0)
		_, b7, c7, _ := c.leaf(7, 0)
		_, _, cx, dx := c.leaf(0x80000001, 0)
		n := 1
		for _, v := range []uint32{c1, d1, b7, c7, cx, dx} {
			n += bits.OnesCount32(v)
		}
		if names := strings.Fields(FeatureNames(cpus)); len(names) != n {
			t.Errorf("%d processors: %d names for %d features", cpus, len(names), n)
		}
	}
}
