package vfs

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

func socketOf(t testing.TB, f *Files, family, typ int) int {
	t.Helper()
	fd, err := f.Socket(family, typ|SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// dial returns the two ends of a TCP connection.
func dial(t testing.TB, f *Files) (client, server int) {
	t.Helper()
	l := socketOf(t, f, AF_INET, SOCK_STREAM)
	if err := errors.Join(f.Bind(l, IPv4(127, 0, 0, 1, 0)), f.Listen(l, 5)); err != nil {
		t.Fatal(err)
	}
	a, _ := f.Getsockname(l)
	client = socketOf(t, f, AF_INET, SOCK_STREAM)
	if err := f.Connect(client, a); err != nil {
		t.Fatal(err)
	}
	server, from, err := f.Accept(l, SOCK_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	if mine, _ := f.Getsockname(client); mine != from {
		t.Errorf("the client is %v, accept says %v", mine, from)
	}
	f.Close(l)
	return client, server
}

// TestAddresses binds and connects sockets to addresses of all kinds.
func TestAddresses(t *testing.T) {
	f := newTest(t)
	v6 := func(ip [16]byte, port uint16) Addr { return Addr{Family: AF_INET6, IP: ip, Port: port} }
	reuse := func(fd int) int { f.SetOption(fd, SOL_SOCKET, SO_REUSEADDR, intValue(1)); return fd }
	only6 := func(fd int) int { f.SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, intValue(1)); return fd }
	tcp4 := func() int { return socketOf(t, f, AF_INET, SOCK_STREAM) }
	tcp6 := func() int { return socketOf(t, f, AF_INET6, SOCK_STREAM) }
	listen := func(fd int, a Addr) error {
		if err := f.Bind(fd, a); err != nil {
			return err
		}
		return f.Listen(fd, 1)
	}
	for _, c := range []struct {
		name string
		got  error
		want error
	}{
		{"any", listen(tcp4(), IPv4(0, 0, 0, 0, 5000)), nil},
		{"one below any", listen(tcp4(), IPv4(127, 0, 0, 1, 5000)), errno.EADDRINUSE},
		{"one below any, reusing", listen(reuse(tcp4()), IPv4(127, 0, 0, 1, 5000)), errno.EADDRINUSE},
		{"any of six, of four taken", listen(tcp6(), v6(any6, 5000)), errno.EADDRINUSE},
		{"six alone", listen(only6(tcp6()), v6(any6, 5000)), nil},
		{"loopback of six", listen(tcp6(), v6(self6, 5001)), nil},
		{"loopback of four, same port", listen(tcp4(), IPv4(127, 0, 0, 1, 5001)), nil},
		{"another loopback of four", listen(tcp4(), IPv4(127, 0, 0, 2, 5001)), nil},
		{"both, in six", listen(tcp6(), v6(any6, 5002)), nil},
		{"low port", listen(tcp4(), IPv4(127, 0, 0, 1, 80)), errno.EACCES},
		{"elsewhere", listen(tcp4(), IPv4(10, 0, 0, 1, 5003)), errno.EADDRNOTAVAIL},
		{"wrong family", listen(tcp4(), v6(self6, 5003)), errno.EAFNOSUPPORT},
		{"connect", f.Connect(tcp4(), IPv4(127, 0, 0, 1, 5000)), nil},
		{"connect to any", f.Connect(tcp4(), IPv4(0, 0, 0, 0, 5000)), nil},
		{"connect to 127.0.0.2", f.Connect(tcp4(), IPv4(127, 0, 0, 2, 5001)), nil},
		{"connect to 127.0.0.3", f.Connect(tcp4(), IPv4(127, 0, 0, 3, 5001)), errno.ECONNREFUSED},
		{"four to six that takes both", f.Connect(tcp4(), IPv4(127, 0, 0, 1, 5002)), nil},
		{"six to six", f.Connect(tcp6(), v6(self6, 5002)), nil},
		{"six to four, mapped", f.Connect(tcp6(), v6(self4, 5001)), nil},
		{"connect to nobody", f.Connect(tcp4(), IPv4(127, 0, 0, 1, 9)), errno.ECONNREFUSED},
		{"connect to the world", f.Connect(tcp4(), IPv4(192, 0, 2, 1, 80)), errno.ENETUNREACH},
		{"connect in full backlog", f.Connect(tcp4(), IPv4(127, 0, 0, 1, 5000)), errno.ECONNREFUSED},
		{"connect to a datagram socket's path", f.Connect(socketOf(t, f, AF_UNIX, SOCK_STREAM), Addr{Family: AF_UNIX, Path: "/dev/null"}), errno.ECONNREFUSED},
		{"bind to a path", listen(socketOf(t, f, AF_UNIX, SOCK_STREAM), Addr{Family: AF_UNIX, Path: "/tmp/sock"}), nil},
		{"bind to it again", listen(socketOf(t, f, AF_UNIX, SOCK_STREAM), Addr{Family: AF_UNIX, Path: "/tmp/sock"}), errno.EADDRINUSE},
		{"connect to the path", f.Connect(socketOf(t, f, AF_UNIX, SOCK_STREAM), Addr{Family: AF_UNIX, Path: "/tmp/sock"}), nil},
		{"connect with the wrong type", f.Connect(socketOf(t, f, AF_UNIX, SOCK_SEQPACKET), Addr{Family: AF_UNIX, Path: "/tmp/sock"}), errno.EPROTOTYPE},
		{"abstract", listen(socketOf(t, f, AF_UNIX, SOCK_STREAM), Addr{Family: AF_UNIX, Path: "\x00x"}), nil},
		{"connect to it", f.Connect(socketOf(t, f, AF_UNIX, SOCK_STREAM), Addr{Family: AF_UNIX, Path: "\x00x"}), nil},
		{"connect to no name", f.Connect(socketOf(t, f, AF_UNIX, SOCK_STREAM), Addr{Family: AF_UNIX, Path: "\x00y"}), errno.ECONNREFUSED},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestStream(t *testing.T) {
	f := newTest(t)
	c, s := dial(t, f)
	b := make([]byte, 1<<20)
	if _, err := f.Read(s, b); err != errno.EAGAIN {
		t.Errorf("read of nothing: %v", err)
	}
	n, err := f.Write(c, b)
	if n != tcpBuffer || err != nil {
		t.Errorf("write fills the buffer: %d, %v", n, err)
	}
	if _, err := f.Write(c, b); err != errno.EAGAIN {
		t.Errorf("write to a full one: %v", err)
	}
	if r, _ := f.Poll(c, EPOLLOUT); r != 0 {
		t.Errorf("full, yet ready: %#x", r)
	}
	if n, err := f.Read(s, b); n != tcpBuffer || err != nil {
		t.Errorf("read: %d, %v", n, err)
	}
	f.Write(c, []byte("bye"))
	f.Shutdown(c, SHUT_WR)
	if _, err := f.Write(c, []byte("x")); err != errno.EPIPE {
		t.Errorf("write after shutdown: %v", err)
	}
	if got := drain(t, f, s); got != "bye" {
		t.Errorf("read %q to the end", got)
	}
	if n, err := f.Write(s, []byte("still")); n != 5 || err != nil {
		t.Errorf("the other direction: %d, %v", n, err)
	}
	f.Close(s)
	if got := drain(t, f, c); got != "still" {
		t.Errorf("read %q", got)
	}
}

// TestResets ends connections in the ways that an application can tell apart.
func TestResets(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(f *Files, c, s int)
		want []string // what read, write, write return at the client afterwards
	}{
		{"closed", func(f *Files, c, s int) { f.Close(s) }, []string{"0", "1", "EPIPE"}},
		{"closed with unread bytes", func(f *Files, c, s int) { f.Write(c, []byte("x")); f.Close(s) }, []string{"ECONNRESET", "EPIPE", "EPIPE"}},
		{"closed with bytes unread on both sides", func(f *Files, c, s int) {
			f.Write(c, []byte("x"))
			f.Write(s, []byte("z"))
			f.Close(s)
		}, []string{"1", "ECONNRESET", "EPIPE"}},
		{"linger 0", func(f *Files, c, s int) {
			f.SetOption(s, SOL_SOCKET, SO_LINGER, append(intValue(1), intValue(0)...))
			f.Close(s)
		}, []string{"ECONNRESET", "EPIPE", "EPIPE"}},
		{"shut down for writing", func(f *Files, c, s int) { f.Shutdown(s, SHUT_WR) }, []string{"0", "1", "1"}},
	} {
		f := newTest(t)
		cl, s := dial(t, f)
		c.end(f, cl, s)
		b := []byte("y")
		for i, op := range []func(int, []byte) (int, error){f.Read, f.Write, f.Write} {
			n, err := op(cl, b)
			got := string('0' + byte(n))
			if err != nil {
				got = err.Error()
			}
			if got != c.want[i] {
				t.Errorf("%s: operation %d: %s, want %s", c.name, i, got, c.want[i])
			}
		}
	}
}

func TestDatagrams(t *testing.T) {
	f := newTest(t)
	a, b := socketOf(t, f, AF_INET, SOCK_DGRAM), socketOf(t, f, AF_INET, SOCK_DGRAM)
	f.Bind(a, IPv4(0, 0, 0, 0, 7000))
	to := IPv4(127, 0, 0, 1, 7000)
	for _, s := range []string{"one", "", "three"} {
		if _, err := f.Send(b, Message{Data: []byte(s), To: &to}, 0); err != nil {
			t.Fatal(err)
		}
	}
	from, _ := f.Getsockname(b)
	from.IP = self4
	buf := make([]byte, 2)
	for _, want := range []string{"on", "", "th"} {
		r, err := f.Receive(a, buf, 0)
		if string(buf[:r.N]) != want || r.From != from || err != nil || (r.Flags&MSG_TRUNC != 0) != (r.N < r.Size) {
			t.Errorf("received %q from %v, %v; want %q from %v", buf[:r.N], r.From, err, want, from)
		}
	}
	nobody := IPv4(127, 0, 0, 1, 7001)
	if _, err := f.Send(b, Message{Data: []byte("x"), To: &nobody}, 0); err != nil {
		t.Errorf("to nobody: %v", err)
	}
	f.Connect(b, nobody)
	f.Write(b, []byte("x"))
	if _, err := f.Write(b, []byte("x")); err != errno.ECONNREFUSED {
		t.Errorf("to nobody, connected, the second time: %v", err)
	}
}

func TestDescriptorPassing(t *testing.T) {
	f := newTest(t)
	x, y, _ := f.Socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
	r, w, _ := f.Pipe(0)
	f.Write(x, []byte("before"))
	if _, err := f.Send(x, Message{Data: []byte("with"), Files: []int{w}}, 0); err != nil {
		t.Fatal(err)
	}
	f.Close(w)
	b := make([]byte, 100)
	if got, _ := f.Receive(y, b, 0); string(b[:got.N]) != "before" || got.Files != nil {
		t.Errorf("first %q, %v", b[:got.N], got.Files)
	}
	got, _ := f.Receive(y, b, MSG_CMSG_CLOEXEC)
	if string(b[:got.N]) != "with" || len(got.Files) != 1 {
		t.Fatalf("second %q, %v", b[:got.N], got.Files)
	}
	f.Write(got.Files[0], []byte("through"))
	f.Close(got.Files[0])
	if s := drain(t, f, r); s != "through" {
		t.Errorf("the descriptor leads to %q", s)
	}
	// What is never received is closed with the socket.
	r, w, _ = f.Pipe(0)
	f.Send(x, Message{Data: []byte("z"), Files: []int{w}}, 0)
	f.Close(w)
	f.Close(y)
	if s := drain(t, f, r); s != "" {
		t.Errorf("read %q", s)
	}
}

// TestEpoll sends one byte a letter of ops ("w"), reads it ("r"), adds ("l" level, "e" edge, "o" one shot) or changes ("m", to
// one shot) the interest, and waits ("0" and "1": how many events there are).
func TestEpoll(t *testing.T) {
	for _, ops := range []string{
		"l0w11r0", // level-triggered: as long as there is something
		"e0w10w10",
		"ew1r0w1",
		"wl1",
		"we10",
		"ow10w0m10",
		"lwd0",
	} {
		f := newTest(t)
		ep, _ := f.EpollCreate(0)
		r, w, _ := f.Pipe(O_NONBLOCK)
		for i, op := range ops {
			var err error
			switch op {
			case 'l':
				err = f.EpollCtl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 42)
			case 'e':
				err = f.EpollCtl(ep, EPOLL_CTL_ADD, r, EPOLLIN|EPOLLET, 42)
			case 'o':
				err = f.EpollCtl(ep, EPOLL_CTL_ADD, r, EPOLLIN|EPOLLONESHOT, 42)
			case 'm':
				err = f.EpollCtl(ep, EPOLL_CTL_MOD, r, EPOLLIN|EPOLLONESHOT, 42)
			case 'd':
				err = f.EpollCtl(ep, EPOLL_CTL_DEL, r, 0, 0)
			case 'w':
				_, err = f.Write(w, []byte("x"))
			case 'r':
				_, err = f.Read(r, make([]byte, 1))
			default:
				got, _ := f.EpollWait(ep, 8)
				if len(got) != int(op-'0') || len(got) == 1 && got[0] != (EpollEvent{EPOLLIN, 42}) {
					t.Errorf("%s: at %d: %v", ops, i, got)
				}
			}
			if err != nil {
				t.Errorf("%s: at %d: %v", ops, i, err)
			}
		}
	}
}

func TestEpollErrors(t *testing.T) {
	f := newTest(t)
	a, _ := f.EpollCreate(0)
	b, _ := f.EpollCreate(0)
	r, w, _ := f.Pipe(0)
	file := open(t, f, "f", O_CREAT|O_RDWR)
	for _, c := range []struct {
		name string
		got  error
		want error
	}{
		{"regular file", f.EpollCtl(a, EPOLL_CTL_ADD, file, EPOLLIN, 0), errno.EPERM},
		{"not a set", f.EpollCtl(r, EPOLL_CTL_ADD, w, EPOLLIN, 0), errno.EINVAL},
		{"itself", f.EpollCtl(a, EPOLL_CTL_ADD, a, EPOLLIN, 0), errno.EINVAL},
		{"change of nothing", f.EpollCtl(a, EPOLL_CTL_MOD, r, EPOLLIN, 0), errno.ENOENT},
		{"add", f.EpollCtl(a, EPOLL_CTL_ADD, r, EPOLLIN, 0), nil},
		{"add again", f.EpollCtl(a, EPOLL_CTL_ADD, r, EPOLLIN, 0), errno.EEXIST},
		{"a set in a set", f.EpollCtl(b, EPOLL_CTL_ADD, a, EPOLLIN, 0), nil},
		{"a circle", f.EpollCtl(a, EPOLL_CTL_ADD, b, EPOLLIN, 0), errno.ELOOP},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	f.Write(w, []byte("x"))
	if e, err := f.EpollWait(b, 1); len(e) != 1 {
		t.Errorf("an event of an inner set does not show: %v", err)
	}
	f.Close(r)
	if e, err := f.EpollWait(a, 1); len(e) != 0 || err == nil {
		t.Errorf("a closed file still in the set: %v", e)
	}
}

func TestTimer(t *testing.T) {
	f := newTest(t)
	fd, _ := f.Timerfd(CLOCK_MONOTONIC, O_NONBLOCK)
	ep, _ := f.EpollCreate(0)
	f.EpollCtl(ep, EPOLL_CTL_ADD, fd, EPOLLIN|EPOLLET, 1)
	f.SetNow(1e18, 1000)
	f.SetTimer(fd, 0, Timer{Value: 100, Interval: 10})
	_, err := f.EpollWait(ep, 1)
	if w, ok := err.(Wait); !ok || w.Until != 1100 {
		t.Errorf("wait: %v", err)
	}
	f.SetNow(1e18, 1125)
	if e, _ := f.EpollWait(ep, 1); len(e) != 1 {
		t.Error("expired, but no event")
	}
	if e, _ := f.EpollWait(ep, 1); len(e) != 0 {
		t.Error("the same expiration gives two events")
	}
	var b [8]byte
	f.Read(fd, b[:])
	if n := binary.LittleEndian.Uint64(b[:]); n != 3 { // at 1100, 1110, 1120
		t.Errorf("%d expirations", n)
	}
	if left, _ := f.GetTimer(fd); left != (Timer{5, 10}) {
		t.Errorf("left: %v", left)
	}
}

func TestEventfd(t *testing.T) {
	f := newTest(t)
	fd, _ := f.Eventfd(3, EFD_SEMAPHORE|O_NONBLOCK)
	var b [8]byte
	for range 3 {
		if _, err := f.Read(fd, b[:]); err != nil || b[0] != 1 {
			t.Errorf("read %d, %v", b[0], err)
		}
	}
	if _, err := f.Read(fd, b[:]); err != errno.EAGAIN {
		t.Errorf("read of 0: %v", err)
	}
	if _, err := f.Write(fd, []byte(strings.Repeat("\xff", 8))); err != errno.EINVAL {
		t.Errorf("write of the highest number: %v", err)
	}
}

// TestNetlink asks for the interfaces as package net does.
func TestNetlink(t *testing.T) {
	f := newTest(t)
	fd, err := f.Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	f.Bind(fd, Addr{Family: AF_NETLINK})
	q := make([]byte, 17)
	q[0], q[4], q[8] = 17, rtmGetLink, 1
	f.Write(fd, q)
	b := make([]byte, 4096)
	n, err := f.Read(fd, b)
	if err != nil || !strings.Contains(string(b[:n]), "lo\x00") {
		t.Errorf("answer %q, %v", b[:n], err)
	}
	var types []uint16
	for b = b[:n]; len(b) >= netlinkHeader; b = b[binary.LittleEndian.Uint32(b):] {
		types = append(types, binary.LittleEndian.Uint16(b[4:]))
	}
	if len(types) != 2 || types[0] != rtmNewLink || types[1] != nlmsgDone {
		t.Errorf("messages %v", types)
	}
}
