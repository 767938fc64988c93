package visible

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"main.main":       "main.main",
		"类型.方法·f":         "类型.方法·f",
		"\x1b]0;t\x07":    "␛]0;t␇",
		"a\tb\r\n":        "a b␍␊",
		"\x7f\u009b2J":    "␡�2J",
		"\xff\xc3":        "��",
		"\u202etxt\u2066": "�txt�",
		"a\u2028b":        "a�b",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"b"}`:                          `{"a":"b"}`,
		"\"\x7f\u0080\u009b\u009fé\u00a0中\"": "\"\\u007f\\u0080\\u009b\\u009fé\u00a0中\"",
	} {
		if got := string(JSON([]byte(in))); got != want {
			t.Errorf("JSON(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWriterKeepsLines(t *testing.T) {
	var out strings.Builder
	if n, err := Writer(&out).Write([]byte("a\x1b\nb\r\n")); n != 6 || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	if got, want := out.String(), "a␛\nb␍\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
