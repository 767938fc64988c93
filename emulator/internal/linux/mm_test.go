package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
)

const (
	pg   = memory.PageSize
	anon = MAP_PRIVATE | MAP_ANONYMOUS
	rw   = 3
)

// A step is a call and what must come of it.
type step struct {
	name string
	run  handler
	args args
	want uint64
	err  error
}

func (s step) do(t *testing.T, k *Kernel) {
	t.Helper()
	got, err := s.run(k, k.current, s.args)
	if err != s.err || err == nil && got != s.want {
		t.Errorf("%s: %#x, %v; want %#x, %v", s.name, got, err, s.want, s.err)
	}
}

func TestMapping(t *testing.T) {
	const top, hint = mapHigh, 0x5000_0000
	k := newGuest(t)
	k.SetBreak(0x80_0000)
	none := ^uint64(0)
	for _, s := range []step{
		{"first from the top down", sysMmap, args{0, 3 * pg, rw, anon, none}, top - 3*pg, nil},
		{"next below", sysMmap, args{0, 100, rw, anon, none}, top - 4*pg, nil},
		{"a free hint is taken", sysMmap, args{hint + 5, pg, rw, anon, none}, hint, nil},
		{"a taken hint is not", sysMmap, args{hint, pg, rw, anon, none}, top - 5*pg, nil},
		{"fixed replaces", sysMmap, args{hint, 2 * pg, 1, anon | MAP_FIXED, none}, hint, nil},
		{"fixed, not aligned", sysMmap, args{hint + 1, pg, rw, anon | MAP_FIXED, none}, 0, errno.EINVAL},
		{"fixed, no replacing", sysMmap, args{hint + pg, pg, rw, anon | MAP_FIXED_NOREPLACE, none}, 0, errno.EEXIST},
		{"fixed too low", sysMmap, args{0, pg, rw, anon | MAP_FIXED, none}, 0, errno.EPERM},
		{"fixed too high", sysMmap, args{memory.MaxAddr, pg, rw, anon | MAP_FIXED, none}, 0, errno.ENOMEM},
		{"empty", sysMmap, args{0, 0, rw, anon, none}, 0, errno.EINVAL},
		{"neither shared nor private", sysMmap, args{0, pg, rw, MAP_ANONYMOUS, none}, 0, errno.EINVAL},
		{"all there is", sysMmap, args{0, none, rw, anon, none}, 0, errno.ENOMEM},
		{"beyond the limit", sysMmap, args{0, 128 << 20, rw, anon, none}, 0, errno.ENOMEM},
		{"reserved beyond the limit", sysMmap, args{0, 1 << 40, 0, anon, none}, top - 5*pg - 1<<40, nil},
		{"not a file", sysMmap, args{0, pg, 1, MAP_PRIVATE, 99}, 0, errno.EBADF},
		{"protect a hole", sysMprotect, args{hint + pg, 2 * pg, 1}, 0, errno.ENOMEM},
		{"protect strangely", sysMprotect, args{hint, pg, 64}, 0, errno.EINVAL},
		{"protect", sysMprotect, args{hint, 2 * pg, rw}, 0, nil},
		{"unmap nothing", sysMunmap, args{hint, 0}, 0, errno.EINVAL},
		{"unmap half a page on", sysMunmap, args{hint + 7, pg}, 0, errno.EINVAL},
		{"unmap", sysMunmap, args{hint, pg}, 0, nil},
		{"unmap again", sysMunmap, args{hint, pg}, 0, nil},
		{"advise a hole", sysMadvise, args{hint, 2 * pg, MADV_DONTNEED}, 0, errno.ENOMEM},
		{"advise strangely", sysMadvise, args{hint + pg, pg, 6}, 0, errno.EINVAL},
		{"resident hole", sysMincore, args{hint, pg, dataAt}, 0, errno.ENOMEM},
		{"resident", sysMincore, args{hint + pg, pg, dataAt}, 0, nil},
		{"sync a hole", sysMsync, args{hint, pg, 4}, 0, errno.ENOMEM},
		{"break", sysBrk, args{0}, 0x80_0000, nil},
		{"break up", sysBrk, args{0x80_2345}, 0x80_2345, nil},
		{"break below its start", sysBrk, args{0x7f_0000}, 0x80_2345, nil},
		{"break down", sysBrk, args{0x80_1000}, 0x80_1000, nil},
		{"break beyond the limit", sysBrk, args{0x4000_0000}, 0x80_1000, nil},
	} {
		s.do(t, k)
	}
}

func TestRemap(t *testing.T) {
	const a, b, far = 0x5000_0000, 0x5000_4000, 0x6000_0000
	k := newGuest(t)
	for _, at := range []uint64{a, b} {
		step{"mmap", sysMmap, args{at, 2 * pg, rw, anon | MAP_FIXED}, at, nil}.do(t, k)
	}
	poke(t, k, a+pg, 42)
	for _, s := range []step{
		{"grow in place", sysMremap, args{a, 2 * pg, 4 * pg}, a, nil},
		{"no room", sysMremap, args{a, 4 * pg, 5 * pg}, 0, errno.ENOMEM},
		{"move to grow", sysMremap, args{a, 4 * pg, 5 * pg, MREMAP_MAYMOVE}, mapHigh - 5*pg, nil},
		{"nothing there any more", sysMremap, args{a, pg, 2 * pg}, 0, errno.EFAULT},
		{"move to a place", sysMremap, args{mapHigh - 5*pg, 5 * pg, 3 * pg, MREMAP_MAYMOVE | MREMAP_FIXED, far}, far, nil},
		{"onto itself", sysMremap, args{far, 3 * pg, 3 * pg, MREMAP_MAYMOVE | MREMAP_FIXED, far + pg}, 0, errno.EINVAL},
		{"shrink", sysMremap, args{far, 3 * pg, 2 * pg}, far, nil},
		{"without bounds", sysMremap, args{far, 2 * pg, ^uint64(0), MREMAP_MAYMOVE}, 0, errno.ENOMEM},
		{"to nothing", sysMremap, args{far, 2 * pg, 0}, 0, errno.EINVAL},
	} {
		s.do(t, k)
	}
	if got := peek(t, k, far+pg); got != 42 {
		t.Errorf("the moved word is %d, want 42", got)
	}
	if _, err := k.load64(far + 2*pg); err != errno.EFAULT {
		t.Errorf("behind the shrunk mapping: %v", err)
	}
}

func TestDiscard(t *testing.T) {
	k := newGuest(t)
	for _, advice := range []uint64{MADV_DONTNEED, MADV_FREE} {
		poke(t, k, dataAt, 1)
		poke(t, k, dataAt+pg, 2)
		step{"madvise", sysMadvise, args{dataAt, pg, advice}, 0, nil}.do(t, k)
		if peek(t, k, dataAt) != 0 || peek(t, k, dataAt+pg) != 2 {
			t.Errorf("advice %d: %d and %d, want 0 and 2", advice, peek(t, k, dataAt), peek(t, k, dataAt+pg))
		}
	}
}
