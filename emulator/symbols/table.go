// Package symbols answers questions about an ELF program from its bytes alone: which function and which source line an
// address belongs to, where a variable lies, how a Go type is laid out. It opens no file and knows no running machine.
//
// There are three sources, each read when first asked for. The symbol table (.symtab) names functions and data. The Go
// line table (.gopclntab), which the runtime itself needs and no strip removes, names functions and lines. DWARF adds
// types, variables and inlining. What one lacks another may have; a question that none can answer yields false or an error,
// never a panic, whatever the bytes.
package symbols

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/elffile"
)

// Errors that a caller may want to tell apart.
var (
	// ErrNoDWARF means that the program was linked without debug information.
	ErrNoDWARF = errors.New("no DWARF: build without -ldflags=-s and without -ldflags=-w")
	// ErrNotFound means that what was asked for is not in the program.
	ErrNotFound = errors.New("not found")
)

// A Table holds what is known of one program. It is not safe for concurrent use: answers are cached.
type Table struct {
	file  *elffile.File
	image image
	// bias is what the loader added to the addresses in the file: 0 but for position-independent programs.
	bias uint64

	funcs   []Func
	byName  map[string]int // index into funcs
	data    []Datum        // by address
	dataBy  map[string]int // index into data
	pcln    *pclntab
	version string
	buildID string
	// settings is what the go command says about the build, a line a setting.
	settings string

	dwarfTried   bool
	dwarfData    *dwarf.Data
	dwarfErr     error
	units        []*unit
	fileLines    map[string]map[int][]uint64
	inlineStarts map[string][]uint64
	frames       map[uint64][]Frame // by address without the bias
	types        typeIndex
	sections     map[string][]byte // DWARF's, beyond those that dwarfData has
}

// Open reads the tables of an ELF program. It fails if the bytes are no ELF file; a program without any symbol is not a
// failure.
func Open(elfBytes []byte) (t *Table, err error) {
	defer guard(&err, "read ELF file")
	f, err := elffile.Open(elfBytes)
	if err != nil {
		return nil, fmt.Errorf("read symbols: %w", err)
	}
	t = &Table{file: f, image: newImage(f, elfBytes)}
	t.readSymtab()
	t.pcln = findPclntab(t)
	if len(t.funcs) == 0 && t.pcln != nil {
		t.setFuncs(t.pcln.funcs())
	}
	t.version = t.goVersion()
	t.buildID = noteID(f, "Go", 4)
	return t, nil
}

// guard turns a panic of the standard library's ELF and DWARF readers, which trust their input in places, into an error.
func guard(err *error, doing string) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s: malformed: %v", doing, r)
	}
}

// Relocate tells where a position-independent program was loaded: bias is the address of its first instruction less
// Entry. From then on all addresses, given and returned, are those of the running program.
func (t *Table) Relocate(bias uint64) { t.bias = bias }

// Bias returns what Relocate was given.
func (t *Table) Bias() uint64 { return t.bias }

// Entry returns the address of the program's first instruction.
func (t *Table) Entry() uint64 { return t.file.Entry + t.bias }

// GoVersion returns the version of Go that built the program, such as "go1.26.8", or "" if it was not built by Go.
func (t *Table) GoVersion() string { return t.version }

// BuildID returns Go's build id, or "" if there is none.
func (t *Table) BuildID() string { return t.buildID }

// HasDWARF says whether layouts of types are to be had.
func (t *Table) HasDWARF() bool {
	_, err := t.dwarf()
	return err == nil
}

// noteID returns the text of the first ELF note of the given owner and type (Go's build id: owner "Go", type 4).
func noteID(f *elffile.File, owner string, kind uint32) string {
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOTE || s.Size > 1<<16 {
			continue
		}
		b, err := s.Data()
		if err != nil {
			continue
		}
		for len(b) >= 12 {
			nameLen, descLen, noteType := uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint32(b[8:])
			desc := 12 + (nameLen+3)&^3
			end := desc + descLen
			if end > uint64(len(b)) {
				break
			}
			if noteType == kind && strings.TrimRight(string(b[12:12+nameLen]), "\x00") == owner {
				return string(b[desc:end])
			}
			b = b[min((end+3)&^3, uint64(len(b))):]
		}
	}
	return ""
}
