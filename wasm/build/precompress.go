package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

const (
	// packedExt ends the name of a file's gzipped copy: see internal/site.
	packedExt = ".gz"
	// minPacked is the length in bytes from which a copy is worth a file: shorter files fit into a packet as they are.
	minPacked = 1024
)

// packable are the extensions of files that gzip makes smaller. The fonts are packed already.
var packable = []string{".html", ".js", ".css", ".json", ".svg", ".txt", ".ipynb", ".wasm"}

// precompress lays a gzipped copy beside each file of a built site that is smaller so, for servers to send as it is. A copy from an
// earlier build is replaced, or removed.
func precompress(dir string) error {
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains(packable, filepath.Ext(name)) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	next := make(chan string)
	failed := make([]error, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for i := range failed {
		workers.Go(func() {
			for name := range next {
				if err := precompressFile(name); err != nil {
					failed[i] = err
				}
			}
		})
	}
	for _, name := range names {
		next <- name
	}
	close(next)
	workers.Wait()
	return errors.Join(failed...)
}

func precompressFile(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if len(b) >= minPacked {
		z, err := compress(b)
		if err != nil {
			return err
		}
		if len(z) < len(b) {
			return os.WriteFile(name+packedExt, z, 0o666)
		}
	}
	if err := os.Remove(name + packedExt); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
