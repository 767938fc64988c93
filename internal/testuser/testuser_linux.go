// Package testuser lets a test connect to a server as another user of the computer.
package testuser

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Nobody is the uid of the other user.
const Nobody = 65534

// address is the environment variable that makes a test's program be the other user's client and nothing else.
const address = "RT0_TESTUSER_DIAL"

func init() {
	addr := os.Getenv(address)
	if addr == "" {
		return
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	io.Copy(conn, os.Stdin)
	conn.(*net.TCPConn).CloseWrite()
	io.Copy(os.Stdout, conn)
	os.Exit(0)
}

// Dial connects to the TCP address as Nobody, says what is given and that there is no more, and returns what it hears until
// the server ends the connection. A test that is not run by root is skipped.
func Dial(t *testing.T, addr, say string) (heard string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: a client of another user; run the test as root")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Dir, cmd.Env = "/", []string{address + "=" + addr}
	cmd.Stdin = strings.NewReader(say)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: Nobody, Gid: Nobody}}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("a client with the uid %d: %v %s", Nobody, err, complaint.String())
	}
	return string(out)
}
