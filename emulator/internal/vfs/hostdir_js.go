package vfs

import (
	"errors"
	"io/fs"
)

// openHostDir fails: a browser has no directories to show.
func openHostDir(string) (hostDir, fs.FileInfo, error) {
	return nil, nil, errors.New("there are no directories to mount in a browser")
}
