package gdbserver

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// openFiles are the files that a client reads through vFile, by descriptor; a closed descriptor is nil. Their contents
// are the guest's, never the host's, and cannot be changed.
type openFiles [maxFiles][]byte

const maxFiles = 16

// file carries out vFile:OPERATION:ARGS. Failure is the reply F-1,ERRNO.
func (c *session) file(dst, args []byte) []byte {
	operation, args, _ := bytes.Cut(bytes.TrimPrefix(args, []byte{':'}), []byte{':'})
	var err error
	reply := dst
	switch string(operation) {
	case "setfs": // there is one process and one file tree
		reply = append(dst, "F0"...)
	case "open":
		reply, err = c.openFile(dst, args)
	case "close":
		reply, err = c.closeFile(dst, args)
	case "pread":
		reply, err = c.readFile(dst, args)
	case "fstat":
		reply, err = c.statFile(dst, args)
	case "readlink":
		reply, err = c.readLink(dst, args)
	case "pwrite", "unlink":
		err = errnoEROFS
	default:
		return dst
	}
	if err != nil {
		number, ok := err.(numberedError)
		if !ok {
			number = errnoEINVAL
		}
		return fmt.Appendf(dst, "F-1,%x", int(number))
	}
	return reply
}

// openFile carries out open: FILENAME,FLAGS,MODE, the name in hexadecimal.
func (c *session) openFile(dst, args []byte) ([]byte, error) {
	const writing = 0x3 | 0x8 | 0x200 | 0x400 // O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC of the protocol
	encoded, rest, _ := bytes.Cut(args, []byte{','})
	flags, _, ok := parsePair(rest)
	name, ok2 := decodeHex(encoded)
	if !ok || !ok2 {
		return dst, errnoEINVAL
	}
	if flags&writing != 0 {
		return dst, errnoEROFS
	}
	content, ok := c.content(string(name))
	if !ok {
		return dst, errnoENOENT
	}
	for fd, f := range c.files {
		if f == nil {
			c.files[fd] = content
			return appendNumber(append(dst, 'F'), uint64(fd)), nil
		}
	}
	return dst, errnoEMFILE
}

// content returns what a file of the guest holds: the program, and the files given to the machine. The result is not nil
// if the file exists.
func (c *session) content(name string) ([]byte, bool) {
	config := c.debuggee.Config()
	if name == config.Path || c.isExe(name) {
		return config.Program, true
	}
	data, ok := config.Files[name]
	if ok && data == nil {
		data = []byte{}
	}
	return data, ok
}

// isExe says whether the name is that of the link to the program.
func (c *session) isExe(name string) bool {
	return name == "/proc/self/exe" || name == fmt.Sprintf("/proc/%d/exe", c.pid)
}

// descriptor reads the descriptor with which args begins.
func (c *session) descriptor(args []byte) (fd uint64, rest []byte, err error) {
	number, rest, _ := bytes.Cut(args, []byte{','})
	fd, ok := parseHex(number)
	if !ok || fd >= maxFiles || c.files[fd] == nil {
		return 0, nil, errnoEBADF
	}
	return fd, rest, nil
}

func (c *session) closeFile(dst, args []byte) ([]byte, error) {
	fd, _, err := c.descriptor(args)
	if err != nil {
		return dst, err
	}
	c.files[fd] = nil
	return append(dst, "F0"...), nil
}

// readFile carries out pread: FD,COUNT,OFFSET.
func (c *session) readFile(dst, args []byte) ([]byte, error) {
	fd, rest, err := c.descriptor(args)
	if err != nil {
		return dst, err
	}
	count, offset, ok := parsePair(rest)
	if !ok {
		return dst, errnoEINVAL
	}
	content := c.files[fd]
	data := content[min(offset, uint64(len(content))):]
	data = data[:min(count, uint64(len(data)), maxPacket/2-32)] // every byte may need an escape
	dst = append(appendNumber(append(dst, 'F'), uint64(len(data))), ';')
	return appendBinary(dst, data), nil
}

// statFile carries out fstat. The reply holds the protocol's own struct stat, big-endian (GDB manual, "struct stat").
func (c *session) statFile(dst, args []byte) ([]byte, error) {
	const (
		statSize    = 64
		modeOffset  = 8
		linksOffset = 12
		sizeOffset  = 28
		unitOffset  = 36 // st_blksize
		countOffset = 44 // st_blocks, of 512 bytes
		regular     = 0o100555
	)
	fd, _, err := c.descriptor(args)
	if err != nil {
		return dst, err
	}
	size := uint64(len(c.files[fd]))
	var stat [statSize]byte
	binary.BigEndian.PutUint32(stat[modeOffset:], regular)
	binary.BigEndian.PutUint32(stat[linksOffset:], 1)
	binary.BigEndian.PutUint64(stat[sizeOffset:], size)
	binary.BigEndian.PutUint64(stat[unitOffset:], pageSize)
	binary.BigEndian.PutUint64(stat[countOffset:], (size+511)/512)
	dst = append(appendNumber(append(dst, 'F'), statSize), ';')
	return appendBinary(dst, stat[:]), nil
}

// readLink carries out readlink: the only symbolic link there is to read is the program's.
func (c *session) readLink(dst, args []byte) ([]byte, error) {
	name, ok := decodeHex(args)
	switch {
	case !ok:
		return dst, errnoEINVAL
	case !c.isExe(string(name)):
		return dst, errnoENOENT
	}
	path := c.debuggee.Config().Path
	dst = append(appendNumber(append(dst, 'F'), uint64(len(path))), ';')
	return appendBinary(dst, []byte(path)), nil
}
