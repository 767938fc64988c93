package gdbserver

import (
	"bytes"
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator"
)

// A viewpoint is where a client wants to look from, instead of where the thread is: the stack pointer and the program
// counter that g and p tell. Unwinding another stack needs it; so Go's script for gdb shows the stack of a goroutine that is
// parked (goroutine 2 bt). It changes nothing but the view. Who asks for a move from there gets an error and sees the program as it is again.
type viewpoint struct {
	tid      int
	rip, rsp uint64
}

// writeRegister carries out P NUMBER=VALUE. Only the viewpoint can be set; writing to another register what it holds is no
// change and succeeds, too.
func (c *session) writeRegister(dst, args []byte) ([]byte, error) {
	left, right, _ := bytes.Cut(args, []byte{'='})
	number, ok := parseHex(left)
	value, ok2 := decodeHex(right)
	if !ok || !ok2 {
		return dst, errMalformed
	}
	if number >= uint64(len(registerFile)) || len(value) != registerFile[number].size {
		return dst, errnoEINVAL
	}
	t, err := c.thread(c.selected)
	if err != nil {
		return dst, err
	}
	view := viewpoint{t.TID, t.Registers.RIP, t.Registers.SP()}
	if c.view.tid == t.TID {
		view = c.view
	}
	switch int(number) {
	case ripNumber:
		view.rip = binary.LittleEndian.Uint64(value)
	case rspNumber:
		view.rsp = binary.LittleEndian.Uint64(value)
	default:
		if !bytes.Equal(appendRegister(nil, int(number), &t.Registers), appendHex(nil, value)) {
			return dst, errWrite
		}
	}
	c.view = view
	if view.rip == t.Registers.RIP && view.rsp == t.Registers.SP() {
		c.view = viewpoint{}
	}
	return append(dst, "OK"...), nil
}

// registers returns the registers of the thread as the client sees them.
func (c *session) registers(t *emulator.Thread) *emulator.Registers {
	if c.view.tid == t.TID {
		t.Registers.RIP, t.Registers.GPR[emulator.RSP] = c.view.rip, c.view.rsp
	}
	return &t.Registers
}
