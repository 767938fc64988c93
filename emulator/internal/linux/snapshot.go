package linux

import (
	"encoding/binary"
	"fmt"
	"hash"
	"reflect"
	"slices"
	"sort"
)

// Clone returns a copy of the kernel of which no change shows in k. It has neither memory nor processor until Attach gives it
// some: a kernel takes the registers of its processor for its current thread's, and those are k's.
func (k *Kernel) Clone() *Kernel {
	k.save()
	n := *k
	n.Mem, n.CPU, n.account = nil, nil, nil
	n.threads = make([]*Thread, len(k.threads))
	n.current = nil
	for i, t := range k.threads {
		n.threads[i] = t.clone()
		if t == k.current {
			n.current = n.threads[i]
		}
	}
	n.signals.pending = k.signals.pending.clone()
	n.timers.posix = slices.Clone(k.timers.posix)
	n.mm.shared = slices.Clone(k.mm.shared)
	n.files = k.files.clone()
	return &n
}

func (t *Thread) clone() *Thread {
	n := *t
	n.keys = slices.Clone(t.keys)
	n.pending = t.pending.clone()
	return &n
}

// HashTo writes all of the kernel's state into h: every field but those that tie the kernel to its host, its memory and its
// processor.
func (k *Kernel) HashTo(h hash.Hash) {
	k.save()
	for _, t := range k.threads {
		t.Ctx.Settle()
	}
	v := reflect.ValueOf(k).Elem()
	for i := range v.NumField() {
		switch v.Type().Field(i).Name {
		case "Mem", "CPU", "Host", "files", "account":
		case "slices", "unfinished", "work": // how the state was reached: a watchpoint ends a slice early
		case "current":
			if k.current != nil {
				hashValue(h, reflect.ValueOf(k.current.TID))
			}
		default:
			hashValue(h, v.Field(i))
		}
	}
	k.files.hashTo(h)
}

var slackType = reflect.TypeFor[slack]()

// hashValue writes what v holds into h, following pointers. Lengths and nils are written too, so that different values
// never write the same; slack is left out. Maps go in the order of their keys. It panics on kinds that have no place in the
// state: channels, functions, interfaces.
func hashValue(h hash.Hash, v reflect.Value) {
	if v.Type() == slackType {
		return
	}
	word := func(n uint64) { h.Write(binary.LittleEndian.AppendUint64(nil, n)) }
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			word(1)
		} else {
			word(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		word(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		word(v.Uint())
	case reflect.String:
		word(uint64(v.Len()))
		h.Write([]byte(v.String()))
	case reflect.Slice, reflect.Array:
		word(uint64(v.Len()))
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			h.Write(v.Bytes())
			return
		}
		for i := range v.Len() {
			hashValue(h, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			hashValue(h, v.Field(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			word(0)
			return
		}
		word(1)
		hashValue(h, v.Elem())
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return fmt.Sprint(keys[i]) < fmt.Sprint(keys[j]) })
		word(uint64(len(keys)))
		for _, key := range keys {
			hashValue(h, key)
			hashValue(h, v.MapIndex(key))
		}
	default:
		panic(fmt.Sprintf("linux: a %v cannot be part of the kernel's state", v.Type()))
	}
}
