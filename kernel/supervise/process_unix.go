//go:build unix && !linux

package supervise

import "syscall"

// attributes put the cells' process into a session of its own: ^C in a terminal is not for it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// restrict would make the system enforce the limit; here only the watch does.
func restrict(uint64) {}

// endSession would end what cells have left behind; here commands end with their cells only.
func endSession(int) {}
