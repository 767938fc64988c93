package memory

import "testing"

func TestUnshared(t *testing.T) {
	s := New(1 << 30)
	const base = 0x10000
	if err := s.Map(Area{Start: base, End: base + 64*PageSize, Prot: Read | Write}); err != nil {
		t.Fatal(err)
	}
	write := func(pages ...uint64) *Snapshot {
		for _, p := range pages {
			if _, f := s.WriteAt([]byte{1}, base+p*PageSize); f != nil {
				t.Fatal(f)
			}
		}
		return s.Snapshot()
	}
	const path = levels * nodeBytes // the nodes down to a page
	empty, a, b, same := s.Snapshot(), write(1, 2, 3), write(3, 4), write()
	for _, tt := range []struct {
		name string
		x, y *Snapshot
		want uint64
	}{
		{"itself", a, a, 0},
		{"nothing happened", b, same, 0},
		{"from nothing", a, empty, path + 3*pageBytes},
		{"nothing", empty, a, 0},
		{"one page overwritten", a, b, path + pageBytes},
		{"two pages written", b, a, path + 2*pageBytes},
	} {
		if got := tt.x.Unshared(tt.y); got != tt.want {
			t.Errorf("%s: %d bytes, want %d", tt.name, got, tt.want)
		}
	}
}
