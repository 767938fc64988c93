package symbols

import (
	"errors"
	"reflect"
	"testing"
)

func TestLocate(t *testing.T) {
	regs := func(n int) (uint64, uint64, bool) { return uint64(100 + n), 7, n != 3 }
	in := func(v byte) (b [16]byte) {
		b[0], b[8] = v, 7
		return b
	}
	const cfa = 0x1000
	for _, tt := range []struct {
		name string
		expr []byte
		want []Piece
		err  error
	}{
		{"CFA", []byte{opCallFrameCFA}, []Piece{{InMemory: true, Addr: cfa}}, nil},
		{"below the CFA", []byte{opFbreg, 0x70}, []Piece{{InMemory: true, Addr: cfa - 16}}, nil},
		{"two-byte offset", []byte{opFbreg, 0x80, 0x7f}, []Piece{{InMemory: true, Addr: cfa - 128}}, nil},
		{"address", []byte{opAddr, 1, 2, 0, 0, 0, 0, 0, 0}, []Piece{{InMemory: true, Addr: 0x5000201}}, nil},
		{"register", []byte{opReg0 + 5}, []Piece{{Value: in(105)}}, nil},
		{"register by number", []byte{opRegx, 17}, []Piece{{Value: in(117)}}, nil},
		{"base register", []byte{opBreg0 + 7, 8}, []Piece{{InMemory: true, Addr: 115}}, nil},
		{"sum", []byte{opCallFrameCFA, opConstu, 8, opPlus, opPlusUconst, 1}, []Piece{{InMemory: true, Addr: cfa + 9}}, nil},
		{"constant", []byte{opConsts, 0x7f, opStackValue}, []Piece{{Value: [16]byte{255, 255, 255, 255, 255, 255, 255, 255}}}, nil},
		{"pieces", []byte{opReg0, opPiece, 8, opFbreg, 0, opPiece, 8}, []Piece{{Value: in(100), Size: 8}, {InMemory: true, Addr: cfa, Size: 8}}, nil},
		{"a piece that is gone", []byte{opReg0, opPiece, 8, opPiece, 8}, nil, ErrOptimizedOut},
		{"a register that is gone", []byte{opReg0 + 3}, nil, ErrOptimizedOut},
		{"nothing", nil, nil, ErrOptimizedOut},
		{"unknown", []byte{0xff}, nil, nil},
		{"breaks off", []byte{opFbreg}, nil, nil},
		{"stack too short", []byte{opPlus}, nil, nil},
	} {
		l := Local{table: &Table{bias: 0x5000000}, expr: tt.expr}
		got, err := l.Locate(regs, cfa)
		if !reflect.DeepEqual(got, tt.want) || (err == nil) != (tt.want != nil) || tt.err != nil && !errors.Is(err, tt.err) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
}
