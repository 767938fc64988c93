package vfs

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// An Outside is all of the host that the guest can reach: standard streams and mounted directories. It is shared by all
// clones of a Files and only ever grows: what the guest has read once it will read again when it runs again, and what it
// has written once is not written again. The clones hold how far they are.
type Outside struct {
	mu      sync.Mutex
	stdin   io.Reader
	inputs  []input
	streams [2]stream
	mounts  []*mount
	listing map[ID][]hostEntry
	chunks  map[chunkKey]hostChunk
	results []error // of the changes made to host directories, in the guest's order
}

// An input is what one read of the host's stdin gave. An empty one is an end of file.
type input struct {
	data []byte
	err  error
}

// A stream is stdout or stderr.
type stream struct {
	w       io.Writer
	emitted int64
	err     error  // why nothing can be written beyond emitted
	tail    []byte // the last bytes emitted, between tailSize and twice as many if there are so many
}

// tailSize is how many of the last bytes of a stream can be asked for.
const tailSize = 8 << 10

// keep adds b to the tail.
func (s *stream) keep(b []byte) {
	s.tail = append(s.tail, b[max(0, len(b)-2*tailSize):]...)
	if n := len(s.tail) - tailSize; n > tailSize {
		s.tail = append([]byte(nil), s.tail[n:]...)
	}
}

// Tail returns the last bytes, at most 8 KiB, of what the guest has written to stdout (0) or stderr (1) by now; fewer where
// it has written much more in what is, after a return to the past, its future.
func (f *Files) Tail(i int) []byte {
	f.out.mu.Lock()
	defer f.out.mu.Unlock()
	s := &f.out.streams[i]
	beyond := s.emitted - f.written[i] // what will be written from now on
	if beyond < 0 || beyond > int64(len(s.tail)) {
		return nil
	}
	b := s.tail[:int64(len(s.tail))-beyond]
	return append([]byte(nil), b[max(0, len(b)-tailSize):]...)
}

// NewOutside returns the host as seen through the streams; a nil one is empty or discards.
func NewOutside(stdin io.Reader, stdout, stderr io.Writer) *Outside {
	return &Outside{
		stdin:   stdin,
		streams: [2]stream{{w: stdout}, {w: stderr}},
		listing: make(map[ID][]hostEntry),
		chunks:  make(map[chunkKey]hostChunk),
	}
}

// SetStreams replaces the writers; what has been emitted counts as it did.
func (x *Outside) SetStreams(stdout, stderr io.Writer) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.streams[0].w, x.streams[1].w = stdout, stderr
}

// ForkOutside returns the host as a second guest sees it that has the same past as f and goes its own way from here on. What f has
// read of stdin the other can read again; after that comes stdin. What f has written by now the other does not write again.
// Host directories are the same ones, so none of them may be writable.
func (f *Files) ForkOutside(stdin io.Reader, stdout, stderr io.Writer) *Outside {
	x := f.out
	x.mu.Lock()
	defer x.mu.Unlock()
	n := NewOutside(stdin, stdout, stderr)
	n.inputs = slices.Clone(x.inputs[:min(f.stdin.entry, len(x.inputs))])
	if f.stdin.off > 0 { // the rest of an input that was read in part belongs to what has been read
		n.inputs = append(n.inputs, x.inputs[f.stdin.entry])
	}
	for i := range n.streams {
		n.streams[i].emitted = f.written[i]
	}
	n.mounts = slices.Clone(x.mounts)
	maps.Copy(n.listing, x.listing)
	maps.Copy(n.chunks, x.chunks)
	return n
}

// Outside returns the host as f sees it.
func (f *Files) Outside() *Outside { return f.out }

// SetOutside gives f another host, which must have answered as f's did up to now: see ForkOutside.
func (f *Files) SetOutside(x *Outside) { f.out = x }

// emit writes b, which begins at byte at of what the guest writes to stream i, as far as it has not been emitted before.
func (x *Outside) emit(i int, at int64, b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := &x.streams[i]
	if end := at + int64(len(b)); end <= s.emitted {
		return len(b), nil
	}
	known := int(max(0, s.emitted-at))
	if s.err != nil {
		if known > 0 {
			return known, nil
		}
		return 0, s.err
	}
	n := len(b) - known
	if s.w != nil {
		var err error
		if n, err = s.w.Write(b[known:]); err != nil {
			s.err = errno.EIO
			if errors.Is(err, io.ErrClosedPipe) || isBrokenPipe(err) {
				s.err = errno.EPIPE
			}
		}
		n = min(max(n, 0), len(b)-known)
	}
	s.keep(b[known : known+n])
	s.emitted += int64(n)
	if known+n == 0 {
		return 0, s.err
	}
	return known + n, nil
}

// stdinPos is how far a guest has read: off bytes into the input numbered entry.
type stdinPos struct{ entry, off int }

// readStdin reads what comes next on stdin, from the log if it has been read before. It waits for the host's reader.
func (f *Files) readStdin(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if f.stdin.off == 0 && !f.has(account.Input+len(b)) {
		return 0, errno.ENOMEM
	}
	in := f.out.input(f.stdin.entry, len(b))
	if f.stdin.off == 0 {
		f.cached += int64(account.Input + len(in.data))
	}
	n := copy(b, in.data[f.stdin.off:])
	if f.stdin.off += n; f.stdin.off == len(in.data) {
		f.stdin = stdinPos{entry: f.stdin.entry + 1}
	}
	return n, in.err
}

// input returns the input numbered i, reading up to n bytes from the host if it has not been read yet.
func (x *Outside) input(i, n int) input {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i >= len(x.inputs) {
		var in input
		if x.stdin != nil {
			b := make([]byte, n)
			got, err := x.stdin.Read(b)
			if got == 0 && err == nil {
				continue // io.Reader allows it; it means nothing
			}
			if in.data = b[:min(max(got, 0), n)]; len(in.data) < n {
				in.data = bytes.Clone(in.data) // it is kept, and b may be much longer
			}
			if got <= 0 && err != io.EOF {
				in.err = errno.EIO
			}
		}
		x.inputs = append(x.inputs, in)
	}
	return x.inputs[i]
}
