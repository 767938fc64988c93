package gdbserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
)

// query carries out the q and Q packets.
func (c *session) query(ctx context.Context, dst, packet []byte) ([]byte, error) {
	name, args := packet, []byte(nil)
	if i := bytes.IndexAny(packet, ":,"); i >= 0 {
		name, args = packet[:i], packet[i+1:]
	}
	switch string(name) {
	case "qSupported":
		return c.supported(dst, args), nil
	case "QStartNoAckMode", "qSymbol": // qSymbol offers to look symbols up: none are needed
		return append(dst, "OK"...), nil
	case "qAttached": // 1: quitting detaches, so that the program stays for the next client
		return append(dst, '1'), nil
	case "qC":
		return c.appendThreadID(append(dst, "QC"...), int(c.selected)), nil
	case "qfThreadInfo":
		return c.listThreads(dst), nil
	case "qsThreadInfo":
		return append(dst, 'l'), nil
	case "qThreadExtraInfo":
		return c.describeThread(dst, args)
	case "qOffsets":
		return c.offsets(dst)
	case "qRcmd":
		return c.monitor(ctx, dst, args)
	case "qXfer":
		return c.transfer(dst, args)
	}
	return dst, nil
}

// supported answers qSupported and notes what the client can do.
func (c *session) supported(dst, args []byte) []byte {
	c.multiprocess = false
	for feature := range bytes.SplitSeq(args, []byte{';'}) {
		if string(feature) == "multiprocess+" {
			c.multiprocess = true
		}
	}
	return fmt.Appendf(dst, "PacketSize=%x;QStartNoAckMode+;multiprocess+;vContSupported+;swbreak+;hwbreak+;"+
		"ReverseStep+;ReverseContinue+;qXfer:features:read+;qXfer:auxv:read+;qXfer:exec-file:read+;"+
		"qXfer:memory-map:read+;qXfer:threads:read+", maxPacket)
}

// transfer carries out qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH.
func (c *session) transfer(dst, args []byte) ([]byte, error) {
	object, rest, _ := bytes.Cut(args, []byte{':'})
	operation, rest, _ := bytes.Cut(rest, []byte{':'})
	if string(operation) != "read" {
		return dst, nil
	}
	annex, part, ok := parseTransfer(rest)
	if !ok {
		return dst, errMalformed
	}
	var document []byte
	switch string(object) {
	case "features":
		if annex != "target.xml" {
			return dst, errnoENOENT
		}
		document = []byte(targetXML)
	case "auxv":
		var err error
		if document, err = c.auxv(); err != nil {
			return dst, err
		}
	case "exec-file":
		if pid, ok := parseHex([]byte(annex)); annex != "" && (!ok || pid != uint64(c.pid)) {
			return dst, errnoESRCH
		}
		document = []byte(c.debuggee.Config().Path)
	case "memory-map":
		document = memoryMapXML
	case "threads":
		document = c.threadsXML()
	default:
		return dst, nil
	}
	return appendPart(dst, document, part), nil
}

// atEntry is the auxiliary vector's key of the program's first instruction (elf.h, AT_ENTRY).
const atEntry = 9

// offsets answers qOffsets: how far the program was loaded from where its file says, which is where it starts less
// where the file says that it starts.
func (c *session) offsets(dst []byte) ([]byte, error) {
	const entryField = 24 // of e_entry in the ELF header
	auxv, err := c.auxv()
	program := c.debuggee.Config().Program
	if err != nil || len(program) < entryField+8 {
		return dst, err
	}
	for ; len(auxv) >= 16; auxv = auxv[16:] {
		if binary.LittleEndian.Uint64(auxv) == atEntry {
			bias := binary.LittleEndian.Uint64(auxv[8:]) - binary.LittleEndian.Uint64(program[entryField:])
			return fmt.Appendf(dst, "Text=%x;Data=%x;Bss=%x", bias, bias, bias), nil
		}
	}
	return dst, nil
}
