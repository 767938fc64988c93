//go:build !unix

package supervise

import (
	"os"
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// restrict would make the system enforce the limit; here only the watch does.
func restrict(uint64) {}

// endSession would end what cells have left behind; here commands end with their cells only.
func endSession(int) {}

// inherit gives cmd its ends of the pipes: here its standard input and output, for there are no other files to inherit.
func inherit(cmd *exec.Cmd, requests, events *os.File) { cmd.Stdin, cmd.Stdout = requests, events }

// inherited returns the ends of the pipes in the cells' process. What else would use the standard streams gets others.
func inherited() (in, out *os.File, err error) {
	in, out = os.Stdin, os.Stdout
	os.Stdout = os.Stderr
	os.Stdin, err = os.Open(os.DevNull)
	return in, out, err
}
