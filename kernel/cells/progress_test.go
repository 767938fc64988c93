package cells

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	wait "github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/race"
)

// shows returns what displays of the cell say and where they are, in the order of the messages.
func (n *notebook) shows() (texts, ids []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, m := range n.seen {
		if !strings.HasSuffix(m.Header.Type, "display_data") {
			continue
		}
		var c struct {
			Data      map[string]string
			Transient map[string]string
		}
		json.Unmarshal(m.Content, &c)
		texts, ids = append(texts, c.Data["text/plain"]), append(ids, fmt.Sprint(m.Header.Type, " ", c.Transient["display_id"]))
	}
	return texts, ids
}

// TestProgress watches long work: a display comes up, changes, and says at the end what was done.
func TestProgress(t *testing.T) {
	race.TooMuch(t, "it runs 150 million instructions")
	n := newNotebook(t)
	// 150 million instructions are at least half a second anywhere.
	const busy = "%%boot -cpus 1\npackage main\n\nfunc main() {\n\tn := 0\n\tfor i := 0; i < 50_000_000; i++ {\n\t\tn += i\n\t}\n\tprintln(n)\n}\n"
	r := n.run(busy)
	if r.failure != "" || !strings.Contains(r.out, "1249999975000000") {
		t.Fatalf("%+v", r)
	}
	check := func(doing, last string) {
		t.Helper()
		texts, ids := n.shows()
		var mine []string
		id := ""
		for i, text := range texts {
			if strings.HasPrefix(text, doing) {
				if mine = append(mine, text); id == "" {
					id = strings.TrimPrefix(ids[i], "display_data ")
				}
				if want := "update_display_data " + id; len(mine) > 1 && ids[i] != want {
					t.Errorf("%q comes as %s, want %s", text, ids[i], want)
				}
			}
		}
		if len(mine) < 2 || !strings.Contains(mine[0], "… tick ") || !strings.Contains(mine[0], " MIPS") || !strings.Contains(mine[len(mine)-1], last) {
			t.Errorf("%q, want several that begin with %q and at the end %q", texts, doing, last)
		}
	}
	check("running", "running: done, tick ")
	if r := n.run("machine.Seek(1000)\nmachine.Tick()"); r.value != "1000" || len(r.data) > 0 {
		t.Errorf("a quick seek: %+v", r)
	}

	n.send(strings.Replace(busy, "50_000_000", "50_000_000_000", 1))
	wait.Until(t, "progress is shown", func() bool {
		texts, _ := n.shows()
		return len(texts) > 0 && strings.HasPrefix(texts[len(texts)-1], "running")
	})
	n.h.Interrupt()
	if r := n.wait(); !strings.HasPrefix(r.failure, "interrupted") {
		t.Errorf("%+v", r)
	}
	check("running", "running: stopped at tick ")
}

// TestBuilding waits for a build that takes its time.
func TestBuilding(t *testing.T) {
	n := newNotebook(t)
	n.run("1")
	done := n.s.progress.building("slow with Go 1.2.3")
	wait.Until(t, "the build is shown", func() bool { texts, _ := n.shows(); return len(texts) > 0 })
	done()
	texts, _ := n.shows()
	if len(texts) < 2 || !strings.HasPrefix(texts[0], "building slow with Go 1.2.3 … ") || !strings.HasPrefix(texts[len(texts)-1], "building slow with Go 1.2.3: done, ") {
		t.Errorf("%q", texts)
	}
}
