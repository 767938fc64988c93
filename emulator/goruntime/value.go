package goruntime

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"

	"github.com/rt0lab/rt0/emulator/symbols"
)

// A Value is what an expression has turned out to be.
type Value struct {
	// Type is the type's name, such as "runtime.puintptr"; "" where the program does not tell.
	Type string
	Kind reflect.Kind
	// Addr is where the value lies; 0 for a computed one, such as a length or an address.
	Addr uint64
	// Size is in bytes.
	Size int64
	// Uint is the bits of a number, a pointer, a bool; the address of the first element of a slice or a string.
	Uint uint64
	// Int is Uint with the sign of the type.
	Int int64
	// Len is the length of a string, a slice, an array.
	Len int64
	// Text is what a string holds, up to 4 KiB.
	Text string
	// Pointer says that Uint is an address, by type or because the runtime uses the type so (guintptr, …).
	Pointer bool
	// Absent says that this Go version has no such thing.
	Absent bool
	// Unreadable says why the value cannot be read, such as a pointer on the way to it that is nil. Else it is nil.
	Unreadable error
}

// OK says that the value is there and was read.
func (v Value) OK() bool { return !v.Absent && v.Unreadable == nil }

func (v Value) String() string {
	switch {
	case v.Absent:
		return "absent"
	case v.Unreadable != nil:
		return "unreadable: " + v.Unreadable.Error()
	case v.Pointer:
		return fmt.Sprintf("%#x", v.Uint)
	}
	switch v.Kind {
	case reflect.Bool:
		return strconv.FormatBool(v.Uint != 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int, 10)
	case reflect.String:
		return strconv.Quote(v.Text)
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return fmt.Sprintf("bits %#x", v.Uint)
	case reflect.Struct, reflect.Array, reflect.Slice:
		return fmt.Sprintf("%s at %#x", v.Type, v.Addr)
	}
	return strconv.FormatUint(v.Uint, 10)
}

// A place is something of a type, in memory or computed.
type place struct {
	typ *symbols.Type
	// name and kind stand in where there is no typ.
	name string
	kind reflect.Kind
	size int64

	addr uint64
	// computed says that there is no address and bits is the value.
	computed bool
	bits     uint64
	// elem is what a computed pointer points to.
	elem *symbols.Type
	// bad says that the place cannot be reached, and why. The type is right all the same.
	bad error
}

const maxText = 4 << 10

// load reads what is at the place.
func (r *Runtime) load(p place) Value {
	if p.typ != nil && !p.computed {
		inner, off := r.unwrap(p.typ)
		p.typ, p.addr = inner, p.addr+uint64(off)
	}
	v := Value{Type: p.name, Kind: p.kind, Size: p.size, Unreadable: p.bad}
	if p.typ != nil {
		v.Type, v.Kind, v.Size, v.Len = p.typ.Name, p.typ.Kind, p.typ.Size, p.typ.Len
	}
	v.Pointer = v.Kind == reflect.Pointer || v.Kind == reflect.UnsafePointer || p.typ != nil && arrows[p.typ.Name] != ""
	if p.bad != nil {
		return v
	}
	if p.computed {
		v.Uint, v.Int = p.bits, int64(p.bits)
		return v
	}
	v.Addr = p.addr
	switch v.Kind {
	case reflect.Struct, reflect.Array, reflect.Invalid:
		return v
	}
	var b [8]byte
	if v.Unreadable = r.mem.ReadMemory(b[:min(max(v.Size, 0), 8)], p.addr); v.Unreadable != nil {
		return v
	}
	v.Uint = binary.LittleEndian.Uint64(b[:])
	v.Int = signed(v.Kind, v.Uint)
	switch v.Kind {
	case reflect.Slice, reflect.String:
		n, err := r.word(p.addr + 8)
		if v.Unreadable = err; err != nil {
			return v
		}
		v.Len = int64(n)
	}
	if v.Kind == reflect.String && v.Len > 0 {
		text := make([]byte, min(v.Len, maxText))
		v.Unreadable = r.mem.ReadMemory(text, v.Uint)
		v.Text = string(text)
	}
	return v
}

func signed(k reflect.Kind, bits uint64) int64 {
	switch k {
	case reflect.Int8:
		return int64(int8(bits))
	case reflect.Int16:
		return int64(int16(bits))
	case reflect.Int32:
		return int64(int32(bits))
	}
	return int64(bits)
}

func (r *Runtime) word(addr uint64) (uint64, error) {
	var b [8]byte
	if err := r.mem.ReadMemory(b[:], addr); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}
