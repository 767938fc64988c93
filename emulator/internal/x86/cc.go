package x86

import "golang.org/x/arch/x86/x86asm"

// Conditions by mnemonic, numbered as in the low four bits of Jcc's opcode (SDM vol. 2, appendix B.1.4).
var (
	jccs = map[x86asm.Op]uint8{
		x86asm.JO: 0x0, x86asm.JNO: 0x1, x86asm.JB: 0x2, x86asm.JAE: 0x3, x86asm.JE: 0x4, x86asm.JNE: 0x5,
		x86asm.JBE: 0x6, x86asm.JA: 0x7, x86asm.JS: 0x8, x86asm.JNS: 0x9, x86asm.JP: 0xa, x86asm.JNP: 0xb,
		x86asm.JL: 0xc, x86asm.JGE: 0xd, x86asm.JLE: 0xe, x86asm.JG: 0xf,
	}
	setccs = map[x86asm.Op]uint8{
		x86asm.SETO: 0x0, x86asm.SETNO: 0x1, x86asm.SETB: 0x2, x86asm.SETAE: 0x3, x86asm.SETE: 0x4, x86asm.SETNE: 0x5,
		x86asm.SETBE: 0x6, x86asm.SETA: 0x7, x86asm.SETS: 0x8, x86asm.SETNS: 0x9, x86asm.SETP: 0xa, x86asm.SETNP: 0xb,
		x86asm.SETL: 0xc, x86asm.SETGE: 0xd, x86asm.SETLE: 0xe, x86asm.SETG: 0xf,
	}
	cmovs = map[x86asm.Op]uint8{
		x86asm.CMOVO: 0x0, x86asm.CMOVNO: 0x1, x86asm.CMOVB: 0x2, x86asm.CMOVAE: 0x3, x86asm.CMOVE: 0x4, x86asm.CMOVNE: 0x5,
		x86asm.CMOVBE: 0x6, x86asm.CMOVA: 0x7, x86asm.CMOVS: 0x8, x86asm.CMOVNS: 0x9, x86asm.CMOVP: 0xa, x86asm.CMOVNP: 0xb,
		x86asm.CMOVL: 0xc, x86asm.CMOVGE: 0xd, x86asm.CMOVLE: 0xe, x86asm.CMOVG: 0xf,
	}
)
