package hostile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

var waitingAt = regexp.MustCompile(`waiting at (\S+);`)

// Travel runs a guest where time travel is on: cmd is `rt0 gdb -listen 127.0.0.1:0 …`, not yet started. It runs the guest to its
// end and goes back to its beginning. It returns the most memory that the process had, in bytes (VmHWM in proc_pid_status(5);
// 0 where there is none), and what the guest printed.
func Travel(cmd *exec.Cmd) (peak uint64, said string, err error) {
	var out bytes.Buffer
	cmd.Stdout = &out
	messages, w := io.Pipe()
	cmd.Stderr = w
	addr := make(chan string, 1)
	var all strings.Builder
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(addr)
		for lines := bufio.NewScanner(messages); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			if m := waitingAt.FindStringSubmatch(lines.Text()); m != nil && len(addr) == 0 {
				addr <- m[1]
			}
		}
		io.Copy(io.Discard, messages)
	})
	if err := cmd.Start(); err != nil {
		return 0, "", err
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait() // killed below, on purpose
		w.Close()
		close(ended)
	}()
	at, ok := <-addr
	if ok {
		peak, err = thereAndBack(at, cmd.Process.Pid)
	}
	cmd.Process.Kill()
	<-ended
	reading.Wait()
	if !ok || err != nil {
		return 0, "", fmt.Errorf("%s: %v; it says %q", cmd.Args, err, all.String())
	}
	return peak, out.String(), nil
}

// thereAndBack drives the guest of the gdb server at addr, a process with the ID.
func thereAndBack(addr string, pid int) (uint64, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for _, packet := range []string{"$vCont;c#a8", "$bc#c5"} {
		if _, err := io.WriteString(conn, packet); err != nil {
			return 0, err
		}
		reply := "O" // what the server has to say to the user comes first
		for reply[0] == 'O' {
			if _, err = r.ReadString('$'); err != nil {
				return 0, err
			}
			if reply, err = r.ReadString('#'); err != nil {
				return 0, err
			}
			io.WriteString(conn, "+")
		}
		if reply[0] != 'T' {
			return 0, fmt.Errorf("the reply to %s is %q", packet, reply)
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, nil // not on Linux
	}
	return HighWater(status)
}

// HighWater returns the most memory that a process had, in bytes, from its /proc/PID/status.
func HighWater(status []byte) (uint64, error) {
	_, rest, ok := bytes.Cut(status, []byte("\nVmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte(" kB\n"))
	kib, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 10, 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("no VmHWM in %q", status)
	}
	return kib << 10, nil
}
