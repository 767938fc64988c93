package x86

import (
	"fmt"

	"golang.org/x/arch/x86/x86asm"
)

// An opcode is a row of the table of instructions: all that is known of one mnemonic. Lowering and the differential test
// read the same rows.
type opcode struct {
	op  x86asm.Op
	run func(c *CPU, in *Inst)
}

// families lists the instructions by family; each slice stands in the family's own file.
var families = []struct {
	name string
	rows []opcode
}{}

// opcodes is the table by mnemonic.
var opcodes = map[x86asm.Op]*opcode{}

// family adds the instructions of a family to the table. Every family's file calls it once.
func family(name string, rows ...opcode) struct{} {
	families = append(families, struct {
		name string
		rows []opcode
	}{name, rows})
	for i := range rows {
		r := &rows[i]
		if opcodes[r.op] != nil {
			panic(fmt.Sprintf("x86: %v is in two families", r.op))
		}
		opcodes[r.op] = r
	}
	return struct{}{}
}
