package memory

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"github.com/rt0lab/rt0/emulator/internal/account"
	"math/rand/v2"
	"strings"
	"testing"
)

const kib = 1024

// maps renders the areas one to a word, for comparison.
func maps(s *Space) string {
	var b strings.Builder
	for _, a := range s.Areas() {
		fmt.Fprintf(&b, "%x-%x%s%s ", a.Start>>PageShift, a.End>>PageShift, a.Prot, a.Name)
	}
	return strings.TrimSpace(b.String())
}

func area(first, last uint64, p Prot) Area {
	return Area{Start: first << PageShift, End: last << PageShift, Prot: p}
}

func TestAreas(t *testing.T) {
	const rw = Read | Write
	for _, c := range []struct {
		name string
		do   func(s *Space)
		want string
	}{
		{"map", func(s *Space) { s.Map(area(1, 4, rw)) }, "1-4rw-"},
		{"neighbours join", func(s *Space) { s.Map(area(1, 4, rw)); s.Map(area(4, 6, rw)) }, "1-6rw-"},
		{"other permissions do not join", func(s *Space) { s.Map(area(1, 4, rw)); s.Map(area(4, 6, Read)) }, "1-4rw- 4-6r--"},
		{"map over the middle", func(s *Space) { s.Map(area(1, 9, rw)); s.Map(area(4, 6, Read)) }, "1-4rw- 4-6r-- 6-9rw-"},
		{"unmap the middle", func(s *Space) { s.Map(area(1, 9, rw)); s.Unmap(4*PageSize, 2*PageSize) }, "1-4rw- 6-9rw-"},
		{"unmap all and more", func(s *Space) { s.Map(area(2, 4, rw)); s.Unmap(PageSize, 9*PageSize) }, ""},
		{"protect the head", func(s *Space) { s.Map(area(1, 9, rw)); s.Protect(PageSize, PageSize, Read) }, "1-2r-- 2-9rw-"},
		{"protect across areas", func(s *Space) {
			s.Map(area(1, 3, rw))
			s.Map(area(3, 5, Read))
			s.Protect(2*PageSize, 2*PageSize, 0)
		}, "1-2rw- 2-3--- 3-4--- 4-5r--"},
		{"protect and back joins again", func(s *Space) {
			s.Map(area(1, 9, rw))
			s.Protect(4*PageSize, PageSize, Read)
			s.Protect(4*PageSize, PageSize, rw)
		}, "1-9rw-"},
		{"move", func(s *Space) { s.Map(area(1, 3, rw)); s.Move(PageSize, 16*PageSize, 2*PageSize) }, "10-12rw-"},
	} {
		s := New(1 << 30)
		c.do(s)
		if got := maps(s); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		var charged uint64
		for _, a := range s.Areas() {
			charged += a.charge()
		}
		if charged != s.Held() {
			t.Errorf("%s: charged %d, the areas say %d", c.name, s.Held(), charged)
		}
	}
}

func TestProtectUnmapped(t *testing.T) {
	s := New(1 << 30)
	s.Map(area(1, 3, Read))
	if err := s.Protect(PageSize, 4*PageSize, 0); !errors.Is(err, ErrNoMemory) {
		t.Errorf("Protect over a hole: %v, want ErrNoMemory", err)
	}
	if got := maps(s); got != "1-3r--" {
		t.Errorf("a failed Protect left %q", got)
	}
}

func TestLimit(t *testing.T) {
	s := New(account.Area + 16*(PageSize+account.PerPage) + 2*account.Record)
	if err := s.Map(area(0x1000, 0x2000, 0)); err != nil {
		t.Errorf("a reservation counted towards the limit: %v", err)
	}
	if err := s.Map(area(1, 17, Read|Write)); err != nil {
		t.Errorf("mapping exactly the limit: %v", err)
	}
	if err := s.Map(area(1, 17, Read|Write)); err != nil {
		t.Errorf("mapping the same pages again: %v", err)
	}
	if err := s.Map(area(32, 33, Read|Write)); !errors.Is(err, ErrNoMemory) {
		t.Errorf("mapping beyond the limit: %v", err)
	}
	if err := s.Protect(0x1000<<PageShift, PageSize, Read|Write); !errors.Is(err, ErrNoMemory) {
		t.Errorf("making a reserved page writable beyond the limit: %v", err)
	}
}

func TestFaults(t *testing.T) {
	s := New(1 << 30)
	s.Map(area(1, 2, Read))
	s.Map(area(2, 3, Read|Write))
	var b [16]byte
	if n, f := s.ReadAt(b[:], 2*PageSize-8); f != nil || n != 16 {
		t.Errorf("read across two areas: %d, %v", n, f)
	}
	if n, f := s.WriteAt(b[:], 3*PageSize-8); n != 8 || f == nil || f.Addr != 3*PageSize || f.Mapped || f.Access != AccessWrite {
		t.Errorf("write off the end: %d, %+v", n, f)
	}
	if n, f := s.WriteAt(b[:], PageSize); n != 0 || f == nil || f.Addr != PageSize || !f.Mapped {
		t.Errorf("write to a read-only page: %d, %+v", n, f)
	}
	if _, f := s.Readable(PageSize, AccessExec); f == nil || !f.Mapped {
		t.Errorf("execute data: %+v", f)
	}
}

func TestFindFree(t *testing.T) {
	s := New(1 << 30)
	s.Map(area(10, 20, Read))
	s.Map(area(22, 30, Read))
	for _, c := range []struct {
		low, high, size uint64
		down            bool
		want            uint64
		ok              bool
	}{
		{1, 100, 2, false, 1, true},
		{10, 100, 2, false, 20, true},
		{10, 100, 3, false, 30, true},
		{10, 30, 3, false, 0, false},
		{10, 100, 5, true, 95, true},
		{1, 30, 2, true, 20, true},
		{1, 30, 3, true, 7, true},
		{8, 30, 3, true, 0, false},
	} {
		got, ok := s.FindFree(c.low<<PageShift, c.high<<PageShift, c.size<<PageShift, c.down)
		if ok != c.ok || ok && got != c.want<<PageShift {
			t.Errorf("%+v: got page %d, %v", c, got>>PageShift, ok)
		}
	}
}

func digestOf(s *Space) [32]byte {
	h := sha256.New()
	s.HashTo(h)
	return [32]byte(h.Sum(nil))
}

// TestSnapshotProperty writes, maps and unmaps at random, takes snapshots on the way, and checks that each can be restored
// in any order to exactly what was there.
func TestSnapshotProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := New(1 << 40)
	type moment struct {
		snap   *Snapshot
		digest [32]byte
		model  map[uint64]byte // what was written, by address
	}
	model := map[uint64]byte{}
	var moments []moment
	s.Map(area(1, 64, Read|Write))
	for i := range 3000 {
		vpn := 1 + r.Uint64N(63)
		switch r.IntN(12) {
		case 0:
			s.Discard(vpn<<PageShift, PageSize)
			for a := range model {
				if a>>PageShift == vpn {
					delete(model, a)
				}
			}
		case 1:
			if i%5 == 0 {
				m := make(map[uint64]byte, len(model))
				for k, v := range model {
					m[k] = v
				}
				moments = append(moments, moment{s.Snapshot(), digestOf(s), m})
			}
		case 2:
			if len(moments) > 0 {
				m := moments[r.IntN(len(moments))]
				s.Restore(m.snap)
				model = make(map[uint64]byte, len(m.model))
				for k, v := range m.model {
					model[k] = v
				}
				if digestOf(s) != m.digest {
					t.Fatalf("step %d: restored space has another digest", i)
				}
			}
		default:
			a, v := vpn<<PageShift+r.Uint64N(PageSize), byte(r.Uint32())
			if _, f := s.WriteAt([]byte{v}, a); f != nil {
				t.Fatal(f)
			}
			model[a] = v
		}
	}
	for a, v := range model {
		var b [1]byte
		if !s.Peek(b[:], a) || b[0] != v {
			t.Fatalf("at %#x: %d, want %d", a, b[0], v)
		}
	}
	if len(moments) < 10 {
		t.Fatalf("only %d snapshots taken", len(moments))
	}
}

// TestDigestIgnoresUntouched: a page that was only read, or written back to zeroes, is no difference.
func TestDigestIgnoresUntouched(t *testing.T) {
	s := New(1 << 30)
	s.Map(area(1, 9, Read|Write))
	was := digestOf(s)
	s.Readable(PageSize, AccessRead)
	s.WriteAt([]byte{1}, 2*PageSize)
	if digestOf(s) == was {
		t.Error("a written byte did not change the digest")
	}
	s.WriteAt([]byte{0}, 2*PageSize)
	if digestOf(s) != was {
		t.Error("a page of zeroes differs from an untouched one")
	}
}

func TestCodeChanged(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(s *Space)
		want bool
	}{
		{"read", func(s *Space) { s.Readable(PageSize, AccessRead) }, false},
		{"write elsewhere", func(s *Space) { s.WriteAt([]byte{1}, 2*PageSize) }, false},
		{"write", func(s *Space) { s.WriteAt([]byte{1}, PageSize) }, true},
		{"poke", func(s *Space) { s.Poke([]byte{1}, PageSize) }, true},
		{"unmap", func(s *Space) { s.Unmap(PageSize, PageSize) }, true},
		{"protect", func(s *Space) { s.Protect(PageSize, PageSize, Read) }, true},
		{"discard", func(s *Space) { s.Discard(PageSize, PageSize) }, true},
		{"restore the same", func(s *Space) { s.Restore(s.Snapshot()) }, false},
		{"write after a snapshot", func(s *Space) { s.Snapshot(); s.WriteAt([]byte{1}, PageSize) }, true},
	} {
		s := New(1 << 30)
		s.Map(area(1, 4, Read|Write|Exec))
		s.WriteAt(bytes.Repeat([]byte{0x90}, 64), PageSize)
		changed := false
		s.CodeChanged = func(vpn uint64) { changed = changed || vpn == 1 }
		s.MarkCode(PageSize)
		c.do(s)
		if changed != c.want {
			t.Errorf("%s: told of a change: %v, want %v", c.name, changed, c.want)
		}
	}
}

func BenchmarkSnapshot(b *testing.B) {
	s := New(1 << 40)
	s.Map(area(1, 1<<18, Read|Write))
	for vpn := uint64(1); vpn < 1<<14; vpn++ {
		s.WriteAt([]byte{1}, vpn<<PageShift)
	}
	for b.Loop() {
		s.Snapshot()
	}
}
