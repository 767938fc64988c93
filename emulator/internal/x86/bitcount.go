package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("sse4.2 integer", opcode{x86asm.POPCNT, popcnt}, opcode{x86asm.CRC32, crc32})

// popcnt sets ZF by its source and clears the other status flags.
func popcnt(c *CPU, in *Inst) {
	v := c.Get(in, 1)
	var f uint64
	if v == 0 {
		f = FlagZF
	}
	c.Set(in, 0, uint64(bits.OnesCount64(v)))
	c.setStatus(FlagsArith, f)
}

// castagnoli is the polynomial 0x11EDC6F41 bit-reflected, without its leading term.
const castagnoli = 0x82f63b78

// castagnoliTable tells for each byte what eight steps of the division make of it.
var castagnoliTable = func() (t [256]uint32) {
	for i := range t {
		v := uint32(i)
		for range 8 {
			v = v>>1 ^ castagnoli*(v&1)
		}
		t[i] = v
	}
	return t
}()

// crc32 takes the source's bytes, low end first, into the checksum in the destination. It leaves the inversions before and
// after to the program.
func crc32(c *CPU, in *Inst) {
	v := c.Get(in, 1)
	sum := uint32(c.R[in.Args[0].Reg&15])
	for range in.Args[1].Size {
		sum = sum>>8 ^ castagnoliTable[uint8(sum)^uint8(v)]
		v >>= 8
	}
	c.R[in.Args[0].Reg&15] = uint64(sum)
}
