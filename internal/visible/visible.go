// Package visible makes text that a guest or a file chose harmless for a terminal and for a reader: names of symbols, files
// and types, arguments, whatever a program writes. A terminal acts on control characters; it could be made to clear the
// screen, to change its title, or to send keys.
package visible

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Text replaces control characters and invalid UTF-8 in s by visible stand-ins, and tabs by a space. ESC becomes ␛ (the
// Unicode block Control Pictures); the C1 controls and those that turn the direction of writing have no pictures and become
// �. The result is one line.
func Text(s string) string { return replace(s, false) }

// Lines is Text for what may have several lines: newlines stay.
func Lines(s string) string { return replace(s, true) }

func replace(s string, newlines bool) string {
	plain := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteRune('�')
		case r == '\n' && newlines:
			b.WriteByte('\n')
		case r == '\t':
			b.WriteByte(' ')
		case r < ' ':
			b.WriteRune(0x2400 + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case r >= 0x80 && r < 0xa0, r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			b.WriteRune('�') // C1, bidirectional controls, separators of lines and paragraphs
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// JSON escapes, in a JSON text, the control characters that JSON lets stand in strings: DEL and C1. What it means stays the
// same.
func JSON(b []byte) []byte {
	var out []byte
	done := 0
	for i := 0; i < len(b); i++ {
		r, n := rune(b[i]), 1
		if b[i] == 0xc2 && i+1 < len(b) {
			r, n = rune(b[i+1]), 2
		}
		if r < 0x7f || r >= 0xa0 || n == 1 && r != 0x7f {
			continue
		}
		out = fmt.Appendf(append(out, b[done:i]...), "\\u%04x", r)
		i += n - 1
		done = i + 1
	}
	if done == 0 {
		return b
	}
	return append(out, b[done:]...)
}

// Writer returns a writer that passes on to w what Lines makes of each text written to it. A text must be whole: a character
// that is split between two writes counts as invalid.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ w io.Writer }

func (w writer) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.w, Lines(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
