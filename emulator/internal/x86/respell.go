package x86

// respell rewrites an instruction that x86asm does not know into one of the same length and meaning that it does, and
// says whether it did. Only the decoder sees the result.
//
//   - 0F 0D, 0F 18–1F with any ModRM are prefetches and hints (ENDBR64, RDSSP, BNDMK, … of processors that lack the
//     feature): NOP, which x86asm knows as 0F 1F /0 alone (SDM vol. 2, table A-3).
//   - C0, C1 and D0–D3 /6 are SHL, F6 and F7 /1 are TEST, as their neighbours /4 and /0 (table A-6).
func respell(code []byte) bool {
	i := 0
	for i < len(code) && isLegacyPrefix(code[i]) {
		i++
	}
	if i < len(code) && code[i]&0xf0 == 0x40 { // REX
		i++
	}
	if i+1 >= len(code) {
		return false
	}
	reg := code[i+1] >> 3 & 7
	switch op := code[i]; {
	case op == 0x0f && (code[i+1] == 0x0d || code[i+1] >= 0x18 && code[i+1] <= 0x1f):
		if i+2 >= len(code) {
			return false
		}
		if i > 0 && code[i-1]&0xf0 == 0x40 {
			code[i-1] &^= 8 // REX.W
		}
		code[i+1] = 0x1f
		code[i+2] &^= 0x38
	case (op == 0xc0 || op == 0xc1 || op >= 0xd0 && op <= 0xd3) && reg == 6:
		code[i+1] = code[i+1]&^0x38 | 4<<3
	case (op == 0xf6 || op == 0xf7) && reg == 1:
		code[i+1] &^= 0x38
	default:
		return false
	}
	return true
}

func isLegacyPrefix(b byte) bool {
	switch b {
	case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3:
		return true
	}
	return false
}
