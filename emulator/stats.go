package emulator

// Stats count what a run has taken so far.
type Stats struct {
	// Threads is how many threads there were in all, the exited ones included.
	Threads int
	// Pages is how many 4 KiB pages of memory hold bytes of their own now.
	Pages int
	// Syscalls is how many system calls were made.
	Syscalls uint64
}

// Stats returns the counts.
func (m *Machine) Stats() Stats {
	return Stats{Threads: m.kernel.ThreadsMade(), Pages: m.mem.Pages(), Syscalls: m.kernel.Calls()}
}
