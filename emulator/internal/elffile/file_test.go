package elffile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/testprog"
)

// TestAgainstStandard reads what debug/elf reads.
func TestAgainstStandard(t *testing.T) {
	for _, flags := range []string{"-ldflags=-compressdwarf=true", "-ldflags=-compressdwarf=false", "-ldflags=-s -w", "-buildmode=pie"} {
		file := testprog.Build(t, testprog.Versions[len(testprog.Versions)-1], testprog.Hello, flags)
		want, err := elf.NewFile(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if got.Entry != want.Entry || len(got.Segments) != len(want.Progs) || len(got.Sections) != len(want.Sections) {
			t.Fatalf("%s: entry %#x, %d segments, %d sections", flags, got.Entry, len(got.Segments), len(got.Sections))
		}
		for i, p := range want.Progs {
			if g := got.Segments[i]; g != (Segment{p.Type, p.Flags, p.Off, p.Vaddr, p.Filesz, p.Memsz}) {
				t.Errorf("%s: segment %d: %+v; want %+v", flags, i, g, p.ProgHeader)
			}
		}
		for i, s := range want.Sections {
			g := got.Sections[i]
			if g.Name != s.Name || g.Type != s.Type || g.Flags != s.Flags || g.Addr != s.Addr || g.Offset != s.Offset || g.Size != s.FileSize || g.Link != s.Link {
				t.Errorf("%s: section %d: %+v; want %+v", flags, i, g, s.SectionHeader)
			}
			if s.Type == elf.SHT_NOBITS || s.Type == elf.SHT_NULL {
				continue
			}
			a, err := g.Data()
			b, err2 := s.Data()
			if err != nil || err2 != nil || !bytes.Equal(a, b) {
				t.Errorf("%s: section %s: %d bytes, %v; want %d, %v", flags, s.Name, len(a), err, len(b), err2)
			}
		}
		symbols, err := got.Symbols()
		if err != nil {
			t.Fatal(err)
		}
		std, _ := want.Symbols()
		if len(symbols) != len(std) {
			t.Fatalf("%s: %d symbols; want %d", flags, len(symbols), len(std))
		}
		for i, s := range std {
			if symbols[i] != (Symbol{s.Name, elf.ST_TYPE(s.Info), s.Section, s.Value, s.Size}) {
				t.Errorf("%s: symbol %d: %+v; want %+v", flags, i, symbols[i], s)
			}
		}
	}
}

// What a hostile file claims is an error, whoever asks for it, and takes no memory.
func TestHostile(t *testing.T) {
	good := testprog.Build(t, testprog.Versions[len(testprog.Versions)-1], testprog.Hello, "-ldflags=-compressdwarf=true")
	le := binary.LittleEndian
	shoff := le.Uint64(good[40:])
	f, err := Open(good)
	if err != nil {
		t.Fatal(err)
	}
	info := 0
	for i, s := range f.Sections {
		if s.Name == ".debug_info" {
			info = i
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(b []byte) []byte
		want  string
	}{
		{"nothing", func([]byte) []byte { return nil }, "not a 64-bit"},
		{"32 bits", func(b []byte) []byte { b[4] = 1; return b }, "not a 64-bit"},
		{"big endian", func(b []byte) []byte { b[5] = 2; return b }, "not a 64-bit"},
		{"cut in the header", func(b []byte) []byte { return b[:63] }, "not a 64-bit"},
		{"cut before the sections", func(b []byte) []byte { return b[:shoff] }, "section headers"},
		{"absurd program headers", func(b []byte) []byte { le.PutUint64(b[32:], ^uint64(0)); return b }, "program headers"},
		{"absurd entries", func(b []byte) []byte { le.PutUint16(b[58:], 1); return b }, "entries of 1 bytes"},
		{"no section of names", func(b []byte) []byte { le.PutUint16(b[62:], 0xffff); return b }, "section names"},
		{"DWARF that unpacks to anything", func(b []byte) []byte {
			le.PutUint64(b[f.Sections[info].Offset+8:], 1<<60)
			return b
		}, "compressed to"},
		{"DWARF in another compression", func(b []byte) []byte {
			le.PutUint32(b[f.Sections[info].Offset:], uint32(elf.COMPRESS_ZSTD))
			return b
		}, "-compressdwarf=false"},
		{"a section behind the end", func(b []byte) []byte {
			le.PutUint64(b[shoff+uint64(info)*sectionHeaderSize+24:], 1<<62)
			return b
		}, "ends behind"},
	} {
		f, err := Open(c.spoil(bytes.Clone(good)))
		if err == nil {
			_, err = f.Sections[info].Data()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
	if _, err := Open([]byte("#!/bin/sh")); !errors.Is(err, ErrFormat) {
		t.Errorf("a script: %v", err)
	}
}
