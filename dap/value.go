package dap

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// A value is something of a type, in memory; or a text alone.
type value struct {
	typ  *symbols.Type
	addr uint64
	mem  emulator.Memory
	text string // for one without a type
	err  error  // why there is no value
}

// Bounds of what is shown at once.
const (
	maxItems  = 100  // elements of an array
	maxString = 1024 // bytes of a string
	maxDepth  = 3    // of structs within structs, in one line
)

// location returns the memory that the value takes.
func (v value) location() (addr, size uint64, err error) {
	const aboveGuest = 1 << 63
	switch {
	case v.err != nil:
		return 0, 0, v.err
	case v.typ == nil || v.typ.Size <= 0:
		return 0, 0, fmt.Errorf("it has no place in memory")
	case v.addr >= aboveGuest:
		return 0, 0, fmt.Errorf("it is in registers")
	}
	return v.addr, uint64(v.typ.Size), nil
}

// word reads the word number i of the value.
func (v value) word(i uint64) (uint64, error) {
	var b [8]byte
	err := v.mem.ReadMemory(b[:], v.addr+8*i)
	return binary.LittleEndian.Uint64(b[:]), err
}

// bits reads a number of up to 8 bytes.
func (v value) bits() (uint64, error) {
	var b [8]byte
	if v.typ.Size < 0 || v.typ.Size > 8 {
		return 0, fmt.Errorf("%s is %d bytes", v.typ.Name, v.typ.Size)
	}
	err := v.mem.ReadMemory(b[:v.typ.Size], v.addr)
	return binary.LittleEndian.Uint64(b[:]), err
}

// String renders the value in a line.
func (v value) String() string { return v.render(maxDepth) }

func (v value) render(depth int) string {
	text, err := v.text, v.err
	if err == nil && v.typ != nil {
		text, err = v.typed(depth)
	}
	if err != nil {
		return "<" + err.Error() + ">"
	}
	return text
}

func (v value) typed(depth int) (string, error) {
	switch v.typ.Kind {
	case reflect.Struct:
		return v.structText(depth)
	case reflect.Array:
		return fmt.Sprintf("%s at %#x", v.typ.Name, v.addr), nil
	case reflect.Slice:
		n, err := v.word(1)
		if err != nil {
			return "", err
		}
		capacity, err := v.word(2)
		return fmt.Sprintf("%s, %d of %d", v.typ.Name, n, capacity), err
	case reflect.String:
		return v.stringText()
	case reflect.Interface:
		tab, err := v.word(0)
		if err != nil || tab == 0 {
			return "nil", err
		}
		data, err := v.word(1)
		return fmt.Sprintf("%s(%#x, %#x)", v.typ.Name, tab, data), err
	case reflect.Complex64, reflect.Complex128:
		return v.complexText()
	}
	n, err := v.bits()
	if err != nil {
		return "", err
	}
	size := uint(8 * v.typ.Size)
	switch v.typ.Kind {
	case reflect.Bool:
		return strconv.FormatBool(n != 0), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(int64(n)<<(64-size)>>(64-size), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(n, 10), nil
	case reflect.Float32:
		return strconv.FormatFloat(float64(math.Float32frombits(uint32(n))), 'g', -1, 32), nil
	case reflect.Float64:
		return strconv.FormatFloat(math.Float64frombits(n), 'g', -1, 64), nil
	}
	if n == 0 {
		return "nil", nil
	}
	return fmt.Sprintf("%#x", n), nil
}

func (v value) stringText() (string, error) {
	at, err := v.word(0)
	if err != nil {
		return "", err
	}
	n, err := v.word(1)
	if err != nil {
		return "", err
	}
	b := make([]byte, min(n, maxString))
	if err := v.mem.ReadMemory(b, at); err != nil && len(b) > 0 {
		return "", err
	}
	text := strconv.Quote(string(b))
	if n > maxString {
		text += fmt.Sprintf("… %d bytes in all", n)
	}
	return text, nil
}

func (v value) complexText() (string, error) {
	re, err := v.word(0)
	if err != nil {
		return "", err
	}
	if v.typ.Kind == reflect.Complex64 {
		return fmt.Sprint(complex(math.Float32frombits(uint32(re)), math.Float32frombits(uint32(re>>32)))), nil
	}
	im, err := v.word(1)
	return fmt.Sprint(complex(math.Float64frombits(re), math.Float64frombits(im))), err
}

// structText shows the first few fields.
func (v value) structText(depth int) (string, error) {
	const shown = 6
	fields, err := v.typ.Fields()
	if err != nil {
		return "", err
	}
	if depth == 0 && len(fields) > 0 {
		return "{…}", nil
	}
	var parts []string
	for i, f := range fields {
		if i == shown {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, f.Name+": "+v.field(f).render(depth-1))
	}
	return "{" + strings.Join(parts, ", ") + "}", nil
}

func (v value) field(f symbols.Field) value {
	typ, err := f.Type()
	return value{typ: typ, addr: v.addr + uint64(f.Offset), mem: v.mem, err: err}
}

// elem returns what a pointer points to.
func (v value) elem(guest emulator.Memory) value {
	typ, err := v.typ.Elem()
	if err != nil {
		return value{err: err}
	}
	at, err := v.bits()
	if err == nil && at == 0 {
		err = fmt.Errorf("nil pointer")
	}
	return value{typ: typ, addr: at, mem: guest, err: err}
}

// elements returns where the elements of an array or slice begin, and how many there are.
func (v value) elements(guest emulator.Memory) (first value, n int64, err error) {
	typ, err := v.typ.Elem()
	if err != nil {
		return value{}, 0, err
	}
	if v.typ.Kind == reflect.Array {
		return value{typ: typ, addr: v.addr, mem: v.mem}, v.typ.Len, nil
	}
	at, err := v.word(0)
	if err != nil {
		return value{}, 0, err
	}
	count, err := v.word(1)
	return value{typ: typ, addr: at, mem: guest}, int64(min(count, math.MaxInt32)), err
}

// at returns element number i behind v.
func (v value) at(i int64) value {
	v.addr += uint64(i * v.typ.Size)
	return v
}
