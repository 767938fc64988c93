package symbols

import (
	"debug/dwarf"
	"reflect"
)

// kindOf returns what the Go toolchain says, else what the tag and the encoding tell.
func kindOf(e *dwarf.Entry) reflect.Kind {
	if k, ok := e.Val(attrGoKind).(int64); ok && k > 0 && k <= int64(reflect.UnsafePointer) {
		return reflect.Kind(k)
	}
	size, _ := e.Val(dwarf.AttrByteSize).(int64)
	switch e.Tag {
	case dwarf.TagStructType:
		return reflect.Struct
	case dwarf.TagPointerType:
		return reflect.Pointer
	case dwarf.TagArrayType:
		return reflect.Array
	case dwarf.TagSubroutineType:
		return reflect.Func
	case dwarf.TagBaseType:
		enc, _ := e.Val(dwarf.AttrEncoding).(int64)
		return baseKind(enc, size)
	}
	return reflect.Invalid
}

// baseKind translates DW_ATE_ encodings (DWARF 5, 7.8).
func baseKind(enc, size int64) reflect.Kind {
	switch {
	case enc == 2:
		return reflect.Bool
	case (enc == 5 || enc == 6) && size == 1:
		return reflect.Int8
	case enc == 5 && size == 2:
		return reflect.Int16
	case enc == 5 && size == 4:
		return reflect.Int32
	case enc == 5 && size == 8:
		return reflect.Int64
	case (enc == 7 || enc == 8) && size == 1:
		return reflect.Uint8
	case enc == 7 && size == 2:
		return reflect.Uint16
	case enc == 7 && size == 4:
		return reflect.Uint32
	case enc == 7 && size == 8:
		return reflect.Uint64
	case enc == 4 && size == 4:
		return reflect.Float32
	case enc == 4 && size == 8:
		return reflect.Float64
	}
	return reflect.Invalid
}

// memberOffset reads a member's place: a number since Go 1.11 or so, before that the expression DW_OP_plus_uconst, or
// DW_OP_consts … DW_OP_plus, of an unsigned LEB128 number.
func memberOffset(e *dwarf.Entry) int64 {
	switch v := e.Val(dwarf.AttrDataMemberLoc).(type) {
	case int64:
		return v
	case []byte:
		if len(v) > 1 && (v[0] == 0x23 || v[0] == 0x11) {
			var n, shift uint64
			for _, b := range v[1:] {
				n |= uint64(b&0x7f) << shift
				if shift += 7; b < 0x80 || shift > 56 {
					break
				}
			}
			return int64(n)
		}
	}
	return 0
}
