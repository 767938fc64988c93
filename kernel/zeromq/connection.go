// Package zeromq carries Jupyter messages over ZeroMQ sockets, signed with HMAC-SHA256, as Jupyter's connection files say.
package zeromq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Connection is the content of a connection file.
type Connection struct {
	Transport string `json:"transport"` // "tcp" or "ipc"
	IP        string `json:"ip"`        // an address, or the beginning of a socket's path
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	IOPub     int    `json:"iopub_port"`
	Stdin     int    `json:"stdin_port"`
	Heartbeat int    `json:"hb_port"`
	Scheme    string `json:"signature_scheme"`
	Key       string `json:"key"`
}

// ReadConnection reads a connection file. The ports and the key must be there: a file without them is no connection file, or
// is one that was cut off, and a kernel that guessed could be reached by nobody, or by anybody. The others are Jupyter's own
// defaults if they are left out: transport tcp, ip 127.0.0.1, signature_scheme hmac-sha256.
func ReadConnection(file string) (*Connection, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, writtenByJupyter)
	}
	c, err := parseConnection(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// writtenByJupyter tells where connection files come from.
const writtenByJupyter = "want a connection file as Jupyter writes it when it starts a kernel"

// parseConnection parses the text of a connection file.
func parseConnection(text []byte) (*Connection, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("no JSON object: %w; %s", err, writtenByJupyter)
	}
	c := &Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: scheme}
	ports := c.ports()
	known := append(ports, field{"key", &c.Key})
	var missing []string
	for _, f := range known {
		if raw, ok := fields[f.name]; !ok || string(raw) == "null" {
			missing = append(missing, f.name)
		}
	}
	for _, f := range []field{{"transport", &c.Transport}, {"ip", &c.IP}, {"signature_scheme", &c.Scheme}} {
		if fields[f.name] != nil {
			known = append(known, f)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("missing fields: %s; %s", strings.Join(missing, ", "), writtenByJupyter)
	}
	for _, f := range known {
		if err := json.Unmarshal(fields[f.name], f.value); err != nil {
			want := "a string"
			if _, ok := f.value.(*int); ok {
				want = "a whole number"
			}
			is := strings.Join(strings.Fields(string(fields[f.name])), " ") // it may have lines
			return nil, fmt.Errorf("%s is %.40s; want %s", f.name, is, want)
		}
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return nil, fmt.Errorf("transport is %q; rt0 knows tcp and ipc", c.Transport)
	}
	if c.Transport == "tcp" && c.Key == "" && !loopback(c.IP) {
		return nil, fmt.Errorf("other computers reach ip %q, and without a key anybody could run cells; set key, or set ip to 127.0.0.1", c.IP)
	}
	if c.IP == "" {
		return nil, errors.New("ip is empty; want an address, such as 127.0.0.1, or for ipc the beginning of a path")
	}
	most := 65535
	if c.Transport == "ipc" { // the number is only the end of a path
		most = math.MaxInt32
	}
	taken := map[int]string{}
	for _, f := range ports {
		n := *f.value.(*int)
		if n < 1 || n > most {
			return nil, fmt.Errorf("%s is %d; want 1 to %d", f.name, n, most)
		}
		if other, ok := taken[n]; ok {
			return nil, fmt.Errorf("%s and %s are both %d; each channel wants a port of its own", other, f.name, n)
		}
		taken[n] = f.name
	}
	if c.Key != "" && c.Scheme != scheme {
		return nil, fmt.Errorf("signature_scheme is %q; rt0 knows %s", c.Scheme, scheme)
	}
	return c, nil
}

// A field is one of a connection file; value points to where it goes.
type field struct {
	name  string
	value any
}

// ports returns the fields of the five ports.
func (c *Connection) ports() []field {
	return []field{{"shell_port", &c.Shell}, {"control_port", &c.Control}, {"iopub_port", &c.IOPub}, {"stdin_port", &c.Stdin}, {"hb_port", &c.Heartbeat}}
}

// listenOn returns what net.Listen takes for a port; ipc numbers its sockets in the same way (jupyter_client, connect.py).
func (c *Connection) listenOn(port int) (network, address string) {
	if c.Transport == "ipc" {
		return "unix", fmt.Sprintf("%s-%d", c.IP, port)
	}
	return "tcp", net.JoinHostPort(strings.TrimPrefix(c.IP, "*"), strconv.Itoa(port)) // "*" is ZeroMQ's word for all addresses
}

// address returns a port's endpoint in ZeroMQ's spelling.
func (c *Connection) address(port int) string {
	_, address := c.listenOn(port)
	return c.Transport + "://" + address
}

// loopback reports whether only this computer can reach an address that a server listens on.
func loopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil || host == "" || host == "*" {
		return ip.IsLoopback()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	list, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	return err == nil && !slices.ContainsFunc(list, func(a net.IPAddr) bool { return !a.IP.IsLoopback() })
}

// Ports returns what connect_request asks for.
func (c *Connection) Ports() map[string]int {
	numbers := map[string]int{}
	for _, f := range c.ports() {
		numbers[f.name] = *f.value.(*int)
	}
	return numbers
}
