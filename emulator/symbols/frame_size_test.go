package symbols

import (
	"slices"
	"testing"

	"github.com/rt0lab/rt0/internal/testprog"
)

func TestSPDelta(t *testing.T) {
	for _, version := range testprog.Versions {
		for _, flags := range []string{"-ldflags=-w", "-ldflags=-s"} {
			tab := open(t, version, flags)
			f, ok := tab.FuncNamed("runtime.schedinit")
			if !ok {
				t.Fatal("no runtime.schedinit")
			}
			if d, ok := tab.SPDelta(f.Entry); !ok || d != 0 {
				t.Errorf("%s: at the entry of schedinit: %d, %v", version, d, ok)
			}
			var deltas []int64
			for at := f.Entry; at < f.End; {
				in, err := tab.Disassemble(tab.Image(), at)
				if err != nil {
					t.Fatal(err)
				}
				d, ok := tab.SPDelta(at)
				if in.Text == "RET" && (!ok || d != 0) {
					t.Errorf("%s: at the return %#x: %d, %v", version, at, d, ok)
				}
				deltas = append(deltas, d)
				at += uint64(len(in.Bytes))
			}
			if frame := slices.Max(deltas); frame < 16 || frame > 1<<16 || frame%8 != 0 {
				t.Errorf("%s: the frame of schedinit is %d bytes", version, frame)
			}
			if d, ok := tab.SPDelta(1); ok {
				t.Errorf("%s: address 1 has SP delta %d", version, d)
			}
		}
	}
}

func TestInlinedAt(t *testing.T) {
	tab := open(t, testprog.Versions[len(testprog.Versions)-1])
	addrs := tab.InlinedAt("runtime.add")
	if len(addrs) < 10 {
		t.Fatalf("runtime.add is inlined at %d places", len(addrs))
	}
	for _, a := range addrs {
		frames := tab.Frames(a)
		if !slices.ContainsFunc(frames, func(f Frame) bool { return f.Inlined && f.Func == "runtime.add" }) {
			t.Errorf("runtime.add is not inlined at %#x: %+v", a, frames)
		}
	}
	if addrs := tab.InlinedAt("no.such"); addrs != nil {
		t.Errorf("no.such is inlined at %#x", addrs)
	}
}
