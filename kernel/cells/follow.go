package cells

import (
	"sync"

	"github.com/rt0lab/rt0/lessons/lab"
)

// A page beside the cells shows a machine of its own. The two follow each other by telling moments: the cells' "machine" is
// booted or moved to that of the page when a cell uses it, and the page is told where cells have left a machine.
type follow struct {
	tell func(lab.Moment)

	mu     sync.Mutex
	last   *lab.Machine // that cells moved last, and nobody was told of yet
	wanted *lab.Moment  // where the cells' machine has to go
	uses   bool         // a cell has mentioned the machine: a function of it may use it at any time
}

func (f *follow) moved(m *lab.Machine) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.wanted = m, nil
}

// report tells of the machine that moved last, if one did.
func (f *follow) report() {
	f.mu.Lock()
	m := f.last
	f.last = nil
	f.mu.Unlock()
	if m != nil && f.tell != nil {
		f.tell(m.Moment())
	}
}

// SetMoment says where the cells' machine stands when a cell uses it next. It may be called while a cell runs.
func (s *Session) SetMoment(m lab.Moment) {
	s.follow.mu.Lock()
	defer s.follow.mu.Unlock()
	s.follow.wanted = &m
}

// arrive brings the machine to where it is wanted before code that may use it.
func (s *Session) arrive(code string) error {
	s.follow.uses = s.follow.uses || usedNames(code)["machine"]
	if !s.follow.uses {
		return nil
	}
	return s.enter()
}

// enter brings the machine to where it is wanted.
func (s *Session) enter() (err error) {
	s.follow.mu.Lock()
	to := s.follow.wanted
	s.follow.wanted = nil
	s.follow.mu.Unlock()
	if to == nil {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	if v := s.globals()["machine"]; v.IsValid() && v.CanInterface() {
		if _, own := v.Interface().(*lab.Machine); !own { // a cell has given the name to something else
			return nil
		}
	}
	return s.setMachine(lab.Enter(*to, s.machine))
}
