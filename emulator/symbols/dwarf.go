package symbols

import (
	"debug/dwarf"
	"encoding/binary"
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/elffile"
)

// dwarf opens the debug information when it is first needed. Only the sections that types, lines and inlining need are
// decompressed: the location lists, which are the largest, stay as they are.
func (t *Table) dwarf() (*dwarf.Data, error) {
	if !t.dwarfTried {
		t.dwarfTried = true
		t.dwarfData, t.dwarfErr = t.openDWARF()
	}
	return t.dwarfData, t.dwarfErr
}

func (t *Table) openDWARF() (d *dwarf.Data, err error) {
	defer guard(&err, "read DWARF")
	sec := map[string][]byte{}
	for _, name := range []string{"abbrev", "info", "line", "ranges", "str", "addr", "rnglists", "str_offsets", "line_str"} {
		b, err := debugSection(t.file, name)
		if err != nil {
			return nil, fmt.Errorf("read DWARF: section .debug_%s: %w", name, err)
		}
		sec[name] = b
	}
	if len(sec["info"]) == 0 || len(sec["abbrev"]) == 0 {
		return nil, ErrNoDWARF
	}
	d, err = dwarf.New(sec["abbrev"], nil, nil, sec["info"], sec["line"], nil, sec["ranges"], sec["str"])
	if err != nil {
		return nil, fmt.Errorf("read DWARF: %w", err)
	}
	for _, name := range []string{"addr", "rnglists", "str_offsets", "line_str"} { // new in DWARF 5
		if err := d.AddSection(".debug_"+name, sec[name]); err != nil {
			return nil, fmt.Errorf("read DWARF: %w", err)
		}
	}
	t.units, err = readUnits(t, d, sec["info"])
	if err != nil {
		return nil, fmt.Errorf("read DWARF: %w", err)
	}
	return d, nil
}

// debugSection returns a section's bytes, decompressed: ELF's own compression, or the older .zdebug_ form (the letters
// ZLIB, the size as 8 bytes big-endian, the stream), which Go wrote up to 1.18. A missing section is empty.
func debugSection(f *elffile.File, name string) ([]byte, error) {
	if s := f.Section(".debug_" + name); s != nil {
		return s.Data()
	}
	s := f.Section(".zdebug_" + name)
	if s == nil {
		return nil, nil
	}
	b, err := s.Data()
	if err != nil || len(b) < 12 || string(b[:4]) != "ZLIB" {
		return b, err
	}
	return elffile.Unpack(b[12:], binary.BigEndian.Uint64(b[4:]))
}
