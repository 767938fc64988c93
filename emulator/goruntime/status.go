package goruntime

import "fmt"

// GStatus returns the runtime's own name for a goroutine's status, such as "_Grunning", the scan bit included
// ("_Gscanrunning").
func (r *Runtime) GStatus(n uint64) string { return r.status("_G", n) }

// PStatus returns the runtime's own name for a P's status, such as "_Pidle".
func (r *Runtime) PStatus(n uint64) string { return r.status("_P", n) }

// classicStatuses are the names of the time before the compiler wrote constants into DWARF (Go 1.4 to 1.9, runtime2.go).
// The numbers have not changed since.
var classicStatuses = map[string][]string{
	"_G": {"_Gidle", "_Grunnable", "_Grunning", "_Gsyscall", "_Gwaiting", "_Gmoribund_unused", "_Gdead", "_Genqueue", "_Gcopystack"},
	"_P": {"_Pidle", "_Prunning", "_Psyscall", "_Pgcstop", "_Pdead"},
}

// status finds the name in the program's own DWARF, else among the classic ones.
func (r *Runtime) status(prefix string, n uint64) string {
	names := r.statuses[prefix]
	if names == nil {
		names = map[uint64]string{}
		r.statuses[prefix] = names
		for i, name := range classicStatuses[prefix] {
			names[uint64(i)] = name
		}
		r.ownStatuses(prefix, names)
	}
	if name, ok := names[n]; ok {
		return name
	}
	return fmt.Sprintf("%sstatus %#x", prefix, n)
}

// ownStatuses overwrites the names with the program's. Statuses are the constants whose names go on in small letters; other
// constants of that prefix have capitals, as _GoidCacheBatch. The first of a number counts.
func (r *Runtime) ownStatuses(prefix string, names map[uint64]string) {
	own, err := r.table.Constants("runtime." + prefix)
	if err != nil {
		return
	}
	seen := map[uint64]bool{}
	for _, c := range own {
		name := c.Name[len("runtime."):]
		if !isStatus(name[len(prefix):]) || seen[uint64(c.Value)] {
			continue
		}
		seen[uint64(c.Value)] = true
		names[uint64(c.Value)] = name
	}
}

// isStatus says whether what follows _G or _P is all small letters and underscores.
func isStatus(rest string) bool {
	for _, c := range rest {
		if (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return rest != ""
}
