package site

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

var errNotRegular = errors.New("not a regular file")

// files are those of a folder. os.Root keeps every name and every link within it.
type files struct{ root *os.Root }

// open opens a regular file. Opening does not wait: a named pipe would, for somebody who writes to it. What has been opened
// is looked at, for the name may stand for another file by then.
func (d files) open(name string) (*os.File, fs.FileInfo, error) {
	f, err := d.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// packedExt ends the name of a file's gzipped copy, which the build lays beside it.
const packedExt = ".gz"

// clockStep is how far apart the times of two files may be that were written together: the step of FAT's clock.
const clockStep = 2 * time.Second

// packed opens the gzipped copy of a file, or returns nil: there is none, or it is of an older file.
func (d files) packed(name string, plain fs.FileInfo) (*os.File, fs.FileInfo) {
	f, info, err := d.open(name + packedExt)
	if err != nil {
		return nil, nil
	}
	if plain.ModTime().Sub(info.ModTime()) > clockStep {
		f.Close()
		return nil, nil
	}
	return f, info
}
