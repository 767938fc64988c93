//go:build !js

package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// openHostDir opens a directory of the host. os.Root makes sure that nothing outside of it is touched, whatever links lie
// inside.
func openHostDir(name string) (hostDir, fs.FileInfo, error) {
	if info, err := os.Stat(name); err != nil {
		return nil, nil, err
	} else if !info.IsDir() { // opening a FIFO would wait
		return nil, nil, fmt.Errorf("%s is not a directory", name)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := root.Stat(".")
	return osDir{root}, info, err
}

type osDir struct{ *os.Root }

// errOtherType reports a host file that is no longer of the type that it had when its directory was read.
var errOtherType = errors.New("the file has become one of another type")

// open opens a host file of the type, 0 for a regular file or fs.ModeDir. Whatever the host has put in its place meanwhile, such
// as a FIFO, a socket or a device, is refused: opening or reading it might wait for ever. It is looked at before it is opened,
// as opening a device or a FIFO has effects, and again afterwards, as it may have been replaced in between.
func (d osDir) open(name string, flag int, kind fs.FileMode) (*os.File, error) {
	info, err := d.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode().Type() != kind {
		return nil, errOtherType
	}
	f, err := d.OpenFile(name, flag|nonblock, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil && info.Mode().Type() != kind {
		err = errOtherType
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (d osDir) List(dir string) ([]fs.FileInfo, error) {
	f, err := d.open(dir, os.O_RDONLY, fs.ModeDir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdir(-1)
}

func (d osDir) ReadAt(name string, b []byte, off int64) (int, error) {
	f, err := d.open(name, os.O_RDONLY, 0)
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
	f, err := d.open(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(do(f), f.Close())
}

func (d osDir) Chtimes(name string, atime, mtime int64) error {
	return d.Root.Chtimes(name, time.Unix(0, atime), time.Unix(0, mtime))
}
