package symbols

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// goVersion asks the build information first, which Go has written since 1.13, then the runtime's own variable.
func (t *Table) goVersion() string {
	for _, seg := range t.image.segments {
		if v, ok := t.buildInfo(seg.data); ok {
			v, _, _ = strings.Cut(v, " ")
			return v
		}
	}
	d, ok := t.Data("runtime.buildVersion")
	if !ok || d.Size != 16 {
		return ""
	}
	s, err := readString(t.image, d.Addr, longestVersion)
	if err != nil || !isVersion(s) {
		return ""
	}
	return s
}

const longestVersion = 128

func isVersion(s string) bool { return strings.HasPrefix(s, "go") || strings.HasPrefix(s, "devel") }

// BuildSetting returns a setting with which the go command built the program, such as "v3" for "GOAMD64"; "" if the program
// does not tell. Go writes them since 1.18 (debug/buildinfo); a program linked without the go command has none.
func (t *Table) BuildSetting(key string) string {
	for line := range strings.Lines(t.settings) {
		if k, v, ok := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "build\t"), "="); ok && k == key && strings.HasPrefix(line, "build\t") {
			return v
		}
	}
	return ""
}

// buildInfo looks for the linker's build information and returns the version in it. The blob is 32 bytes, aligned to 16: a
// magic text, the size of a pointer, flags, and, up to Go 1.17, the address of the version's string header; from 1.18 on the
// text follows it, its length first (cmd/link/internal/ld/data.go, buildinfo; debug/buildinfo has the reader).
func (t *Table) buildInfo(data []byte) (version string, ok bool) {
	const magic, size, inline = "\xff Go buildinf:", 32, 2
	for at := 0; ; at += len(magic) {
		i := bytes.Index(data[at:], []byte(magic))
		if i < 0 {
			return "", false
		}
		at += i
		blob := data[at:]
		if at%16 != 0 || len(blob) < size || blob[14] != 8 && blob[15]&inline == 0 {
			continue
		}
		if blob[15]&inline != 0 {
			n, used := binary.Uvarint(blob[size:])
			if used <= 0 || n > longestVersion || n > uint64(len(blob)-size-used) {
				continue
			}
			version = string(blob[size+used:][:n])
			t.settings = moduleInfo(blob[size+used+int(n):])
		} else {
			version, _ = readString(t.image, u64(blob, 16), longestVersion)
		}
		if isVersion(version) {
			return version, true
		}
	}
}

// longestSettings bounds the text about modules and settings.
const longestSettings = 1 << 20

// moduleInfo returns the text that follows the version: its length, then 16 bytes, the text, 16 bytes.
func moduleInfo(b []byte) string {
	const mark = 16
	n, used := binary.Uvarint(b)
	if used <= 0 || n < 2*mark || n > longestSettings || n > uint64(len(b)-used) {
		return ""
	}
	return string(b[used+mark : used+int(n)-mark])
}
