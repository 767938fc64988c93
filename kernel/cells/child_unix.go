//go:build unix

package cells

import (
	"os/exec"
	"syscall"
)

// own puts a command into a process group of its own, so that all of it ends when the cell is interrupted.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
