package symbols

import (
	"debug/dwarf"
	"slices"
	"sort"
	"strings"
)

// A lineRow says that from addr on the code comes from file:line; end marks the end of a stretch of code.
type lineRow struct {
	addr uint64
	file string
	line int
	stmt bool
	end  bool
}

// Line returns the source line of the instruction at the address. The file is the path at build time. Go's own table is
// asked first: it answers for one function, where DWARF's tells all of a package or nothing.
func (t *Table) Line(addr uint64) (file string, line int, ok bool) {
	addr -= t.bias
	if t.pcln != nil {
		if file, line, ok := t.pcln.line(addr); ok {
			return file, line, true
		}
	}
	return t.dwarfLine(addr)
}

func (t *Table) dwarfLine(addr uint64) (file string, line int, ok bool) {
	if _, err := t.dwarf(); err != nil {
		return "", 0, false
	}
	u := t.unitAt(addr)
	if u == nil {
		return "", 0, false
	}
	rows := t.lineRows(u)
	i := sort.Search(len(rows), func(i int) bool { return rows[i].addr > addr }) - 1
	if i < 0 || rows[i].end || rows[i].line == 0 {
		return "", 0, false
	}
	return rows[i].file, rows[i].line, true
}

// lineRows decodes a unit's line table, once. A table that breaks off keeps what came before.
func (t *Table) lineRows(u *unit) []lineRow {
	if !u.linesRead {
		u.linesRead = true
		var err error // what is wrong with a malformed table does not matter: what was read stands
		func() {
			defer guard(&err, "read lines")
			err = t.readLines(u)
		}()
		// An end and the next beginning may share an address: the end comes first.
		sort.SliceStable(u.lines, func(i, j int) bool {
			a, b := &u.lines[i], &u.lines[j]
			return a.addr < b.addr || a.addr == b.addr && a.end && !b.end
		})
	}
	return u.lines
}

func (t *Table) readLines(u *unit) error {
	lr, err := t.dwarfData.LineReader(u.entry)
	if err != nil || lr == nil {
		return err
	}
	var e dwarf.LineEntry
	for lr.Next(&e) == nil {
		row := lineRow{addr: e.Address, line: e.Line, stmt: e.IsStmt, end: e.EndSequence}
		if e.File != nil {
			row.file = e.File.Name
		}
		u.lines = append(u.lines, row)
	}
	return nil
}

// fileOf returns the name of a unit's file of that number. The names precede the line table, which is not read for them.
func (t *Table) fileOf(u *unit, number int64) (name string) {
	if u.files == nil {
		u.files = []*dwarf.LineFile{}
		var err error // as for lineRows
		func() {
			defer guard(&err, "read files")
			if lr, err := t.dwarfData.LineReader(u.entry); err == nil && lr != nil {
				u.files = lr.Files()
			}
		}()
	}
	if number < 0 || number >= int64(len(u.files)) || u.files[number] == nil {
		return ""
	}
	return u.files[number].Name
}

// Addrs returns the addresses at which the code of file:line begins, lowest first. The file may be a whole path or its
// last parts, such as "proc.go" or "runtime/proc.go".
func (t *Table) Addrs(file string, line int) []uint64 {
	if _, err := t.dwarf(); err != nil {
		return nil
	}
	if t.fileLines == nil {
		t.indexLines()
	}
	var addrs []uint64
	for path, lines := range t.fileLines {
		if path == file || strings.HasSuffix(path, "/"+file) {
			for _, a := range lines[line] {
				addrs = append(addrs, a+t.bias)
			}
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs)
}

// CodeLines returns the lines of the file, named by its whole path, from which code comes, and where that code begins, lowest
// address first.
func (t *Table) CodeLines(file string) map[int][]uint64 {
	if _, err := t.dwarf(); err != nil {
		return nil
	}
	if t.fileLines == nil {
		t.indexLines()
	}
	out := map[int][]uint64{}
	for line, addrs := range t.fileLines[file] {
		for _, a := range addrs {
			out[line] = append(out[line], a+t.bias)
		}
		slices.Sort(out[line])
	}
	return out
}

// indexLines notes each place where the code of a line begins: a statement whose row follows one of another line.
func (t *Table) indexLines() {
	t.fileLines = map[string]map[int][]uint64{}
	for _, u := range t.units {
		var last lineRow
		for _, row := range t.lineRows(u) {
			if row.stmt && !row.end && (row.line != last.line || row.file != last.file || last.end) {
				m := t.fileLines[row.file]
				if m == nil {
					m = map[int][]uint64{}
					t.fileLines[row.file] = m
				}
				m[row.line] = append(m[row.line], row.addr)
			}
			last = row
		}
	}
}
