package gdbserver

import "bytes"

// pageSize is the unit in which memory is mapped or not.
const pageSize = 4096

// readMemory carries out m ADDR,LENGTH. Where a part is not mapped the reply is what lies before it, as the protocol
// allows; where nothing is, EFAULT.
func (c *session) readMemory(dst, args []byte) ([]byte, error) {
	addr, length, ok := parsePair(args)
	if !ok {
		return dst, errMalformed
	}
	if length == 0 { // an empty reply would say that m is not supported
		return dst, errnoEINVAL
	}
	length = min(length, maxPacket/2)
	data, ok := c.memory(addr, length)
	if !ok {
		return dst, errnoEFAULT
	}
	return appendHex(dst, data), nil
}

// memory returns up to length bytes at addr, fewer where the mapping ends; false if not even the first can be read.
func (c *session) memory(addr, length uint64) ([]byte, bool) {
	data := make([]byte, length)
	if c.debuggee.ReadMemory(data, addr) == nil {
		return data, true
	}
	var done uint64
	for done < length {
		n := min(pageSize-(addr+done)%pageSize, length-done)
		if addr+done < addr || c.debuggee.ReadMemory(data[done:done+n], addr+done) != nil {
			break
		}
		done += n
	}
	return data[:done], done > 0
}

// addressSpaceEnd is the end of what an amd64 Linux program can map (TASK_SIZE_MAX, four-level paging).
const addressSpaceEnd = 0x7ffffffff000

// memoryMapXML is the document of qXfer:memory-map:read. Clients read it once and then refuse to read outside of it, so
// it tells what can ever be memory: all of the user's half, as RAM (breakpoints need not be hardware ones anywhere). What
// is mapped at the moment is in /proc/PID/maps.
var memoryMapXML = []byte(`<?xml version="1.0"?>
<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd">
<memory-map>
<memory type="ram" start="0x0" length="0x7ffffffff000"/>
</memory-map>
`)

// auxv returns the auxiliary vector as the kernel put it on the stack.
func (c *session) auxv() ([]byte, error) {
	span := c.debuggee.Layout().Auxv
	data, ok := c.memory(span.Start, span.End-span.Start)
	if !ok {
		return nil, errnoEFAULT
	}
	return data, nil
}

// A transfer is the part of a document that a qXfer request asks for.
type transfer struct{ offset, length uint64 }

// appendPart appends the part, after m if there is more to come and l if this is the last.
func appendPart(dst, document []byte, t transfer) []byte {
	start := min(t.offset, uint64(len(document)))
	rest := document[start:]
	// Every byte may need an escape; the reply must stay below maxPacket.
	length := min(t.length, maxPacket/2-8)
	if uint64(len(rest)) <= length {
		return appendBinary(append(dst, 'l'), rest)
	}
	return appendBinary(append(dst, 'm'), rest[:length])
}

// parseTransfer splits the "ANNEX:OFFSET,LENGTH" of a qXfer request.
func parseTransfer(b []byte) (annex string, t transfer, ok bool) {
	i := bytes.LastIndexByte(b, ':')
	if i < 0 {
		return "", transfer{}, false
	}
	t.offset, t.length, ok = parsePair(b[i+1:])
	return string(b[:i]), t, ok
}
