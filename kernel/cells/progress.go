package cells

import (
	"fmt"
	"html"
	"sync"
	"time"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/picture"
)

// A progress shows below the cell how far long work has come, and at its end how much it was. Work that is quick shows
// nothing.
type progress struct {
	s *Session

	mu    sync.Mutex
	cell  *kernel.Cell
	count int    // of displays, for their names
	id    string // of the display that is there, "" if none is
	doing string
	begin time.Time // of the work
	from  uint64    // the tick at which it began
	shown time.Time // when the display was changed last
}

const (
	// quick is how long work may take without a word about it.
	quick = 300 * time.Millisecond
	// showEvery is how often the display changes.
	showEvery = 200 * time.Millisecond
)

// doings say in a few words what work is under way.
var doings = map[string]string{
	"boot": "booting", "seek": "going to the moment", "run": "running", "search": "searching the past", "build": "building",
}

// step is what package lab tells.
func (p *progress) step(st lab.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if st.Doing == "" {
		p.end(st.Tick, now)
		return
	}
	if p.doing != st.Doing {
		p.start(st.Doing, now.Add(-progressDelay), st.Tick)
	}
	if now.Sub(p.begin) < quick || now.Sub(p.shown) < showEvery {
		return
	}
	p.show(p.text(st, now), fraction(st))
	p.shown = now
}

// ProgressID begins the display_id of what shows how far long work has come: of the time that it took, not of what it did.
const ProgressID = progressClass + "-"

// progressClass is the class of the element that shows it in a page.
const progressClass = "rt0-progress"

// progressDelay is how long work goes on before package lab tells of it.
const progressDelay = 50 * time.Millisecond

// start begins to count. The caller holds mu.
func (p *progress) start(doing string, begin time.Time, tick uint64) {
	p.doing, p.begin, p.from, p.id, p.shown = doing, begin, tick, "", time.Time{}
	p.cell = p.s.current()
}

// text says where the work is.
func (p *progress) text(st lab.Step, now time.Time) string {
	text := fmt.Sprintf("%s … tick %s", doings[p.doing], picture.Thousands(st.Tick))
	if st.Target > 0 {
		text += " of " + picture.Thousands(st.Target)
	}
	return text + speed(st.Tick, p.from, now.Sub(p.begin))
}

// What show takes for how much is done, besides a number from 0 to 1.
const (
	unknown  = -1
	finished = 2
)

// fraction is how much of the work is done.
func fraction(st lab.Step) float64 {
	if st.Target == 0 || st.Tick > st.Target {
		return unknown
	}
	return float64(st.Tick) / float64(st.Target)
}

// speed says how many million instructions a second that is.
func speed(tick, from uint64, took time.Duration) string {
	if tick <= from || took <= 0 {
		return fmt.Sprintf(", %.1f s", took.Seconds())
	}
	return fmt.Sprintf(", %.1f s, %.0f MIPS", took.Seconds(), float64(tick-from)/took.Seconds()/1e6)
}

// end leaves behind what was done, if anything was shown. The caller holds mu.
func (p *progress) end(tick uint64, now time.Time) {
	if p.id != "" {
		text := fmt.Sprintf("%s: done, tick %s", doings[p.doing], picture.Thousands(tick))
		if p.s.stopped() {
			text = fmt.Sprintf("%s: stopped at tick %s", doings[p.doing], picture.Thousands(tick))
		}
		p.show(text+speed(tick, p.from, now.Sub(p.begin)), finished)
	}
	p.doing, p.id = "", ""
}

// stopped says whether the cell has been interrupted.
func (s *Session) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ctx.Err() != nil
}

// show shows a line, in place of the one before. The caller holds mu.
func (p *progress) show(text string, part float64) {
	if p.cell == nil {
		return
	}
	bar := "<progress></progress> "
	switch {
	case part == finished:
		bar = ""
	case part >= 0:
		bar = fmt.Sprintf("<progress value=\"%.3f\"></progress> ", part)
	}
	b := &kernel.Bundle{Data: map[string]any{"text/plain": text, "text/html": `<small class="` + progressClass + `">` + bar + "<code>" + html.EscapeString(text) + "</code></small>"}}
	if p.id != "" {
		p.cell.Update(b, p.id)
		return
	}
	p.count++
	p.id = fmt.Sprintf("%s%d-%d", ProgressID, p.cell.Count, p.count)
	p.cell.Display(b, p.id)
}

// building shows that a program is being built, until the function that it returns is called. The go command is another
// process, so a clock is all there is to show.
func (p *progress) building(what string) (done func()) {
	stop, over := make(chan struct{}), make(chan struct{})
	p.mu.Lock()
	p.start("build", time.Now(), 0)
	p.mu.Unlock()
	go func() {
		defer close(over)
		tick := time.NewTicker(showEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case now := <-tick.C:
				p.mu.Lock()
				if took := now.Sub(p.begin); took >= quick {
					p.show(fmt.Sprintf("building %s … %.1f s", what, took.Seconds()), unknown)
				}
				p.mu.Unlock()
			}
		}
	}()
	return func() {
		close(stop)
		<-over
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.id != "" {
			p.show(fmt.Sprintf("building %s: done, %.1f s", what, time.Since(p.begin).Seconds()), finished)
		}
		p.doing, p.id = "", ""
	}
}
