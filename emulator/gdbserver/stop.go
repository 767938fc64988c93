package gdbserver

import "github.com/rt0lab/rt0/emulator"

// A stopReason says why the program rests.
type stopReason uint8

const (
	// stopStep: the move that was asked for is done.
	stopStep stopReason = iota
	stopSoftwareBreakpoint
	stopHardwareBreakpoint
	stopWatchpoint
	// stopBegin and stopEnd: there is no more history in the direction of the move.
	stopBegin
	stopEnd
	// stopInterrupt: the client asked the program to stop.
	stopInterrupt
	// stopSignal: the signal kills the process if it goes on.
	stopSignal
	// stopExit: the process has ended.
	stopExit
)

// A stop is what a stop reply tells.
type stop struct {
	reason stopReason
	tid    int
	// watch and addr are the watchpoint hit and the first watched byte touched.
	watch point
	addr  uint64
	// status is how the process ends, for stopSignal and stopExit.
	status emulator.ExitStatus
}

// Signal numbers in stop replies are gdb's own (include/gdb/signals.def), which agree with Linux's for the signals that
// kill an amd64 program most often, but not for all.
const (
	gdbSIGINT  = 2
	gdbSIGTRAP = 5
)

// gdbSignals maps Linux's signal numbers (asm-generic/signal.h) to gdb's where the two differ.
var gdbSignals = map[int]byte{
	7: 10, 10: 30, 12: 31, 16: 143, 17: 20, 18: 19, 19: 17, 20: 18, 23: 16, 29: 23, 30: 32, 31: 12, 32: 77, 33: 45, 64: 78,
}

func gdbSignal(linux int) byte {
	if n, ok := gdbSignals[linux]; ok {
		return n
	}
	if linux >= 34 && linux <= 63 { // GDB_SIGNAL_REALTIME_34 is 46
		return byte(linux - 34 + 46)
	}
	return byte(linux)
}

// stoppedAt makes s what ? answers, and its thread the selected one, as clients assume.
func (c *session) stoppedAt(s stop) {
	c.last, c.view = s, viewpoint{}
	if s.reason != stopExit {
		c.selected = threadID(s.tid)
	}
}

// appendStop appends the stop reply of s.
func (c *session) appendStop(dst []byte, s stop) []byte {
	signal := byte(gdbSIGTRAP)
	switch s.reason {
	case stopExit:
		return c.appendExit(dst, s.status)
	case stopInterrupt:
		signal = gdbSIGINT
	case stopSignal:
		signal = gdbSignal(s.status.Signal)
	}
	dst = append(dst, 'T', hexDigits[signal>>4], hexDigits[signal&15])
	if t, err := c.thread(threadID(s.tid)); err == nil {
		for _, number := range expeditedNumber {
			dst = append(dst, hexDigits[number>>4], hexDigits[number&15], ':')
			dst = appendRegister(dst, number, &t.Registers)
			dst = append(dst, ';')
		}
		dst = append(dst, "thread:"...)
		dst = c.appendThreadID(dst, s.tid)
		dst = append(dst, ';')
	}
	switch s.reason {
	case stopSoftwareBreakpoint:
		dst = append(dst, "swbreak:;"...)
	case stopHardwareBreakpoint:
		dst = append(dst, "hwbreak:;"...)
	case stopWatchpoint:
		dst = append(dst, map[pointKind]string{
			writeWatchpoint: "watch:", readWatchpoint: "rwatch:", accessWatchpoint: "awatch:",
		}[s.watch.kind]...)
		dst = append(appendNumber(dst, s.addr), ';')
	case stopBegin:
		dst = append(dst, "replaylog:begin;"...)
	case stopEnd:
		dst = append(dst, "replaylog:end;"...)
	}
	return dst
}

// appendExit appends W (exited with a code) or X (killed by a signal).
func (c *session) appendExit(dst []byte, status emulator.ExitStatus) []byte {
	letter, code := byte('W'), byte(status.Code)
	if status.Signal != 0 {
		letter, code = 'X', gdbSignal(status.Signal)
	}
	dst = append(dst, letter, hexDigits[code>>4], hexDigits[code&15])
	if c.multiprocess {
		dst = appendNumber(append(dst, ";process:"...), uint64(c.pid))
	}
	return dst
}
