package memory

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAreaMoves: where no area can be joined with another, a change of the list moves at most 20 areas on average, however many
// there are, also while snapshots are taken.
func TestAreaMoves(t *testing.T) {
	const n = 64_000
	prot := func(i int) Prot { return []Prot{Read, Read | Write}[i&1] }
	for _, c := range []struct {
		name string
		page func(i int) uint64 // where the i-th area lies
	}{
		{"downwards", func(i int) uint64 { return 2*n - uint64(i) }},
		{"upwards", func(i int) uint64 { return 1 + uint64(i) }},
		{"anywhere", func() func(i int) uint64 {
			order := rand.New(rand.NewPCG(1, 2)).Perm(n)
			return func(i int) uint64 { return 1 + 2*uint64(order[i]) }
		}()},
	} {
		for _, snapshotEvery := range []int{n + 1, 1000, 16} {
			s := New(1 << 40)
			for i := range n {
				if i%snapshotEvery == 0 {
					s.Snapshot()
				}
				at := c.page(i) * PageSize
				if err := s.Map(Area{Start: at, End: at + PageSize, Prot: prot(int(c.page(i)))}); err != nil {
					t.Fatal(err)
				}
			}
			moved := float64(s.AreaMoves()) / n
			t.Logf("%s, a snapshot every %d: %.1f areas moved a call", c.name, snapshotEvery, moved)
			if moved > 20 || s.CountAreas() != n {
				t.Errorf("%s, a snapshot every %d: %.1f areas moved a call, %d areas", c.name, snapshotEvery, moved, s.CountAreas())
			}
			before := s.AreaMoves()
			for i := range n {
				s.Unmap(c.page(i)*PageSize, PageSize)
			}
			if moved := float64(s.AreaMoves()-before) / n; moved > 20 || s.CountAreas() != 0 {
				t.Errorf("%s: %.1f areas moved an unmap, %d areas", c.name, moved, s.CountAreas())
			}
		}
	}
}

// TestMaxAreas: there is no area beyond the 65,530th, however it would come about; what makes none is allowed.
func TestMaxAreas(t *testing.T) {
	const end = 2 * MaxAreas // the first page behind the last area
	one := func(page uint64, p Prot) Area {
		return Area{Start: page * PageSize, End: (page + 1) * PageSize, Prot: p}
	}
	// n areas of one page each, at pages 1, 3, 5, …; the first ones are made once, as that takes a while.
	const few = MaxAreas - 10
	s := New(1 << 40)
	add := func(from, to int) {
		for i := from; i < to; i++ {
			if err := s.Map(one(2*uint64(i)+1, Read)); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(0, few)
	most := s.Snapshot()
	big := one(1000_000, Read)
	big.End += 9 * PageSize
	for _, c := range []struct {
		name string
		have int // areas, and big
		do   func(s *Space) error
		fits bool
		then int
	}{
		{"the last area", MaxAreas - 2, func(s *Space) error { return s.Map(one(end+10, Read)) }, true, MaxAreas},
		{"one more", MaxAreas - 1, func(s *Space) error { return s.Map(one(end+10, Read)) }, false, MaxAreas},
		{"one that joins its neighbour", MaxAreas - 1, func(s *Space) error { return s.Map(one(2, Read)) }, true, MaxAreas - 1},
		{"one in the place of another", MaxAreas - 1, func(s *Space) error { return s.Map(one(1, Read|Write)) }, true, MaxAreas},
		{"one within another", MaxAreas - 2, func(s *Space) error { return s.Map(one(1000_003, Read|Write)) }, false, MaxAreas - 1},
		{"protect within", MaxAreas - 2, func(s *Space) error { return s.Protect(1000_003*PageSize, PageSize, 0) }, false, MaxAreas - 1},
		{"protect the beginning", MaxAreas - 2, func(s *Space) error { return s.Protect(1000_000*PageSize, PageSize, 0) }, true, MaxAreas},
		{"protect the beginning, full", MaxAreas - 1, func(s *Space) error { return s.Protect(1000_000*PageSize, PageSize, 0) }, false, MaxAreas},
		{"protect all", MaxAreas - 1, func(s *Space) error { return s.Protect(1000_000*PageSize, 10*PageSize, 0) }, true, MaxAreas},
		{"unmap within", MaxAreas - 1, func(s *Space) error { return s.Unmap(1000_003*PageSize, PageSize) }, false, MaxAreas},
		{"unmap the end", MaxAreas - 1, func(s *Space) error { return s.Unmap(1000_003*PageSize, 10*PageSize) }, true, MaxAreas},
		{"move a part", MaxAreas - 1, func(s *Space) error { return s.Move(1000_003*PageSize, 2000_000*PageSize, PageSize) }, false, MaxAreas},
		{"move with room", MaxAreas - 5, func(s *Space) error { return s.Move(1000_003*PageSize, 2000_000*PageSize, PageSize) }, true, MaxAreas - 2},
	} {
		s.Restore(most)
		add(few, c.have)
		if err := s.Map(big); err != nil {
			t.Fatal(err)
		}
		s.Poke([]byte{1}, 1000_003*PageSize)
		before := s.Areas()
		err := c.do(s)
		if (err == nil) != c.fits || s.CountAreas() != c.then {
			t.Errorf("%s: %v, %d areas, want %d", c.name, err, s.CountAreas(), c.then)
		}
		if err != nil && (err != ErrNoMemory || s.Pages() != 1 || !slices.Equal(before, s.Areas())) {
			t.Errorf("%s: %v, but something has changed", c.name, err)
		}
	}
}

// TestAreaListAgainstModel does random changes to a space and to a plain list of pages, and wants the same areas, in snapshots
// too.
func TestAreaListAgainstModel(t *testing.T) {
	const pages = 300
	type page struct {
		there     bool
		prot      Prot
		accounted bool
	}
	areas := func(m *[pages]page) (list []Area) {
		for i, p := range m {
			a := Area{Start: uint64(i) * PageSize, End: uint64(i+1) * PageSize, Prot: p.prot, Accounted: p.accounted}
			switch last := len(list) - 1; {
			case !p.there:
			case last >= 0 && list[last].End == a.Start && list[last].Prot == a.Prot && list[last].Accounted == a.Accounted:
				list[last].End = a.End
			default:
				list = append(list, a)
			}
		}
		return list
	}
	r := rand.New(rand.NewPCG(3, 4))
	s := New(1 << 40)
	var m [pages]page
	type saved struct {
		snapshot *Snapshot
		model    [pages]page
	}
	var old []saved
	for i := range 20_000 {
		first := 1 + r.IntN(pages-1)
		n := 1 + r.IntN(min(pages-first, 1+r.IntN(40)))
		start, size := uint64(first)*PageSize, uint64(n)*PageSize
		prot := Prot(r.IntN(3))
		switch r.IntN(6) {
		case 0, 1, 2:
			s.Map(Area{Start: start, End: start + size, Prot: prot})
			for j := first; j < first+n; j++ {
				m[j] = page{true, prot, prot&Write != 0}
			}
		case 3, 4:
			s.Unmap(start, size)
			for j := first; j < first+n; j++ {
				m[j] = page{}
			}
		case 5:
			all := !slices.ContainsFunc(m[first:first+n], func(p page) bool { return !p.there })
			if err := s.Protect(start, size, prot); (err == nil) != all {
				t.Fatalf("change %d: protect: %v, but mapped: %v", i, err, all)
			}
			for j := first; all && j < first+n; j++ {
				m[j].prot = prot
				m[j].accounted = m[j].accounted || prot&Write != 0
			}
		}
		if r.IntN(50) == 0 {
			old = append(old, saved{s.Snapshot(), m})
		}
		if len(old) > 0 && r.IntN(60) == 0 {
			o := old[r.IntN(len(old))]
			s.Restore(o.snapshot)
			m = o.model
		}
		want := areas(&m)
		if got := s.Areas(); !slices.Equal(got, want) || s.CountAreas() != len(want) {
			t.Fatalf("change %d: %v\nwant %v", i, got, want)
		}
		charged := uint64(0)
		for _, a := range want {
			charged += a.charge()
		}
		if s.Held() != charged {
			t.Fatalf("change %d: %d bytes charged, want %d", i, s.Held(), charged)
		}
		// The highest place for n pages.
		size = uint64(1+r.IntN(12)) * PageSize
		low, high := uint64(r.IntN(pages/2))*PageSize, uint64(pages/2+r.IntN(pages/2))*PageSize
		for _, down := range []bool{true, false} {
			wantAt, wantOK := uint64(0), false
			for at := low; at+size <= high; at += PageSize {
				free := !slices.ContainsFunc(m[at/PageSize:(at+size)/PageSize], func(p page) bool { return p.there })
				if free && (down || !wantOK) {
					wantAt, wantOK = at, true
				}
			}
			if at, ok := s.FindFree(low, high, size, down); ok != wantOK || ok && at != wantAt {
				t.Fatalf("change %d: %d pages in %#x-%#x down %v: %#x %v, want %#x %v", i, size/PageSize, low, high, down, at, ok, wantAt, wantOK)
			}
		}
	}
}
