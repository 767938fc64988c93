package cells

import (
	"bytes"
	"unicode/utf8"
)

// contentType tells what bytes are. Package net/http knows better and would double the size of a module.
func contentType(b []byte) string {
	for magic, mime := range map[string]string{"\x89PNG\r\n\x1a\n": "image/png", "\xff\xd8\xff": "image/jpeg", "GIF8": "image/gif", "%PDF-": "application/pdf"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return mime
		}
	}
	if utf8.Valid(b) {
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
