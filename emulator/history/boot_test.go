package history

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"
)

// TestBoot goes to and fro in the first 100,000 instructions of a boot, which need little of the kernel.
func TestBoot(t *testing.T) {
	ctx := context.Background()
	const last = 100_000
	s := newSession(t, threads, 4)
	if stop, err := s.RunTo(ctx, Forward, "runtime.schedinit"); err != nil || stop.Reason != ReasonBreakpoint {
		t.Fatalf("%+v, %v", stop, err)
	}
	cur := s.m.Current()
	var names []string
	for _, f := range s.Stack(&cur) {
		names = append(names, f.Func)
	}
	if want := []string{"runtime.schedinit", "runtime.rt0_go"}; !slices.Equal(names, want) {
		t.Errorf("the stack is %q, want %q", names, want)
	}
	if out, err := s.StepOut(ctx, Backward, 0); err != nil || out.Tick == 0 {
		t.Errorf("out of schedinit backward: %+v, %v", out, err)
	}
	if _, err := s.RunToTick(ctx, last); err != nil {
		t.Fatal(err)
	}
	w, err := s.LastWrite(ctx, "runtime.physPageSize")
	if err != nil || w.Func != "runtime.sysauxv" || w.New[1] != 0x10 || w.Old[1] != 0 {
		t.Errorf("%+v, %v", w, err)
	}
	hashes := map[uint64][32]byte{}
	for s.Tick() > last-2000 {
		if _, err := s.StepInstruction(ctx, Backward, 0); err != nil {
			t.Fatal(err)
		}
		hashes[s.Tick()] = s.m.Hash()
	}
	for len(hashes) > 0 {
		if s.m.Hash() != hashes[s.Tick()] {
			t.Fatalf("the state at tick %d depends on the way there", s.Tick())
		}
		delete(hashes, s.Tick())
		if _, err := s.StepInstruction(ctx, Forward, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLastWriterOfPidle asks what a person asks of a boot: who put this P on the list?
func TestLastWriterOfPidle(t *testing.T) {
	ctx := context.Background()
	s := newSession(t, threads, 4)
	if stop, err := s.RunTo(ctx, Forward, "main.main"); err != nil || stop.Reason != ReasonBreakpoint {
		t.Fatalf("%+v, %v", stop, err)
	}
	if stop, err := s.RunTo(ctx, Backward, "runtime.mstart"); err != nil || stop.Reason != ReasonBreakpoint {
		t.Fatalf("%+v, %v", stop, err)
	}
	if _, err := s.Break("runtime.newproc1", "sched.npidle == 3 && len(allp) == 4"); err != nil {
		t.Fatal(err)
	}
	if stop, err := s.RunTo(ctx, Backward, "runtime.schedinit"); err != nil || stop.Reason != ReasonBreakpoint {
		t.Fatalf("%+v, %v", stop, err)
	}
	if stop, err := s.Continue(ctx, Forward); err != nil || stop.Breakpoint == nil {
		t.Fatalf("%+v, %v", stop, err)
	}
	w, err := s.LastWrite(ctx, "sched.pidle")
	if err != nil || w.Func != "runtime.pidleput" && w.Func != "runtime.(*puintptr).set" || w.Goid != 0 {
		t.Fatalf("%+v, %v", w, err)
	}
	// The head of the list before became the link of the P that was put in.
	head := binary.LittleEndian.Uint64(w.New)
	if link := s.Runtime.Field("runtime.p", head, "link"); link.Uint != binary.LittleEndian.Uint64(w.Old) || !link.OK() {
		t.Errorf("the list's head was %#x, the link of its new head is %v", w.Old, link)
	}
	// Three Ps were put in, from an empty list.
	var heads [][]byte
	if err := s.Writes(ctx, "sched.pidle", 0, s.Tick(), func(w Write) bool {
		heads = append(heads, w.New)
		return true
	}); err != nil || len(heads) != 3 || !slices.Equal(heads[2], w.New) {
		t.Errorf("%d writes, %v", len(heads), err)
	}
}
