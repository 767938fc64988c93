package loader

import "github.com/rt0lab/rt0/emulator/internal/memory"

// Tags of the auxiliary vector (include/uapi/linux/auxvec.h and arch/x86/include/uapi/asm/auxvec.h; getauxval(3)).
const (
	AT_NULL         = 0  // end of the vector
	AT_PHDR         = 3  // address of the program headers
	AT_PHENT        = 4  // size of one in bytes
	AT_PHNUM        = 5  // how many there are
	AT_PAGESZ       = 6  // page size in bytes
	AT_BASE         = 7  // address of the dynamic linker; 0 in a static program
	AT_FLAGS        = 8  // always 0 here
	AT_ENTRY        = 9  // address of the first instruction
	AT_UID          = 11 // real user ID
	AT_EUID         = 12 // effective user ID
	AT_GID          = 13 // real group ID
	AT_EGID         = 14 // effective group ID
	AT_PLATFORM     = 15 // address of the string "x86_64"
	AT_HWCAP        = 16 // CPUID(1).EDX
	AT_CLKTCK       = 17 // unit of times(2), in Hz
	AT_SECURE       = 23 // 1 in a set-user-ID program
	AT_RANDOM       = 25 // address of 16 random bytes
	AT_HWCAP2       = 26 // more CPU features: bit 1 is FSGSBASE
	AT_EXECFN       = 31 // address of the path given to execve
	AT_SYSINFO_EHDR = 33 // address of the vDSO: never present here
	AT_MINSIGSTKSZ  = 51 // size in bytes of the frame of a signal handler
)

// minSignalStack is AT_MINSIGSTKSZ of a processor without XSAVE (arch/x86/kernel/signal.c, init_sigframe_size): the 440
// bytes of struct rt_sigframe, 512 of FXSAVE, and up to 15 and 63 of padding for their alignment, rounded up to 16.
const minSignalStack = (440 + 15 + 512 + 63 + 15) &^ 15

// clockTicks is USER_HZ.
const clockTicks = 100

// auxv returns the vector in the order in which Linux writes it (create_elf_tables), AT_NULL last. Left out are
// AT_SYSINFO_EHDR, because there is no vDSO, and AT_RSEQ_*, because there is no rseq.
func (img *Image) auxv(spec *StackSpec, random, execfn, platform uint64) [][2]uint64 {
	return [][2]uint64{
		{AT_MINSIGSTKSZ, minSignalStack},
		{AT_HWCAP, uint64(spec.HWCap)},
		{AT_PAGESZ, memory.PageSize},
		{AT_CLKTCK, clockTicks},
		{AT_PHDR, img.ProgramHeaders},
		{AT_PHENT, programHeaderSize},
		{AT_PHNUM, uint64(img.ProgramHeaderCount)},
		{AT_BASE, 0},
		{AT_FLAGS, 0},
		{AT_ENTRY, img.Entry},
		{AT_UID, uint64(spec.UID)},
		{AT_EUID, uint64(spec.UID)},
		{AT_GID, uint64(spec.GID)},
		{AT_EGID, uint64(spec.GID)},
		{AT_SECURE, 0},
		{AT_RANDOM, random},
		{AT_HWCAP2, uint64(spec.HWCap2)},
		{AT_EXECFN, execfn},
		{AT_PLATFORM, platform},
		{AT_NULL, 0},
	}
}
