package cells

import (
	"bufio"
	"io"
	"os"
	"reflect"

	"github.com/traefik/yaegi/interp"
)

// os.Stdin is a file, as its type says: the kernel's own, which nobody writes to. So the functions to which programs commonly
// give it read from the user instead, a question a line; ^D alone in a line is the end.

// endOfInput is what a user types to say that there is no more.
const endOfInput = 4

// questions is what takes the place of os.Stdin.
type questions struct{ in input }

func (q questions) Read(p []byte) (int, error) {
	n, err := q.in.Read(p)
	if n == 2 && p[0] == endOfInput {
		return 0, io.EOF
	}
	return n, err
}

// stdinExports replaces functions that read.
func (s *Session) stdinExports(out interp.Exports) {
	if inPage { // there os.Stdin can be what it has to be
		return
	}
	from := func(r io.Reader) io.Reader {
		if f, ok := r.(*os.File); ok && f == os.Stdin {
			return questions{input{s}}
		}
		return r
	}
	put := func(pkg, name string, f any) {
		if out[pkg] == nil {
			out[pkg] = map[string]reflect.Value{}
		}
		out[pkg][name] = reflect.ValueOf(f)
	}
	put("bufio/bufio", "NewScanner", func(r io.Reader) *bufio.Scanner { return bufio.NewScanner(from(r)) })
	put("bufio/bufio", "NewReader", func(r io.Reader) *bufio.Reader { return bufio.NewReader(from(r)) })
	put("bufio/bufio", "NewReaderSize", func(r io.Reader, size int) *bufio.Reader { return bufio.NewReaderSize(from(r), size) })
	put("io/io", "ReadAll", func(r io.Reader) ([]byte, error) { return io.ReadAll(from(r)) })
}
