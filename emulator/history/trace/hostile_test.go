package trace

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/testprog"
)

// TestHostileSymbols traces the calls of a program whose symbol table lies.
func TestHostileSymbols(t *testing.T) {
	original := testprog.Build(t, runtime.Version(), testprog.Hello)
	f, err := elf.NewFile(bytes.NewReader(original))
	if err != nil {
		t.Fatal(err)
	}
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	table, names := f.Section(".symtab"), f.Section(".strtab")
	for _, c := range []struct {
		name string
		lie  func(file []byte, symbol func(name string) []byte) // symbol returns an Elf64_Sym
	}{
		{"a size of 73 TB", func(_ []byte, symbol func(string) []byte) {
			binary.LittleEndian.PutUint64(symbol("main.main")[16:], 73<<40)
		}},
		{"a size that wraps", func(_ []byte, symbol func(string) []byte) {
			binary.LittleEndian.PutUint64(symbol("main.main")[16:], 1<<64-1)
		}},
		{"an address that is none", func(_ []byte, symbol func(string) []byte) {
			binary.LittleEndian.PutUint64(symbol("runtime.args")[8:], 1<<63)
		}},
		{"every function as long as the code", func(file []byte, _ func(string) []byte) {
			for at := table.Offset + 24; at < table.Offset+table.Size; at += 24 {
				if file[at+4]&15 == byte(elf.STT_FUNC) {
					binary.LittleEndian.PutUint64(file[at+16:], 1<<40)
				}
			}
		}},
		{"a name that clears the screen", func(file []byte, symbol func(string) []byte) {
			name := names.Offset + uint64(binary.LittleEndian.Uint32(symbol("main.main")))
			copy(file[name:], "\x1b[2J")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := slices.Clone(original)
			c.lie(file, func(name string) []byte {
				i := slices.IndexFunc(syms, func(s elf.Symbol) bool { return s.Name == name })
				if i < 0 {
					t.Fatalf("no %s", name)
				}
				return file[table.Offset+24*uint64(i+1):][:24] // elf leaves the first out
			})
			m, err := emulator.New(emulator.Config{Program: file, CheckpointEvery: emulator.NoCheckpoints})
			if err != nil {
				t.Fatal(err)
			}
			var text, lines bytes.Buffer
			s := history.New(m)
			sinks := []func(*Record) error{Text(&text), JSON(&lines)}
			err = Run(context.Background(), s, Options{Calls: true}, func(r *Record) error {
				for _, sink := range sinks {
					if err := sink(r); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), "runtime.schedinit") {
				t.Error("the trace lacks runtime.schedinit")
			}
			if strings.ContainsRune(text.String()+lines.String(), '\x1b') {
				t.Error("an escape sequence is written raw")
			}
		})
	}
}
