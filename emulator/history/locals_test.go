package history

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/rt0lab/rt0/emulator/symbols"
)

const variables = `package main

type pair struct {
	a int32
	b string
}

var sink *int

//go:noinline
func stop(n int) int { return n + 1 }

//go:noinline
func work(n int, p pair, list []int) int {
	escaped := n * 2
	sink = &escaped
	sum := 0
	for i, x := range list {
		sum += stop(x) * i
	}
	return sum + stop(escaped) + int(p.a) + len(p.b)
}

func half(n int) int {
	h := stop(n) / 2
	return h
}

func main() {
	println(work(7, pair{-3, "text"}, []int{10, 20, 30}), half(40))
}
`

func TestLocals(t *testing.T) {
	ctx := context.Background()
	for _, flags := range [][]string{nil, {"-gcflags=-N -l"}} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			s := newSession(t, variables, 1, flags...)
			// The second call of stop from work: i is 1, x is 20.
			for range 2 {
				if stop, err := s.RunTo(ctx, Forward, "main.stop"); err != nil || stop.Reason != ReasonBreakpoint {
					t.Fatalf("%+v, %v", stop, err)
				}
			}
			expect(t, s, 0, "main.stop", map[string]int64{"n": 20})
			want := map[string]int64{"i": 1, "escaped": 14}
			if flags != nil {
				maps.Copy(want, map[string]int64{"x": 20, "n": 7})
			}
			expect(t, s, 1, "main.work", want)
			expect(t, s, 2, "main.main", nil)
			// The call from half, which is inlined in main unless told otherwise.
			for range 3 {
				if stop, err := s.RunTo(ctx, Forward, "main.stop"); err != nil || stop.Reason != ReasonBreakpoint {
					t.Fatalf("%+v, %v", stop, err)
				}
			}
			expect(t, s, 0, "main.stop", map[string]int64{"n": 40})
			if flags != nil {
				expect(t, s, 1, "main.half", map[string]int64{"n": 40})
			}
			cur := s.m.Current()
			if f := s.Stack(&cur)[1]; f.Func != "main.half" || f.Inlined != (flags == nil) {
				t.Errorf("the caller is %+v", f)
			}
		})
	}
}

// expect compares variables of frame number frame with what they must be. Others may be there, too.
func expect(t *testing.T, s *Session, frame int, function string, want map[string]int64) {
	t.Helper()
	cur := s.m.Current()
	f := s.Stack(&cur)[frame]
	if f.Func != function {
		t.Fatalf("frame %d is %s, not %s", frame, f.Func, function)
	}
	vars, err := s.Locals(&f)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, v := range vars {
		var b [8]byte
		if v.Err == nil && v.Type.Size == 8 {
			v.Err = v.Memory.ReadMemory(b[:], v.Addr)
		}
		switch {
		case errors.Is(v.Err, symbols.ErrOptimizedOut):
		case v.Err != nil:
			t.Errorf("%s: %v", v.Name, v.Err)
		default:
			got[v.Name] = int64(binary.LittleEndian.Uint64(b[:]))
		}
	}
	for name, value := range want {
		if g, ok := got[name]; !ok || g != value {
			t.Errorf("%s in %s is %d, %v, want %d (of %v)", name, function, g, ok, value, got)
		}
	}
}
