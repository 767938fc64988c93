//go:build !js

package vfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// openHostDir opens a directory of the host. os.Root makes sure that nothing outside of it is touched, whatever links lie
// inside.
func openHostDir(name string) (hostDir, fs.FileInfo, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := root.Stat(".")
	return osDir{root}, info, err
}

type osDir struct{ *os.Root }

func (d osDir) List(dir string) ([]fs.FileInfo, error) {
	f, err := d.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdir(-1)
}

func (d osDir) ReadAt(name string, b []byte, off int64) (int, error) {
	f, err := d.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n, err := f.ReadAt(b, off)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func (d osDir) Create(name string, perm fs.FileMode) error {
	f, err := d.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	return f.Close()
}

func (d osDir) WriteAt(name string, b []byte, off int64) error {
	return d.change(name, func(f *os.File) error {
		_, err := f.WriteAt(b, off)
		return err
	})
}

func (d osDir) Truncate(name string, size int64) error {
	return d.change(name, func(f *os.File) error { return f.Truncate(size) })
}

func (d osDir) change(name string, do func(f *os.File) error) error {
	f, err := d.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(do(f), f.Close())
}

func (d osDir) Chtimes(name string, atime, mtime int64) error {
	return d.Root.Chtimes(name, time.Unix(0, atime), time.Unix(0, mtime))
}
