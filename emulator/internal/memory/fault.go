package memory

import "fmt"

// Access is a way of touching memory.
type Access uint8

// The ways of touching memory.
const (
	AccessRead Access = iota
	AccessWrite
	AccessExec
)

func (a Access) String() string { return [...]string{"read", "write", "execute"}[a] }

func (a Access) prot() Prot { return [...]Prot{Read, Write, Exec}[a] }

// A Fault is an access that the guest's mappings forbid: what the MMU reports as #PF.
type Fault struct {
	Addr   uint64
	Access Access
	// Mapped says that the page is mapped but forbids the access (SEGV_ACCERR); else nothing is there (SEGV_MAPERR).
	Mapped bool
}

func (f *Fault) Error() string {
	why := "not mapped"
	if f.Mapped {
		why = "not permitted"
	}
	return fmt.Sprintf("%s at %#x: %s", f.Access, f.Addr, why)
}
