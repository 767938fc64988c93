package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// TestTimeLeft: what select, pselect6 and ppoll leave of a timeout, as poll_select_finish in fs/select.c does. The timeout is
// 10 s and 7 units; a signal comes 5,000 ns after
// setitimer, an instruction takes 1 ns, and the MOVs of the call come in between.
func TestTimeLeft(t *testing.T) {
	const (
		timeout, zero = dataAt + 16, dataAt + 32
		short         = dataAt + 48 // 0 s and 7 units
		sets, fds     = dataAt + 0x100, dataAt + 0x200
		timer         = dataAt + 0x300
		badFD         = 200
	)
	sticky := call(135, stickyTimeouts)
	alarm := call(38, itimerReal, timer, 0)
	for _, c := range []struct {
		name      string
		before    []byte
		call      []byte
		ret       int64
		at        uint64 // of the timeout
		sec, frac uint64 // of the timeout afterwards
	}{
		{"select, a file is ready", nil, call(23, 2, 0, sets, 0, timeout), 1, timeout, 10, 7},
		{"pselect6, a file is ready", nil, call(270, 2, 0, sets, 0, timeout, 0), 1, timeout, 10, 7},
		{"ppoll, a file is ready", nil, call(271, fds, 1, timeout, 0, 8), 1, timeout, 10, 7},
		{"select, the time is up", nil, call(23, 0, 0, 0, 0, short), 0, short, 0, 0},
		{"pselect6, the time is up", nil, call(270, 0, 0, 0, 0, short, 0), 0, short, 0, 0},
		{"ppoll, the time is up", nil, call(271, 0, 0, short, 0, 8), 0, short, 0, 0},
		{"select, no time", nil, call(23, 0, 0, 0, 0, zero), 0, zero, 0, 0},
		{"select, a signal", alarm, call(23, 0, 0, 0, 0, timeout), -int64(errno.EINTR), timeout, 10, 2},
		{"pselect6, a signal", alarm, call(270, 0, 0, 0, 0, timeout, 0), -int64(errno.EINTR), timeout, 9, 999_995_015},
		{"ppoll, a signal", alarm, call(271, 0, 0, timeout, 0, 8), -int64(errno.EINTR), timeout, 9, 999_995_014},
		{"select, not a descriptor", nil, call(23, badFD+1, 0, sets, 0, timeout), -int64(errno.EBADF), timeout, 10, 7},
		{"ppoll, no such array", nil, call(271, 16, 1, timeout, 0, 8), -int64(errno.EFAULT), timeout, 10, 7},
		{"select, STICKY_TIMEOUTS", append(sticky, alarm...), call(23, 0, 0, 0, 0, timeout), -int64(errno.EINTR), timeout, 10, 7},
		{"pselect6, STICKY_TIMEOUTS", sticky, call(270, 0, 0, 0, 0, short, 0), 0, short, 0, 7},
		{"pselect6, the timeout cannot be written", nil, call(270, 2, 0, sets, 0, codeAt, 0), 1, codeAt, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := catching(t, SIGALRM, 0, 0, ret, c.before, c.call, call(231, 1))
			poke(t, k, timeout, 10, 7)
			poke(t, k, short, 0, 7)
			poke(t, k, sets, 1<<1, 0, 0, 1<<(badFD-192))
			poke(t, k, fds, 4<<32|1) // POLLOUT of descriptor 1
			poke(t, k, timer, 0, 0, 0, 5)
			var code [16]byte
			if c.at == codeAt { // the first words of the code are a timeout, such as it is
				k.Mem.Peek(code[:], codeAt)
				k.Mem.Poke([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, codeAt)
				k.CPU.RIP += uint64(len(call(13, 0, 0, 0, 0)))
			}
			until(t, k, uint64(codeAt+len(call(13, 0, 0, 0, 0))+len(c.before)+len(c.call)))
			if got := int64(k.CPU.R[0]); got != c.ret {
				t.Errorf("it returns %d, want %d", got, c.ret)
			}
			if c.at == codeAt {
				return
			}
			if sec, frac := peek(t, k, c.at), peek(t, k, c.at+8); sec != c.sec || frac != c.frac {
				t.Errorf("the time left is %d and %d, want %d and %d", sec, frac, c.sec, c.frac)
			}
		})
	}
}

// TestTimeLeftRestart: a call that would run again must not, if the time left could not be stored.
func TestTimeLeftRestart(t *testing.T) {
	for _, c := range []struct {
		name string
		addr uint64
		err  error
		want error
	}{
		{"stored", dataAt, restartNoHand, restartNoHand},
		{"read-only", codeAt, restartNoHand, errno.EINTR},
		{"read-only, another error", codeAt, errno.EBADF, errno.EBADF},
		{"NULL", 0, restartNoHand, restartNoHand},
		{"not over yet", codeAt, errBlocked, errBlocked},
	} {
		k := newGuest(t, nop)
		if _, err := k.storeTimeLeft(k.Current(), c.addr, 10, nsPerSecond, 0, c.err); err != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
