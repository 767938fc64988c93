package lessons

import (
	"encoding/binary"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
)

// An EntrySection is a part of what Linux puts on the stack of a new process (fs/binfmt_elf.c, create_elf_tables).
type EntrySection uint8

// The sections, from low addresses to high.
const (
	SectionArgc EntrySection = iota
	SectionArgv
	SectionEnvp
	SectionAuxv
	SectionStrings
)

// Name returns what the section is called.
func (s EntrySection) Name() Text {
	return [...]Text{same("argc"), same("argv"), same("envp"), same("auxv"), {"strings", "字符串"}}[s]
}

// An EntryWord is a word, a pair of words (auxv) or a string that Linux put on the stack.
type EntryWord struct {
	Section EntrySection
	Addr    uint64
	// Value is the word; of a pair of auxv the second, the first being its tag. Strings have none.
	Value uint64
	// Label says which it is: "argc", "argv[0]", "NULL", "AT_PAGESZ".
	Label string
	// Note says what it means: the string that is pointed to, a number in decimal, the text of a string.
	Note Text
}

// entry reads what Linux put on the stack, as it is now.
func (b *boot) entry() []EntryWord {
	l := b.m.Layout()
	words := []EntryWord{{Section: SectionArgc, Addr: l.Argc.Start, Value: b.argc(), Label: "argc"}}
	for _, v := range []struct {
		section EntrySection
		emulator.Span
	}{{SectionArgv, l.Argv}, {SectionEnvp, l.Envp}} {
		for at := v.Start; at < v.End; at += 8 {
			w := EntryWord{Section: v.section, Addr: at, Value: b.read(at), Label: fmt.Sprintf("%s[%d]", v.section.Name().En, (at-v.Start)/8)}
			if at+8 == v.End {
				w.Label = "NULL"
			} else {
				w.Note = same("→ " + b.text(w.Value))
			}
			words = append(words, w)
		}
	}
	for at := l.Auxv.Start; at+16 <= l.Auxv.End; at += 16 {
		tag, value := b.read(at), b.read(at+8)
		words = append(words, EntryWord{Section: SectionAuxv, Addr: at, Value: value, Label: auxName(tag), Note: b.auxNote(tag, value)})
	}
	random := make([]byte, l.Random.End-l.Random.Start)
	if b.m.ReadMemory(random, l.Random.Start) == nil {
		words = append(words, EntryWord{Section: SectionStrings, Addr: l.Random.Start, Label: "AT_RANDOM",
			Value: binary.LittleEndian.Uint64(random), Note: same(fmt.Sprintf("%x", random))})
	}
	text := func(label string, s emulator.Span) {
		words = append(words, EntryWord{Section: SectionStrings, Addr: s.Start, Label: label, Note: same(b.text(s.Start))})
	}
	text("AT_PLATFORM", l.Platform)
	for i, s := range l.Args {
		text(fmt.Sprintf("argv[%d]", i), s)
	}
	for i, s := range l.Env {
		text(fmt.Sprintf("envp[%d]", i), s)
	}
	text("AT_EXECFN", l.Execfn)
	return words
}

// auxNote says what the value of an entry of the auxiliary vector means.
func (b *boot) auxNote(tag, value uint64) Text {
	switch auxNames[tag] {
	case "AT_NULL":
		return Text{}
	case "AT_PLATFORM", "AT_EXECFN":
		return same("→ " + b.text(value))
	case "AT_RANDOM":
		return Text{"→ 16 bytes", "→ 16 字节"}
	case "AT_ENTRY":
		return b.pointerNote(value)
	case "AT_PHDR", "AT_HWCAP", "AT_HWCAP2", "AT_SYSINFO_EHDR", "AT_BASE":
		return Text{}
	}
	return same(fmt.Sprint(value))
}
