//go:build unix

package supervise

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// The pipes are the files after the standard ones (os/exec, ExtraFiles): a cell that writes to file 1 disturbs nothing.
const firstFile = 3

// inherit gives cmd its ends of the pipes.
func inherit(cmd *exec.Cmd, requests, events *os.File) {
	cmd.ExtraFiles = []*os.File{requests, events}
	cmd.Stdout = cmd.Stderr
}

// inherited returns the ends of the pipes in the cells' process. Commands that cells start do not inherit them.
func inherited() (in, out *os.File, err error) {
	for i, f := range []**os.File{&in, &out} {
		syscall.CloseOnExec(firstFile + i)
		*f = os.NewFile(uintptr(firstFile+i), "kernel")
		if info, err := (*f).Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			return nil, nil, errors.New("no kernel has started this process; rt0 kernel run does")
		}
	}
	return in, out, nil
}
