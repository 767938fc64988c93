package gdbserver

import (
	"bytes"
	"context"
	"errors"
)

var errArguments = errors.New("the program and its arguments are those that rt0 was started with")

// verbose carries out the packets whose name is a word after v.
func (c *session) verbose(ctx context.Context, dst, packet []byte) ([]byte, error) {
	name, args := packet, []byte(nil)
	if i := bytes.IndexAny(packet, ";:?"); i >= 0 {
		name, args = packet[:i], packet[i:]
	}
	switch string(name) {
	case "vCont":
		if string(args) == "?" {
			return append(dst, "vCont;c;C;s;S;t;r"...), nil
		}
		return c.resumeThreads(ctx, dst, args)
	case "vFile":
		return c.file(dst, args), nil
	case "vKill":
		return c.kill(dst, "OK")
	case "vRun":
		// vRun;FILE;ARG…, where an empty FILE is the last one.
		if len(bytes.Trim(args, ";")) > 0 {
			return dst, errArguments
		}
		dst, err := c.restart(ctx, dst)
		if err != nil {
			return dst, err
		}
		return c.appendStop(dst, c.last), nil
	}
	return dst, nil
}
