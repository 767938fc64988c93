package linux

import (
	"fmt"
	"slices"
	"testing"
)

// TestNoRoom: calls that the account has refused are told from those that fail alike for another reason.
func TestNoRoom(t *testing.T) {
	const big = 100 << 20 // the guest may hold 64 MiB
	k := newGuest(t,
		call(9, 0, big, 3, anon, 0, 0),     // mmap
		call(9, 0, 4096, 3, anon, 0, 0),    // which fits
		call(28, 0, 4096, 4),               // madvise of what is not mapped
		call(285, 99, 0, 0, 4096),          // of no file
		call(25, dataAt, 4096, big, 1, 0),  // mremap
		call(25, 4096, 4096, 2*4096, 1, 0), // of nothing
		call(231, 0))
	var got []string
	k.OnSyscall = func(e *SyscallEvent) {
		if e.Err != nil && e.Errno() != 0 {
			got = append(got, fmt.Sprint(e.Name, " ", e.Err, " ", e.NoRoom))
		} else if e.NoRoom {
			t.Errorf("%s: no room, and no error", e)
		}
	}
	finish(t, k)
	want := []string{"mmap ENOMEM true", "madvise ENOMEM false", "fallocate EBADF false", "mremap ENOMEM true", "mremap EFAULT false"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
