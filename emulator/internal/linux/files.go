package linux

// fileTable is the process's open files and everything they can lead to.
type fileTable struct{}
