package x86

import "golang.org/x/arch/x86/x86asm"

// branches names the instructions that set RIP themselves and so end a block.
var branches = map[x86asm.Op]bool{}
