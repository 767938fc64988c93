package zeromq

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestNoKey reads connection files without a key: the kernel is for this computer then.
func TestNoKey(t *testing.T) {
	for _, k := range []struct {
		transport, ip, key string
		refused            bool
	}{
		{"tcp", "0.0.0.0", "", true},
		{"tcp", "*", "", true},
		{"tcp", "", "", true},
		{"tcp", "::", "", true},
		{"tcp", "::ffff:0.0.0.0", "", true},
		{"tcp", "192.0.2.1", "", true},
		{"tcp", "fe80::1", "", true},
		{"tcp", "no-such-host.invalid", "", true},
		{"tcp", "0.0.0.0", "secret", false},
		{"tcp", "*", "secret", false},
		{"tcp", "127.0.0.1", "", false},
		{"tcp", "127.3.4.5", "", false},
		{"tcp", "::1", "", false},
		{"tcp", "localhost", "", false},
		{"ipc", "/run/x/kernel-ipc", "", false},
	} {
		file := filepath.Join(t.TempDir(), "connection.json")
		text, err := json.Marshal(Connection{Transport: k.transport, IP: k.ip, Key: k.key, Scheme: scheme})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = ReadConnection(file)
		if k.refused != (err != nil) {
			t.Errorf("%s %q with key %q: %v", k.transport, k.ip, k.key, err)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "set key, or set ip to 127.0.0.1") || !strings.Contains(err.Error(), file)) {
			t.Errorf("%s %q: %v", k.transport, k.ip, err)
		}
	}
}

// TestAddresses connects to what is listened on.
func TestAddresses(t *testing.T) {
	for ip, reached := range map[string]string{"::1": "[::1]:", "*": "127.0.0.1:", "0.0.0.0": "127.0.0.1:", "localhost": "localhost:"} {
		conn := newConnection(t, "tcp")
		conn.IP = ip
		s, err := Listen(conn, newLogger(&syncBuffer{}))
		if ip == "::1" && err != nil && !strings.Contains(err.Error(), "too many colons") {
			t.Logf("IPv6: NOT TESTED: %v", err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", ip, err)
			continue
		}
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(conn.address(conn.Shell), "tcp://"))
		if c, err := net.Dial("tcp", reached+port); err != nil {
			t.Errorf("%s: %v", ip, err)
		} else {
			c.Close()
		}
		s.Close()
	}
}

// TestSockets looks at the files of ipc: they are the user's alone, those of a kernel that was killed are no obstacle, those of
// one that runs are, and so is what is no socket.
func TestSockets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes of files")
	}
	conn := newConnection(t, "ipc")
	_, path := conn.listenOn(conn.Shell)
	dead, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	dead.Close()
	s, err := Listen(conn, newLogger(&syncBuffer{}))
	if err != nil {
		t.Fatalf("after a kernel that was killed: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, err := Listen(conn, newLogger(&syncBuffer{})); err == nil || !strings.Contains(err.Error(), "by another program") {
		t.Errorf("a kernel is there, and another one says %v", err)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Errorf("the kernel that is there does not listen any more: %v", err)
	} else {
		c.Close()
	}
	s.Close()
	if left, _ := filepath.Glob(conn.IP + "-*"); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
	if err := os.WriteFile(path, []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(conn, newLogger(&syncBuffer{})); err == nil {
		t.Error("a file of somebody's is overwritten")
	}
	if text, err := os.ReadFile(path); string(text) != "notes" {
		t.Errorf("a file of somebody's: %q %v", text, err)
	}
}

// TestLongPath names sockets as long as they may be, and a byte longer.
func TestLongPath(t *testing.T) {
	for more := range 2 {
		dir, err := os.MkdirTemp("", "rt0-") // t.TempDir has the test's name in it
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		conn := newConnection(t, "ipc")
		conn.IP = dir + "/" + strings.Repeat("x", longestPath()+more-len(dir)-len("/-1"))
		s, err := Listen(conn, newLogger(&syncBuffer{}))
		if err == nil {
			s.Close()
		}
		if more == 0 && err != nil || more == 1 && (err == nil || !strings.Contains(err.Error(), fmt.Sprintf("has %d bytes, and a socket's has %d at most", longestPath()+1, longestPath()))) {
			t.Errorf("%d bytes: %v", longestPath()+more, err)
		}
	}
}
