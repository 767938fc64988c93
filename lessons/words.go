package lessons

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// stack reads the words on both sides of SP and says what they are.
func (b *boot) stack(m *Moment) []StackWord {
	sp := m.Registers.SP()
	from, n := sp-8*wordsBelow, wordsBelow+wordsAbove
	if b.last == nil {
		n = wordsBelow + wordsOfEntryStack
	}
	notes := b.entryNotes()
	words := make([]StackWord, n)
	for i := range words {
		words[i] = b.stackWord(from+8*uint64(i), notes)
	}
	return words
}

// stackWord reads a word of the stack and says what it is.
func (b *boot) stackWord(addr uint64, notes map[uint64]Text) StackWord {
	w := StackWord{Addr: addr}
	var raw [8]byte
	if b.m.ReadMemory(raw[:], addr) != nil {
		w.Unreadable = true
		return w
	}
	w.Value = binary.LittleEndian.Uint64(raw[:])
	w.Note = notes[addr]
	if w.Note.Empty() {
		w.Note = b.copyNote(&w)
	}
	if w.Note.Empty() {
		w.Note = b.pointerNote(w.Value)
	}
	return w
}

// limits tells in which goroutine's stack SP lies. SP = stack.hi counts: it is an empty stack.
func (b *boot) limits(m *Moment) StackLimits {
	sp := m.Registers.SP()
	for _, g := range m.Runtime.gs() {
		if lo, hi := g.StackLo, g.StackHi; lo.OK() && hi.OK() && lo.Uint != 0 && sp >= lo.Uint && sp <= hi.Uint {
			return StackLimits{strings.TrimPrefix(m.Runtime.Name(g.Addr), "&"), b.stackWord(lo.Uint, nil), hi.Uint}
		}
	}
	return StackLimits{}
}

// entryNotes tells what the words are that Linux left: argc, argv, envp, auxv (fs/binfmt_elf.c, create_elf_tables).
func (b *boot) entryNotes() map[uint64]Text {
	notes := map[uint64]Text{b.sp0: same("argc")}
	at := b.sp0 + 8
	for _, name := range []string{"argv", "envp"} {
		for i := 0; i < maxFrame; i++ {
			p := b.read(at)
			if p == 0 {
				break
			}
			if i < wordsOfEntryStack { // more than that is never shown
				notes[at] = same(fmt.Sprintf("%s[%d] → %s", name, i, b.text(p)))
			}
			at += 8
		}
		notes[at] = Text{name + " ends", name + " 结束"}
		at += 8
	}
	for range len(auxNames) + 8 {
		tag := b.read(at)
		notes[at], notes[at+8] = same("auxv: "+auxName(tag)), Text{"  its value", "  它的值"}
		if tag == 0 {
			break
		}
		at += 16
	}
	return notes
}

// copyNote marks the copies of argc and argv that rt0_go made.
func (b *boot) copyNote(w *StackWord) Text {
	switch {
	case b.sp == 0 || w.Addr < b.sp || w.Addr >= b.frame:
	case b.copied(w.Addr):
		return Text{"argc, copied", "argc 的副本"}
	case b.copied(w.Addr - 8):
		return Text{"argv, copied", "argv 的副本"}
	}
	return Text{}
}

// pointerNote names what the value points to, if it is code or a variable of the program.
func (b *boot) pointerNote(v uint64) Text {
	name, base := b.table.Name(v)
	switch {
	case name == "":
		return Text{}
	case v == base:
		return same("→ " + name)
	}
	return same(fmt.Sprintf("→ %s+%#x", name, v-base))
}

// text reads the C string at addr for showing: quoted, and cut short if it is long.
func (b *boot) text(addr uint64) string {
	raw := make([]byte, longestString)
	for len(raw) > 0 && b.m.ReadMemory(raw, addr) != nil {
		raw = raw[:len(raw)/2] // the mapping ends near
	}
	s, _, whole := bytes.Cut(raw, []byte{0})
	if !whole {
		return strconv.Quote(string(s)) + "…"
	}
	return strconv.Quote(string(s))
}

// auxNames are the tags of the auxiliary vector (include/uapi/linux/auxvec.h).
var auxNames = map[uint64]string{
	0: "AT_NULL", 3: "AT_PHDR", 4: "AT_PHENT", 5: "AT_PHNUM", 6: "AT_PAGESZ", 7: "AT_BASE", 8: "AT_FLAGS", 9: "AT_ENTRY",
	11: "AT_UID", 12: "AT_EUID", 13: "AT_GID", 14: "AT_EGID", 15: "AT_PLATFORM", 16: "AT_HWCAP", 17: "AT_CLKTCK",
	23: "AT_SECURE", 25: "AT_RANDOM", 26: "AT_HWCAP2", 27: "AT_RSEQ_FEATURE_SIZE", 28: "AT_RSEQ_ALIGN", 31: "AT_EXECFN",
	33: "AT_SYSINFO_EHDR", 51: "AT_MINSIGSTKSZ",
}

func auxName(tag uint64) string {
	if name, ok := auxNames[tag]; ok {
		return name
	}
	return strconv.FormatUint(tag, 10)
}
