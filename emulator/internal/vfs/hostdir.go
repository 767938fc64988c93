package vfs

import "io/fs"

// A hostDir is a directory of the host and all below it, as os.Root has it. Names are relative to it.
type hostDir interface {
	List(dir string) ([]fs.FileInfo, error)
	Readlink(name string) (string, error)
	// ReadAt reads a part of a file; fewer bytes than asked for are no error at its end.
	ReadAt(name string, b []byte, off int64) (int, error)
	Create(name string, perm fs.FileMode) error
	WriteAt(name string, b []byte, off int64) error
	Truncate(name string, size int64) error
	Mkdir(name string, perm fs.FileMode) error
	Symlink(target, name string) error
	Link(was, is string) error
	Rename(was, is string) error
	Remove(name string) error
	Chmod(name string, mode fs.FileMode) error
	// Chtimes sets times given in ns since 1970.
	Chtimes(name string, atime, mtime int64) error
}
