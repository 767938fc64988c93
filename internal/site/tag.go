package site

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// tags are the entity tags of files that were served: strong ones (RFC 9110, 8.8.1), since each is a digest of the bytes.
type tags struct {
	mu    sync.Mutex
	known map[string]tagged // by name
}

type tagged struct {
	info fs.FileInfo
	tag  string
}

const (
	// maxTags bounds how many tags are remembered; a built site has some thousand files.
	maxTags = 1 << 14
	// settled is how long ago a file must have been written for its time and size to tell it from what is written next.
	settled = 2 * time.Second
)

// of returns the tag of a file with the given bytes. They are read only if the file is another one than last time.
func (t *tags) of(ctx context.Context, name string, info fs.FileInfo, bytes io.Reader) (string, error) {
	t.mu.Lock()
	last, ok := t.known[name]
	t.mu.Unlock()
	if ok && os.SameFile(last.info, info) && last.info.Size() == info.Size() && last.info.ModTime().Equal(info.ModTime()) {
		return last.tag, nil
	}
	digest := sha256.New()
	if _, err := io.Copy(digest, wanted{ctx, bytes}); err != nil {
		return "", err
	}
	tag := fmt.Sprintf(`"%.16x"`, digest.Sum(nil))
	if time.Since(info.ModTime()) < settled {
		return tag, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxTags {
		clear(t.known)
	}
	if t.known == nil {
		t.known = map[string]tagged{}
	}
	t.known[name] = tagged{info, tag}
	return tag, nil
}

// wanted reads as long as the context is not canceled: a client that leaves is read no large file for.
type wanted struct {
	ctx context.Context
	io.Reader
}

func (w wanted) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Reader.Read(p)
}
