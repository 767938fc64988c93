package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// errLayout means that Go's line table is not as this file knows it. The module is good, and larger, as it is.
var errLayout = errors.New("the line table is laid out in a way that is not known here")

// The parts of runtime.pcHeader and runtime._func, in bytes (runtime/symtab.go, runtime/runtime2.go; the layout has had this
// magic number since Go 1.20).
const (
	pcHeaderSize  = 72
	funcTabEntry  = 8
	funcFixedSize = 44

	funcName      = 4
	funcPcfile    = 20
	funcPcln      = 24
	funcNpcdata   = 28
	funcCuOffset  = 32
	funcStartLine = 36
	funcNfuncdata = 43
)

// Indices of tables that a function has besides (internal/abi/symtab.go).
const (
	pcdataUnsafePoint  = 0
	pcdataInlTreeIndex = 2
	pcdataArgLiveIndex = 3
	maxPcdata          = 8

	funcdataInlTree     = 3
	funcdataArgInfo     = 5
	funcdataArgLiveInfo = 6
	maxFuncdata         = 16
)

var pcHeaderMagic = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// stripLines removes from the memory of a Go program what only a traceback reads: files, lines, calls that were inlined, and
// where arguments lie; and where a thread may be preempted, for in WebAssembly none is. Tracebacks still name every function.
// What is removed becomes zeroes, so nothing moves.
func stripLines(memory []byte) error {
	t, err := findLineTable(memory)
	if err != nil {
		return err
	}
	kept := make([]byte, len(t.pctab))
	kept[0] = t.pctab[0]
	for _, f := range t.funcs {
		clear(f[funcPcfile : funcPcln+4])
		clear(f[funcCuOffset : funcStartLine+4])
		pcdata, funcdata := tables(f)
		for _, i := range []int{pcdataUnsafePoint, pcdataInlTreeIndex, pcdataArgLiveIndex} {
			if len(pcdata) > 4*i {
				clear(pcdata[4*i:][:4])
			}
		}
		for _, i := range []int{funcdataInlTree, funcdataArgInfo, funcdataArgLiveInfo} {
			if len(funcdata) > 4*i {
				binary.LittleEndian.PutUint32(funcdata[4*i:], ^uint32(0)) // there is none
			}
		}
		for used := append([]byte(f[16:20:20]), pcdata...); len(used) > 0; used = used[4:] { // pcsp is always there
			off := binary.LittleEndian.Uint32(used)
			copy(kept[off:], t.pctab[off:off+t.sizes[off]])
		}
	}
	copy(t.pctab, kept)
	clear(t.files)
	for _, f := range t.funcs {
		shorten(t.names[binary.LittleEndian.Uint32(f[funcName:]):])
	}
	return nil
}

// shorten cuts type arguments out of the name of a function, as the runtime does when it prints one.
func shorten(names []byte) {
	name, _, _ := bytes.Cut(names, []byte{0})
	from, to := bytes.IndexByte(name, '['), bytes.LastIndexByte(name, ']')
	if from < 0 || to < from {
		return
	}
	const cut = "[...]"
	if to+1-from > len(cut) {
		n := from + copy(name[from:], cut)
		n += copy(name[n:], name[to+1:])
		clear(name[n:])
	}
}

// A lineTable is the parts of runtime.pclntab that concern us, as they lie in memory.
type lineTable struct {
	// names are the names of functions, each up to a NUL; files are the tables of file names; pctab is all that depends on
	// the place in a function.
	names, files, pctab []byte
	// funcs are the descriptions of functions, their tables included.
	funcs [][]byte
	// sizes has the length of each table in pctab, by offset.
	sizes map[uint32]uint32
}

// findLineTable looks for the table and checks all that it is made of: that it is as expected is the only sign that it is
// understood.
func findLineTable(memory []byte) (*lineTable, error) {
	at := bytes.Index(memory, pcHeaderMagic)
	if at < 0 || at+pcHeaderSize > len(memory) {
		return nil, fmt.Errorf("%w: none found", errLayout)
	}
	b := memory[at:]
	var head [8]uint64
	for i := range head {
		head[i] = binary.LittleEndian.Uint64(b[8+8*i:])
	}
	nfunc, names, cus, files, pctab, functab := head[0], head[3], head[4], head[5], head[6], head[7]
	if names != pcHeaderSize || cus < names || files < cus || pctab <= files || functab <= pctab || functab > uint64(len(b)) ||
		nfunc == 0 || nfunc*funcTabEntry > uint64(len(b))-functab {
		return nil, fmt.Errorf("%w: %d functions, parts at %d", errLayout, nfunc, head[3:])
	}
	t := &lineTable{names: b[names:cus], files: b[cus:pctab], pctab: b[pctab:functab], sizes: map[uint32]uint32{}}
	b = b[functab:]
	for i := range nfunc {
		off := uint64(binary.LittleEndian.Uint32(b[funcTabEntry*i+4:]))
		if off+funcFixedSize > uint64(len(b)) {
			return nil, fmt.Errorf("%w: function %d lies outside", errLayout, i)
		}
		f := b[off:]
		if name := binary.LittleEndian.Uint32(f[funcName:]); uint64(name) >= uint64(len(t.names)) {
			return nil, fmt.Errorf("%w: function %d has no name", errLayout, i)
		}
		npcdata, nfuncdata := binary.LittleEndian.Uint32(f[funcNpcdata:]), f[funcNfuncdata]
		size := funcFixedSize + 4*uint64(npcdata) + 4*uint64(nfuncdata)
		if npcdata > maxPcdata || nfuncdata > maxFuncdata || size > uint64(len(f)) {
			return nil, fmt.Errorf("%w: function %d has %d and %d tables", errLayout, i, npcdata, nfuncdata)
		}
		f = f[:size:size]
		pcdata, _ := tables(f)
		for offs := append(bytes.Clone(f[16:28]), pcdata...); len(offs) > 0; offs = offs[4:] {
			if err := t.measure(binary.LittleEndian.Uint32(offs)); err != nil {
				return nil, fmt.Errorf("function %d: %w", i, err)
			}
		}
		t.funcs = append(t.funcs, f)
	}
	return t, nil
}

// tables returns the offsets of a function's tables: those that depend on the place, and the others.
func tables(f []byte) (pcdata, funcdata []byte) {
	n := 4 * binary.LittleEndian.Uint32(f[funcNpcdata:])
	return f[funcFixedSize : funcFixedSize+n], f[funcFixedSize+n:]
}

// measure finds the length of the table at the offset: pairs of a change of the value and one of the address, up to a change
// of zero that is not the first.
func (t *lineTable) measure(off uint32) error {
	if _, done := t.sizes[off]; done || off == 0 {
		return nil
	}
	if uint64(off) >= uint64(len(t.pctab)) {
		return fmt.Errorf("%w: a table lies outside", errLayout)
	}
	b := t.pctab[off:]
	for first := true; ; first = false {
		change, rest, err := unsigned(b)
		if err != nil {
			return fmt.Errorf("%w: a table breaks off", errLayout)
		}
		b = rest
		if change == 0 && !first {
			break
		}
		if _, b, err = unsigned(b); err != nil {
			return fmt.Errorf("%w: a table breaks off", errLayout)
		}
	}
	t.sizes[off] = uint32(len(t.pctab)-len(b)) - off
	return nil
}
