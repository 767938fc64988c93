package linux

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// full returns a kernel with something in every part of its state.
func full(t testing.TB) *Kernel {
	k := busy(t)
	k.Run(nil, 9_000)
	th := k.current
	k.send(th, userInfo(40, SI_USER))
	k.send(nil, userInfo(41, SI_USER))
	th.mask = ^sigset(0)
	th.keys = []Key{1, 2}
	th.affinity = "12345678"
	k.timers.posix = []posixTimer{{id: 3, alarm: alarm{next: 5}}}
	return k
}

// shared are the parts of a kernel that a copy may have in common with it.
var shared = map[string]bool{
	"Mem": true, "CPU": true, "Host": true, // not state
	"account": true,              // made anew by Attach
	"files":   true,              // tested in package vfs
	"args":    true, "env": true, // never changed
}

// mutable collects the addresses of all that can be changed through v, with the path that leads there.
func mutable(v reflect.Value, path string, into map[uintptr]string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			into[v.Pointer()] = path
			mutable(v.Elem(), path, into)
		}
	case reflect.Slice:
		if v.Cap() > 0 {
			into[v.Pointer()] = path
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			mutable(v.Index(i), fmt.Sprintf("%s[%d]", path, i), into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); !shared[f.Name] {
				mutable(v.Field(i), path+"."+f.Name, into)
			}
		}
	case reflect.Map, reflect.Chan, reflect.Func, reflect.Interface, reflect.UnsafePointer:
		panic(path + " has a kind that Clone cannot be tested for")
	}
}

func TestCloneSharesNothing(t *testing.T) {
	k := full(t)
	c := k.Clone()
	mine, theirs := map[uintptr]string{}, map[uintptr]string{}
	mutable(reflect.ValueOf(k).Elem(), "k", mine)
	mutable(reflect.ValueOf(c).Elem(), "k", theirs)
	if len(mine) < 6 {
		t.Fatalf("only %v is tested", mine)
	}
	for p, path := range mine {
		if _, ok := theirs[p]; ok {
			t.Errorf("the copy shares %s", path)
		}
	}
	kernelHash := func(k *Kernel) [32]byte {
		h := sha256.New()
		k.HashTo(h)
		return [32]byte(h.Sum(nil))
	}
	if kernelHash(k) != kernelHash(c) {
		t.Error("the copy's hash differs")
	}
}

// Every change that a guest could notice must change the hash. One line a field.
func TestHashSeesEveryField(t *testing.T) {
	base := digest(full(t))
	if digest(full(t)) != base {
		t.Fatal("the same state has two hashes")
	}
	for i, change := range []func(k *Kernel, t *Thread){
		func(k *Kernel, t *Thread) { k.Tick++ },
		func(k *Kernel, t *Thread) { k.skew++ },
		func(k *Kernel, t *Thread) { k.current = other(k) },
		func(k *Kernel, t *Thread) { k.last++ },
		func(k *Kernel, t *Thread) { k.lastTID++ },
		func(k *Kernel, t *Thread) { k.turn++ },
		func(k *Kernel, t *Thread) { k.blocks++ },
		func(k *Kernel, t *Thread) { k.turns++ },
		func(k *Kernel, t *Thread) { k.entropy++ },
		func(k *Kernel, t *Thread) { k.exited = true },
		func(k *Kernel, t *Thread) { k.status.Signal++ },
		func(k *Kernel, t *Thread) { k.proc.umask++ },
		func(k *Kernel, t *Thread) { k.proc.personality++ },
		func(k *Kernel, t *Thread) { k.proc.limits[3].soft++ },
		func(k *Kernel, t *Thread) { k.signals.actions[5].mask++ },
		func(k *Kernel, t *Thread) { k.signals.pending.queues[0].list[0].Fields[13]++ },
		func(k *Kernel, t *Thread) { k.timers.itimers[2].next++ },
		func(k *Kernel, t *Thread) { k.timers.posix[0].overrun++ },
		func(k *Kernel, t *Thread) { k.timers.queued++ },
		func(k *Kernel, t *Thread) { k.mm.brk.end++ },
		func(k *Kernel, t *Thread) { k.CPU.R[3]++ },
		func(k *Kernel, t *Thread) { k.CPU.X[15][1]++ },
		func(k *Kernel, t *Thread) { other(k).Ctx.RIP++ },
		func(k *Kernel, t *Thread) { t.name += "x" },
		func(k *Kernel, t *Thread) { t.ticks++ },
		func(k *Kernel, t *Thread) { t.clearTID++ },
		func(k *Kernel, t *Thread) { t.robust++ },
		func(k *Kernel, t *Thread) { k.mm.shared = []vfs.ID{1} },
		func(k *Kernel, t *Thread) { t.affinity = "" },
		func(k *Kernel, t *Thread) { t.mask++ },
		func(k *Kernel, t *Thread) { t.pending.queues = nil },
		func(k *Kernel, t *Thread) { t.alt.size++ },
		func(k *Kernel, t *Thread) { t.cr2++ },
		func(k *Kernel, t *Thread) { t.blocked = true },
		func(k *Kernel, t *Thread) { t.keys = t.keys[:1] },
		func(k *Kernel, t *Thread) { t.futex.addr++ },
		func(k *Kernel, t *Thread) { t.deadline++ },
		func(k *Kernel, t *Thread) { t.wake = wokenByTime },
		func(k *Kernel, t *Thread) { t.inCall = true },
		func(k *Kernel, t *Thread) { t.progress++ },
	} {
		k := full(t)
		change(k, k.current)
		if digest(k) == base {
			t.Errorf("change %d does not show in the hash", i)
		}
	}
}

// other returns a thread that does not hold the CPU.
func other(k *Kernel) *Thread {
	for _, t := range k.threads {
		if t != k.current {
			return t
		}
	}
	return nil
}

func BenchmarkClone(b *testing.B) {
	k := full(b)
	b.ReportAllocs()
	for b.Loop() {
		k.Clone()
	}
}
