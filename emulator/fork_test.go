package emulator

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
)

// fork makes a fork whose output goes to the buffer.
func fork(t *testing.T, m *Machine, out *bytes.Buffer, edit func(*Config)) *Machine {
	t.Helper()
	f, err := m.Fork(func(c *Config) {
		c.Stdout, c.Stderr = out, out
		if edit != nil {
			edit(c)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestForkGoesOn: a fork ends as its original does and writes what follows, and with another seed it does something else.
func TestForkGoesOn(t *testing.T) {
	m, out := churn(t, 5)
	finish(t, m)
	end, hash, all := m.Tick(), m.Hash(), out.String()
	for i := range uint64(4) {
		if err := m.Seek(end * i / 4); err != nil {
			t.Fatal(err)
		}
		at := m.Tick()
		var said bytes.Buffer
		f := fork(t, m, &said, nil)
		if f.Tick() != at || f.Hash() != m.Hash() {
			t.Fatalf("at tick %d the fork is in another state", at)
		}
		finish(t, f)
		if f.Tick() != end || f.Hash() != hash || !strings.HasSuffix(all, said.String()) || i == 0 && said.String() != all {
			t.Errorf("the fork of tick %d ends at %d, want %d; same state: %v; it said\n%s", at, f.Tick(), end, f.Hash() == hash, &said)
		}
		if m.Tick() != at {
			t.Errorf("the original moved from %d to %d", at, m.Tick())
		}
	}
	m.Seek(end / 2)
	var said bytes.Buffer
	f := fork(t, m, &said, func(c *Config) { c.Seed = 6 })
	same := f.Hash() == m.Hash()
	finish(t, f)
	if same || f.Hash() == hash || f.Config().Seed != 6 || m.Config().Seed != 5 {
		t.Errorf("another seed: same state at once %v, at the end %v", same, f.Hash() == hash)
	}
	if out.String() != all {
		t.Errorf("the original has written what its forks did")
	}
}

// TestForkPast: a fork knows its past and reaches its own future from there, also the fork of a fork.
func TestForkPast(t *testing.T) {
	m, _ := churn(t, 5)
	m.Seek(400_000)
	early := m.Hash()
	m.Seek(2_000_000)
	was := m.Hash()
	var out bytes.Buffer
	f := fork(t, m, &out, func(c *Config) { c.Seed = 9 })
	f.Seek(3_000_000)
	g := fork(t, f, &out, func(c *Config) { c.Seed = 10 })
	g.Seek(3_500_000)
	last := g.Hash()
	m.Seek(3_500_000)
	if m.Hash() == last {
		t.Fatal("the seeds make no difference")
	}
	if err := g.Seek(400_000); err != nil || g.Hash() != early {
		t.Errorf("the fork's past is not its original's: %v", err)
	}
	if err := g.Seek(3_500_000); err != nil || g.Hash() != last {
		t.Errorf("from its past the fork comes to another future: %v", err)
	}
	if g.Seek(1_999_999); g.Tick() != 1_999_999 {
		t.Fatalf("tick %d", g.Tick())
	}
	if _, err := g.Step(); err != nil || g.Tick() != 2_000_000 || g.Hash() == was {
		t.Errorf("a step into the moment of the fork: tick %d, the original's state %v, %v", g.Tick(), g.Hash() == was, err)
	}
	if g.Checkpoint(0).Tick() != 0 {
		t.Errorf("the first checkpoint is that of tick %d", g.Checkpoint(0).Tick())
	}
}

// TestForksAtOnce runs forks and their original at the same time, all from one past, each sought to and fro and hashed on the
// way. Under -race it shows that what they share is safe; without it, that they do not disturb each other.
func TestForksAtOnce(t *testing.T) {
	m, _ := churn(t, 5)
	if err := m.Seek(1_500_000); err != nil {
		t.Fatal(err)
	}
	machines := []*Machine{m}
	for range 3 {
		var out bytes.Buffer
		machines = append(machines, fork(t, m, &out, nil))
	}
	hashes := make([][][32]byte, len(machines))
	var all sync.WaitGroup
	for i, m := range machines {
		all.Go(func() {
			for _, at := range []uint64{1_500_000, 1_900_000, 700_000, 1_500_000, 2_100_000} {
				if err := m.Seek(at); err != nil {
					t.Error(err)
				}
				hashes[i] = append(hashes[i], m.Hash())
			}
		})
	}
	all.Wait()
	for i := range hashes {
		for k := range hashes[i] {
			if hashes[i][k] != hashes[0][k] {
				t.Errorf("machine %d is in another state at moment %d", i, k)
			}
		}
	}
}

// TestForkFiles does so with a program that uses all kinds of files, mapped ones too, and reads stdin.
func TestForkFiles(t *testing.T) {
	host := t.TempDir()
	readOnly := func(c *Config) { c.Mounts = []Mount{{Host: host, Guest: "/mnt"}} }
	m, out, errs := files(t, readOnly)
	finish(t, m)
	end, hash, all := m.Tick(), m.Hash(), out.String()+errs.String() // stderr comes last
	var machines []*Machine
	outs := make([]bytes.Buffer, 3)
	for i := range outs {
		at := end * uint64(i) / 4
		unread := strings.NewReader(filesInput) // what a machine has left of its stdin that has come as far
		other, _, _ := files(t, readOnly, func(c *Config) { c.Stdin = unread })
		if err := errors.Join(m.Seek(at), other.Seek(at)); err != nil {
			t.Fatal(err)
		}
		machines = append(machines, fork(t, m, &outs[i], func(c *Config) { c.Stdin = unread }))
	}
	var group sync.WaitGroup
	for _, f := range machines {
		group.Go(func() { finish(t, f) })
	}
	group.Wait()
	for i, f := range machines {
		if f.Tick() != end || f.Hash() != hash || !strings.HasSuffix(all, outs[i].String()) {
			t.Errorf("fork %d ends at tick %d, want %d; same state: %v", i, f.Tick(), end, f.Hash() == hash)
		}
	}
}

func TestForkRefuses(t *testing.T) {
	m, _, _ := files(t)
	for _, c := range []struct {
		name string
		edit func(*Config)
	}{
		{"CPUs", func(c *Config) { c.CPUs++ }},
		{"MemLimit", func(c *Config) { c.MemLimit /= 2 }},
		{"Args", func(c *Config) { c.Args[0] = "other" }},
		{"Env", func(c *Config) { c.Env = append(c.Env, "A=b") }},
		{"Program", func(c *Config) { c.Program = c.Program[1:] }},
		{"Path", func(c *Config) { c.Path = "/bin/other" }},
		{"Dir", func(c *Config) { c.Dir = "/tmp" }},
		{"Files", func(c *Config) { c.Files = map[string][]byte{"/x": nil} }},
		{"Mounts", func(c *Config) { c.Mounts = []Mount{{Host: ".", Guest: "/x"}} }},
	} {
		if _, err := m.Fork(c.edit); err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if m.Config().Args[0] == "other" {
		t.Error("the edit of a fork has changed the original")
	}
	f, err := m.Fork(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := f.Config(); c.Stdin != nil || c.Stdout != nil || c.Stderr != nil {
		t.Errorf("the fork has the streams of its original")
	}
	w, _, _ := files(t, func(c *Config) { c.Mounts = []Mount{{Host: t.TempDir(), Guest: "/x", Writable: true}} })
	if _, err := w.Fork(nil); err == nil || !strings.Contains(err.Error(), "writable") {
		t.Errorf("a writable mount: %v", err)
	}
}

// TestForeignSnapshot: a machine takes its own snapshots only, and is left as it was by others.
func TestForeignSnapshot(t *testing.T) {
	m, _, _ := files(t)
	m.Seek(1000)
	other, _, _ := files(t)
	f, err := m.Fork(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Snapshot{other.Snapshot(), f.Snapshot(), f.Checkpoint(0)} {
		was := m.Hash()
		if err := m.Restore(s); !errors.Is(err, ErrForeignSnapshot) || m.Hash() != was {
			t.Errorf("a snapshot of another machine: %v, changed %v", err, m.Hash() != was)
		}
	}
	if err := f.Restore(m.Snapshot()); !errors.Is(err, ErrForeignSnapshot) {
		t.Errorf("a fork takes a snapshot of its original: %v", err)
	}
	if err := m.Restore(m.Checkpoint(0)); err != nil || m.Tick() != 0 {
		t.Errorf("its own: tick %d, %v", m.Tick(), err)
	}
}

// TestForkInput: a fork reads what its original has read, then what it was given itself.
func TestForkInput(t *testing.T) {
	m, _, _ := files(t, func(c *Config) { c.Stdin = strings.NewReader(filesInput) })
	finish(t, m)
	end := m.Tick()
	f, err := m.Fork(func(c *Config) { c.Stdin = failingReader{t} })
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Seek(0); err != nil {
		t.Fatal(err)
	}
	finish(t, f)
	if f.Tick() != end {
		t.Errorf("the fork ends at tick %d, want %d", f.Tick(), end)
	}
}

// A failingReader is not to be read from.
type failingReader struct{ t *testing.T }

func (r failingReader) Read([]byte) (int, error) {
	r.t.Error("the fork reads again what its original has read")
	return 0, io.EOF
}
