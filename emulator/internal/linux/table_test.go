package linux

import (
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A note is one full sentence, and who is not Supported has one.
func TestNotes(t *testing.T) {
	rows := Syscalls()
	if len(rows) < 200 {
		t.Errorf("the table has only %d rows", len(rows))
	}
	for i, s := range rows {
		if i > 0 && s.Nr <= rows[i-1].Nr {
			t.Errorf("%s is out of order", s.Name)
		}
		if (s.Level == Supported) != (s.Note == "") {
			t.Errorf("%s is %s with the note %q", s.Name, s.Level, s.Note)
		}
		if s.Note != "" && (!unicode.IsUpper(rune(s.Note[0])) || !strings.HasSuffix(s.Note, ".")) {
			t.Errorf("%s: %q is no sentence", s.Name, s.Note)
		}
	}
}

// No call may panic, whatever its arguments.
func TestHostileArguments(t *testing.T) {
	values := []uint64{0, 1, 7, ^uint64(0), 1 << 31, 1<<63 - 1, 1 << 47, dataAt, stackTop - 3, 4096}
	for _, s := range Syscalls() {
		k := newGuest(t, forever)
		k.Report = nil
		for i := range 300 {
			var a args
			for j := range a {
				a[j] = values[(i*(j*j+3)+j+i/7)%len(values)]
			}
			if k.current == nil || k.exited {
				break
			}
			e := SyscallEvent{Name: s.Name, Args: a, k: k, row: &s}
			if e.String() == "" {
				t.Errorf("%s%#x has no text", s.Name, a)
			}
			s.run(k, k.current, a)
		}
	}
}

func TestLog(t *testing.T) {
	var got []string
	k := newGuest(t, call(318, dataAt+64, 4, 1), call(999, 1), call(14, 2, dataAt, 0, 8), call(62, 5, 15), call(9, 0, 4096, 3, anon, 9, 0), call(10, dataAt, 4096, 0), call(231, 3))
	reports := 0
	k.Report = func(string) { reports++ }
	k.OnSyscall = func(e *SyscallEvent) { got = append(got, e.String()) }
	poke(t, k, dataAt, uint64(sigbit(1)|sigbit(SIGCHLD)))
	finish(t, k)
	random := newRandom(1, "entropy")
	b := make([]byte, 4)
	random.fill(b)
	want := []string{
		`getrandom(` + strconv.Quote(string(b)) + `, 4, 0x1) = 4`,
		`syscall_999(0x1, 0x4, 0x1, 0x0, 0x0, 0x0) = -1 ENOSYS`,
		`rt_sigprocmask(SIG_SETMASK, [SIGHUP SIGCHLD], NULL, 8) = 0`,
		`kill(5, SIGTERM) = -1 ESRCH`,
		`mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, 9, 0x0) = 0x7ffff7ffe000`,
		`mprotect(0x20000, 4096, PROT_NONE) = 0`,
		`exit_group(3) = ?`,
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("line %d:\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if reports != 1 {
		t.Errorf("%d reports, want 1", reports)
	}
}

func TestAffinity(t *testing.T) {
	k := newGuest(t, forever) // 4 processors
	for _, s := range []step{
		{"too small", sysGetaffinity, args{0, 0, dataAt}, 0, errno.EINVAL},
		{"not in words", sysGetaffinity, args{0, 9, dataAt}, 0, errno.EINVAL},
		{"somebody else", sysGetaffinity, args{5, 8, dataAt}, 0, errno.ESRCH},
		{"get", sysGetaffinity, args{0, 8192, dataAt}, 8, nil},
		{"set none", sysSetaffinity, args{0, 8, dataAt + 64}, 0, errno.EINVAL},
		{"set", sysSetaffinity, args{0, 8, dataAt + 72}, 0, nil},
		{"get again", sysGetaffinity, args{PID, 8, dataAt + 8}, 8, nil},
	} {
		poke(t, k, dataAt+64, 0, 6)
		s.do(t, k)
	}
	if a, b := peek(t, k, dataAt), peek(t, k, dataAt+8); a != 15 || b != 6 {
		t.Errorf("masks %#x and %#x, want 0xf and 0x6", a, b)
	}
}
