package logsample

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestSampler(t *testing.T) {
	repeat := func(n int, line string) []string { return slices.Repeat([]string{line}, n) }
	different := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint("line ", i+1))
		}
		return list
	}
	for _, c := range []struct {
		name string
		give []string
		want []string
	}{
		{"one", repeat(1, "a"), []string{"a"}},
		{"nine equal ones", repeat(9, "a"), []string{"a", "a (2 times so far)", "a (4 times so far)", "a (8 times so far)"}},
		{"one after many of another", append(repeat(7, "a"), "b"), []string{"a", "a (2 times so far)", "a (4 times so far)", "b"}},
		{"a % in it", repeat(1, "100%d"), []string{"100%d"}},
		{"as many different ones as are counted", different(maxLines), different(maxLines)},
		{"five more", different(maxLines + 5), append(different(maxLines),
			"line 33 (of such different lines this is number 1; most are left out)",
			"line 34 (of such different lines this is number 2; most are left out)",
			"line 36 (of such different lines this is number 4; most are left out)")},
		{"a known one after too many", append(different(maxLines+1), "line 1"), append(different(maxLines),
			"line 33 (of such different lines this is number 1; most are left out)", "line 1 (2 times so far)")},
	} {
		var got []string
		s := &Sampler{Print: func(line string) { got = append(got, line) }}
		for _, line := range c.give {
			s.Printf("%s", line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// TestBounds gives a sampler lines from several goroutines: neither what it prints nor what it holds grows with their number.
func TestBounds(t *testing.T) {
	printed := 0
	s := &Sampler{Print: func(string) { printed++ }}
	const each, goroutines = 1 << 12, 4
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range each {
				s.Printf("%d %d", g, i)
				s.Printf("equal")
			}
		})
	}
	all.Wait()
	if want := maxLines + 33*15; printed > want || len(s.counts) > maxLines {
		t.Errorf("%d lines are printed, %d held; want at most %d, %d", printed, len(s.counts), want, maxLines)
	}
	(&Sampler{}).Printf("discarded")
}
