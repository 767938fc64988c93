package gdbserver

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/rt0lab/rt0/emulator"
)

// A session is one client's connection and all that the protocol makes the server remember for it.
type session struct {
	server   *Server
	debuggee Debuggee
	conn     net.Conn
	wire     *wire
	pid      int // the process id: the first thread's TID

	// multiprocess says that thread ids carry the process id, as the client asked for.
	multiprocess bool
	// selected is the thread whose registers g and p read: the client's last Hg, or the thread of the last stop, which
	// clients take as selected. resumed is that of Hc.
	selected, resumed threadID
	// view is where the client looks from, if it is not where the selected thread is.
	view viewpoint
	// last is what ? answers.
	last stop

	// stops are the points that the client has set, applied those that the debuggee was given last. stale says that it may
	// have lost them since.
	stops, applied stopPoints
	stale          bool

	// from is the tick at which the last move began. end is that of the stop before the end of the process, once it is known.
	from uint64
	end  struct {
		tick  uint64
		known bool
	}

	files    openFiles
	extended bool // the client has sent !: the server outlives k

	reply []byte // reused for every reply
}

func newSession(s *Server, conn net.Conn) *session {
	return &session{server: s, debuggee: s.Debuggee, conn: conn, wire: newWire(conn)}
}

// close takes the client's breakpoints out of the machine.
func (c *session) close() {
	c.debuggee.SetPoints(nil, nil)
}

// serve answers packets, of which the first has been read, until the client leaves. It returns nil after D, errKilled after
// k, else the stream's error.
func (c *session) serve(ctx context.Context, packet []byte) error {
	if err := c.leaveEnd(ctx); err != nil {
		return err
	}
	if threads := c.debuggee.Threads(); len(threads) > 0 {
		c.pid = threads[0].TID
	}
	c.last = stop{reason: stopStep, tid: c.debuggee.Current().TID}
	c.selected = threadID(c.last.tid)
	for {
		if err := c.answer(ctx, packet); err != nil {
			if err == errDetached {
				return nil
			}
			return err
		}
		var err error
		for packet, err = c.wire.read(); err == errChecksum || err == errTooLong; packet, err = c.wire.read() {
			if err := c.wire.write(appendError(nil, err)); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

// errDetached ends a session whose client has said goodbye.
var errDetached = errors.New("detached")

// answer carries out one packet and sends the reply. Its error ends the session; an error that concerns the packet alone
// has been sent to the client.
func (c *session) answer(ctx context.Context, packet []byte) error {
	reply, err := c.dispatch(ctx, c.reply[:0], packet)
	var end *sessionEnd
	switch {
	case errors.As(err, &end):
		if end.reply != "" {
			if err := c.wire.write([]byte(end.reply)); err != nil {
				return err
			}
		}
		return end.reason
	case err == errMalformed:
		reply = appendError(c.reply[:0], fmt.Errorf("%w %s", err, quote(packet)))
	case err != nil:
		reply = appendError(c.reply[:0], err)
	}
	if err := c.wire.write(reply); err != nil {
		return err
	}
	c.reply = reply
	if string(packet) == "QStartNoAckMode" { // its own reply is still acknowledged
		c.wire.noAck = true
	}
	return nil
}

// A sessionEnd is returned by a handler after which no packet will be served.
type sessionEnd struct {
	reply  string
	reason error
}

func (e *sessionEnd) Error() string { return e.reason.Error() }

// A numberedError is an error that the protocol's clients tell by its Linux number.
type numberedError int

// Linux error numbers that replies carry.
const (
	errnoENOENT numberedError = 2
	errnoESRCH  numberedError = 3
	errnoEBADF  numberedError = 9
	errnoEFAULT numberedError = 14
	errnoEINVAL numberedError = 22
	errnoEMFILE numberedError = 24
	errnoEROFS  numberedError = 30
)

func (n numberedError) Error() string { return fmt.Sprintf("error %d", int(n)) }

// appendError appends the reply to a request that failed: Enn with a Linux error number, or E. with a sentence.
func appendError(dst []byte, err error) []byte {
	var n numberedError
	if errors.As(err, &n) {
		return append(dst, 'E', hexDigits[n>>4&15], hexDigits[n&15])
	}
	dst = append(dst, "E."...)
	for _, b := range []byte(err.Error()) {
		// A reply that is text must not look like framing or like a run length.
		if b < ' ' || b > '~' || b == '#' || b == '$' || b == '}' || b == '*' {
			b = '?'
		}
		dst = append(dst, b)
	}
	return dst
}

// errMalformed reports a packet that breaks the protocol's grammar.
var errMalformed = errors.New("malformed packet")

// quote shows a packet in an error.
func quote(packet []byte) string {
	const shown = 40
	if len(packet) > shown {
		return fmt.Sprintf("%q...", packet[:shown])
	}
	return fmt.Sprintf("%q", packet)
}

// dispatch carries out one packet and appends the reply to dst. An empty reply says that the packet is not supported.
func (c *session) dispatch(ctx context.Context, dst, packet []byte) ([]byte, error) {
	if len(packet) == 0 {
		return dst, nil
	}
	args := packet[1:]
	switch packet[0] {
	case '!':
		c.extended = true
		return append(dst, "OK"...), nil
	case '?':
		return c.appendStop(dst, c.last), nil
	case 'g':
		return c.readRegisters(dst)
	case 'p':
		return c.readRegister(dst, args)
	case 'm':
		return c.readMemory(dst, args)
	case 'P':
		return c.writeRegister(dst, args)
	case 'G', 'M', 'X':
		return dst, errWrite
	case 'H':
		return c.selectThread(dst, args)
	case 'T':
		return c.threadAlive(dst, args)
	case 'Z':
		return c.insertPoint(dst, args)
	case 'z':
		return c.removePoint(dst, args)
	case 'c', 'C', 's', 'S':
		return c.resume(ctx, dst, packet)
	case 'b':
		return c.reverse(ctx, dst, packet)
	case 'D':
		return dst, &sessionEnd{"OK", errDetached}
	case 'k':
		return c.kill(dst, "")
	case 'R':
		return c.restart(ctx, dst)
	case 'q', 'Q':
		return c.query(ctx, dst, packet)
	case 'v':
		return c.verbose(ctx, dst, packet)
	}
	return dst, nil
}

// errWrite answers the attempts to change registers or memory.
var errWrite = errors.New("the past cannot be edited: rt0 replays what the program did, so registers and memory are read-only")

// kill ends the program. For a client in extended mode the server lives on, ready to begin the program anew.
func (c *session) kill(dst []byte, reply string) ([]byte, error) {
	if !c.extended {
		return dst, &sessionEnd{reply, errKilled}
	}
	return append(dst, reply...), nil
}

// restart goes back to the first instruction. The packet R has no reply of its own, the client asks with ?.
func (c *session) restart(ctx context.Context, dst []byte) ([]byte, error) {
	if err := c.debuggee.Seek(ctx, 0); err != nil {
		return dst, err
	}
	c.stoppedAt(stop{reason: stopStep, tid: c.debuggee.Current().TID})
	return dst, nil
}

// thread returns the thread of the id; allThreads and anyThread mean the selected one.
func (c *session) thread(id threadID) (emulator.Thread, error) {
	if id <= 0 {
		id = c.selected
	}
	// The usual case first: Threads copies the registers of all.
	if t := c.debuggee.Current(); t.TID == int(id) {
		return t, nil
	}
	for _, t := range c.debuggee.Threads() {
		if t.TID == int(id) {
			return t, nil
		}
	}
	return emulator.Thread{}, errnoESRCH
}
