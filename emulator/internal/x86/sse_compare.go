package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse integer compare",
	opcode{x86asm.PCMPEQB, binaryX(halves(equalBytes))},
	opcode{x86asm.PCMPEQW, binaryX(lanes(16, equalLanes))},
	opcode{x86asm.PCMPEQD, binaryX(lanes(32, equalLanes))},
	opcode{x86asm.PCMPEQQ, binaryX(lanes(64, equalLanes))},
	opcode{x86asm.PCMPGTB, binaryX(signedLanes(8, greaterLanes))},
	opcode{x86asm.PCMPGTW, binaryX(signedLanes(16, greaterLanes))},
	opcode{x86asm.PCMPGTD, binaryX(signedLanes(32, greaterLanes))},
	opcode{x86asm.PCMPGTQ, binaryX(signedLanes(64, greaterLanes))},
)

// equalBytes returns 0xff for each byte in which a and b are equal: a zero byte of d is one where neither the top bit nor
// a carry out of the low seven bits says otherwise.
func equalBytes(a, b uint64) uint64 {
	d := a ^ b
	differ := (d&^topBytes + ^uint64(topBytes) | d) & topBytes >> 7
	return ^(differ * 0xff)
}

func equalLanes(a, b uint64) uint64 {
	if a == b {
		return ^uint64(0)
	}
	return 0
}

func greaterLanes(a, b int64) int64 {
	if a > b {
		return -1
	}
	return 0
}
