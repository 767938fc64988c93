// Package zeromq carries Jupyter messages over ZeroMQ sockets, signed with HMAC-SHA256, as Jupyter's connection files say.
package zeromq

import (
	"context"
	"encoding/json"
	"fmt"
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

// ReadConnection reads a connection file.
func ReadConnection(file string) (*Connection, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: scheme}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if c.Key != "" && c.Scheme != scheme {
		return nil, fmt.Errorf("%s: signature_scheme is %q; rt0 knows %s", file, c.Scheme, scheme)
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return nil, fmt.Errorf("%s: transport is %q; rt0 knows tcp and ipc", file, c.Transport)
	}
	if c.Transport == "tcp" && c.Key == "" && !loopback(c.IP) {
		return nil, fmt.Errorf("%s: other computers reach ip %q, and without a key anybody could run cells; set key, or set ip to 127.0.0.1", file, c.IP)
	}
	return c, nil
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
	return map[string]int{"shell_port": c.Shell, "control_port": c.Control, "iopub_port": c.IOPub, "stdin_port": c.Stdin, "hb_port": c.Heartbeat}
}
