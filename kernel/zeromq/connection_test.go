package zeromq

import (
	"encoding/json"
	"fmt"
	"maps"
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
		text, err := json.Marshal(Connection{Transport: k.transport, IP: k.ip, Key: k.key, Scheme: scheme, Shell: 1, Control: 2, IOPub: 3, Stdin: 4, Heartbeat: 5})
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

// wholeFile is a connection file as Jupyter writes it.
const wholeFile = `{"transport": "tcp", "ip": "127.0.0.1", "shell_port": 1001, "control_port": 1002, "iopub_port": 1003, "stdin_port": 1004,
  "hb_port": 1005, "signature_scheme": "hmac-sha256", "key": "secret", "kernel_name": "go"}`

// TestConnectionFiles reads what is no whole connection file, and some that are.
func TestConnectionFiles(t *testing.T) {
	var whole map[string]any
	if err := json.Unmarshal([]byte(wholeFile), &whole); err != nil {
		t.Fatal(err)
	}
	const asWritten = "; want a connection file as Jupyter writes it when it starts a kernel"
	for _, k := range []struct {
		without string // fields, with spaces between
		with    map[string]any
		text    string // instead
		want    string // the error after the file's name
	}{
		{},
		{without: "kernel_name"},
		{with: map[string]any{"key": ""}},
		{with: map[string]any{"key": "", "ip": "::1"}},
		{with: map[string]any{"key": "", "signature_scheme": ""}},
		{with: map[string]any{"transport": "ipc", "ip": "/run/user/1/kernel", "shell_port": 100000}},
		{text: "{}", want: "missing fields: shell_port, control_port, iopub_port, stdin_port, hb_port, key" + asWritten},
		{without: "key", want: "missing fields: key" + asWritten},
		{without: "key", with: map[string]any{"Key": "secret"}, want: "missing fields: key" + asWritten},
		{with: map[string]any{"key": nil}, want: "missing fields: key" + asWritten},
		{without: "signature_scheme"},
		{without: "transport"},
		{without: "ip"},
		{without: "hb_port stdin_port", want: "missing fields: stdin_port, hb_port" + asWritten},
		{without: "shell_port control_port iopub_port", want: "missing fields: shell_port, control_port, iopub_port" + asWritten},
		{with: map[string]any{"shell_port": 0}, want: "shell_port is 0; want 1 to 65535"},
		{with: map[string]any{"iopub_port": -1}, want: "iopub_port is -1; want 1 to 65535"},
		{with: map[string]any{"hb_port": 65536}, want: "hb_port is 65536; want 1 to 65535"},
		{with: map[string]any{"transport": "ipc", "hb_port": 0}, want: "hb_port is 0; want 1 to 2147483647"},
		{with: map[string]any{"stdin_port": 1001}, want: "shell_port and stdin_port are both 1001; each channel wants a port of its own"},
		{with: map[string]any{"stdin_port": "1004"}, want: `stdin_port is "1004"; want a whole number`},
		{with: map[string]any{"stdin_port": 1.5}, want: "stdin_port is 1.5; want a whole number"},
		{with: map[string]any{"key": 5}, want: "key is 5; want a string"},
		{text: strings.Replace(wholeFile, `"secret"`, "[\n1,\n2]", 1), want: "key is [ 1, 2]; want a string"},
		{with: map[string]any{"ip": ""}, want: "ip is empty; want an address, such as 127.0.0.1, or for ipc the beginning of a path"},
		{with: map[string]any{"transport": "udp"}, want: `transport is "udp"; rt0 knows tcp and ipc`},
		{with: map[string]any{"signature_scheme": "hmac-md5"}, want: `signature_scheme is "hmac-md5"; rt0 knows hmac-sha256`},
		{text: "[]", want: "no JSON object: json: cannot unmarshal array into Go value of type map[string]json.RawMessage" + asWritten},
		{text: "null", want: "missing fields: shell_port, control_port, iopub_port, stdin_port, hb_port, key" + asWritten},
		{text: "\n", want: "no JSON object: unexpected end of JSON input" + asWritten},
	} {
		fields := maps.Clone(whole)
		for _, name := range strings.Fields(k.without) {
			delete(fields, name)
		}
		maps.Copy(fields, k.with)
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if k.text != "" {
			text = []byte(k.text)
		}
		file := filepath.Join(t.TempDir(), "connection.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := ReadConnection(file)
		switch {
		case k.want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case k.want == "" && (c.Ports()["stdin_port"] != 1004 || c.Key != fields["key"] || fields["ip"] != nil && c.IP != fields["ip"]):
			t.Errorf("%s: read as %+v", text, c)
		case k.want != "" && (err == nil || err.Error() != file+": "+k.want):
			t.Errorf("%s: %v\nwant %s", text, err, k.want)
		}
	}
	if _, err := ReadConnection(filepath.Join(t.TempDir(), "none")); err == nil || !strings.HasSuffix(err.Error(), "none: no such file or directory"+asWritten) {
		t.Error(err)
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
