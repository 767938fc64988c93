// Package logsample keeps logs short to which strangers can add lines. Whoever can connect to a port causes a line with each
// attempt, and could fill a disk.
package logsample

import (
	"fmt"
	"sync"
)

// maxLines is how many different lines a Sampler counts one by one. Strangers choose parts of some lines.
const maxLines = 32

// A Sampler passes on a sample of the lines that it is given. Of equal lines these are the 1st, 2nd, 4th, 8th and so on, with
// their number, so that many lines of one kind hide none of another. Beyond the first 32 different lines the rest are sampled as
// if they were equal. n lines thus become at most 33 × (1 + log₂ n). It can be used by several goroutines at once.
type Sampler struct {
	// Print is given the sample, a line a call, one call at a time. Nil discards it.
	Print func(line string)

	mu     sync.Mutex
	counts map[string]int
	others int // lines that are not in counts
}

// Printf gives the sampler a line, formatted as fmt.Sprintf does.
func (s *Sampler) Printf(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if line = s.sample(line); line != "" && s.Print != nil {
		s.Print(line)
	}
}

// sample counts the line and returns what to print, "" for nothing; mu is held.
func (s *Sampler) sample(line string) string {
	n, known := s.counts[line]
	if !known && len(s.counts) == maxLines {
		if s.others++; powerOfTwo(s.others) {
			return fmt.Sprintf("%s (of such different lines this is number %d; most are left out)", line, s.others)
		}
		return ""
	}
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	n++
	s.counts[line] = n
	switch {
	case n == 1:
		return line
	case powerOfTwo(n):
		return fmt.Sprintf("%s (%d times so far)", line, n)
	}
	return ""
}

func powerOfTwo(n int) bool { return n&(n-1) == 0 }
