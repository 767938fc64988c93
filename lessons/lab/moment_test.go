package lab

import (
	"fmt"
	"testing"
)

func TestMoment(t *testing.T) {
	a := Boot(CPUs(2), Seed(7), Args("x", "y"), Env("GODEBUG=asyncpreemptoff=1")).To("pidle")
	hash := func(m *Machine) string { return fmt.Sprintf("%x", m.tour.Machine.Hash()) }
	there := a.Moment()
	b := Enter(there, nil)
	if b.Moment().Tick != there.Tick || hash(a) != hash(b) {
		t.Errorf("%+v is entered as %+v", there, b.Moment())
	}
	there.Tick /= 2
	if c := Enter(there, b); c != b || c.Tick() != there.Tick {
		t.Errorf("the same machine was booted again, or stands at tick %d", c.Tick())
	}
	there.Mem = 256 << 20
	limited := Enter(there, b)
	if limited == b || limited.Moment().Mem != there.Mem {
		t.Errorf("another limit of memory is another machine; it is %+v", limited.Moment())
	}
	there.MaxTicks = 1 << 40
	if c := Enter(there, limited); c == limited || c.Moment().MaxTicks != there.MaxTicks {
		t.Errorf("another limit of ticks is another machine; it is %+v", c.Moment())
	}
	there.Seed = 8
	if c := Enter(there, b); c == b {
		t.Error("another seed is another machine")
	}
	there.Tick = 1 << 60
	if c := Enter(there, nil); c.Tick() == 0 || c.Tick() > 1<<40 {
		t.Errorf("behind the end is tick %d", c.Tick())
	}
}
