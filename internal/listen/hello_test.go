package listen

import "testing"

func TestFromBrowser(t *testing.T) {
	for _, c := range []struct {
		said       string
		web, known bool
	}{
		{"", false, false},
		{"G", false, false},
		{"GET / HTTP/1.1", true, true},
		{"GET / HTTP/1.1\r\nHost: localhost:4711\r\n\r\n", true, true},
		{"POST /launch?a=b HTTP/1.1\r\nContent-Length: 5\r\n\r\n$k#6b", true, true},
		{"OPTIONS * HTTP/1.0\r\n", true, true},
		{"GET http://localhost:4711/ HTTP/1.1\n", true, true},
		{"GET / with blanks HTTP/1.1\r\n", true, true},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true, true},
		{"$k#6b / HTTP/1.1\r\n", true, true}, // a method that a page of the same name, bound anew to 127.0.0.1, may choose
		{"\x16\x03\x01\x02\x00", true, true}, // https
		{"POST / HT", false, false},
		{"POST", false, false},
		{"GET /\r\n", false, true},
		{"Content-Length: 42\r\n\r\n{", false, true},
		{"Content-", false, false},
		{"+$qSupported:multiprocess+#c6", false, true},
		{"$k#6b", false, true},
		{"\x03", false, true},
		{" GET / HTTP/1.1\r\n", false, true},
		{"\x00\x03\x00\x08", false, true},
	} {
		if web, known := fromBrowser([]byte(c.said)); web != c.web || known != c.known {
			t.Errorf("%q: %t %t; want %t %t", c.said, web, known, c.web, c.known)
		}
	}
}

func FuzzFromBrowser(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\n\r\n"), 3)
	f.Add([]byte("$k#6b / HTTP/1.1\r\n"), 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		web, known := fromBrowser(b)
		if web && !known {
			t.Errorf("%q is a browser's and not known", b)
		}
		// More bytes do not change what is known of the first letters of a browser's line.
		if n < 0 || n > len(b) || !web || b[0] == handshake || !isLetter(b[0]) {
			return
		}
		if early, known := fromBrowser(b[:n]); known && !early {
			t.Errorf("%q is let in, and %q is a browser's", b[:n], b)
		}
	})
}
