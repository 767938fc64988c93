// Command extract writes the files of package library: go generate runs it.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"log"
	"os"
	"regexp"
	"strings"

	"github.com/traefik/yaegi/extract"
)

// packages are those of the standard library that are extracted.
var packages = strings.Fields(`
	bufio bytes container/heap container/list container/ring context encoding encoding/base64 encoding/binary encoding/hex
	encoding/json errors fmt hash hash/crc32 hash/fnv image image/color io log math math/bits math/cmplx math/rand path
	reflect regexp runtime sort strconv strings sync sync/atomic text/tabwriter time unicode unicode/utf16 unicode/utf8`)

// exclude are regular expressions by package: names that are left out, because they would end the process, or reach into it.
var exclude = map[string][]string{
	"log":     {"^Logger$", "^New$", "^Default$"}, // a Logger's Fatal cannot be replaced
	"runtime": {"Profile", "Cgo", "Trace", "Breakpoint", "LockOSThread", "^SetFinalizer$", "^AddCleanup$", "^Cleanup$", "^Goexit$", "^Pinner$", "^Error$"},
}

// include are regular expressions by package: names that are taken, and no others. Of the 250 tables of package unicode, each of
// which makes the module larger, those of the commonest categories and scripts.
var include = map[string][]string{
	"unicode": {"^(Is|To|Simple)[A-Z]", "^(Is|In|To)$", "^(Max|Replacement|Upper|Lower|Title)",
		"^(Letter|Digit|Number|Punct|Space|Symbol|Mark|White_Space|Latin|Greek|Cyrillic|Han|Hiragana|Katakana|Hangul|Arabic|Hebrew|Thai|Devanagari)$", "^(RangeTable|Range16|Range32|SpecialCase|CaseRange)$"},
}

// constraint is the build constraint of the extractor's own, which would leave all of the table out in the next Go.
var constraint = regexp.MustCompile(`(?m)^(//go:build|// \+build) .*\n`)

func main() {
	files, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(name, text, 0o666); err != nil {
			log.Fatal(err)
		}
	}
}

// generate returns the files by name.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, path := range packages {
		var b bytes.Buffer
		e := extract.Extractor{Dest: "library", Exclude: exclude[path], Include: include[path]}
		if _, err := e.Extract(path, path, &b); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		text, err := format.Source(constraint.ReplaceAll(b.Bytes(), nil))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files["std_"+strings.ReplaceAll(path, "/", "_")+".go"] = text
	}
	return files, nil
}
