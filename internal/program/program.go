// Package program finds the program that a command is asked to run: an ELF file, Go source built on the spot with the local
// Go toolchain, or a sample that comes with rt0.
package program

import (
	"errors"
	"io"
)

// Default is the sample that commands take when no program is named.
const Default = "hello"

// A Program is an ELF file and what to call it.
type Program struct {
	// Name is argv[0]: what the user typed for an ELF file, else the name that go build gives the program.
	Name string
	// Path is the path that the guest sees.
	Path string
	// File is the ELF file.
	File []byte
	// Host is where the ELF file lies on the host: an absolute path without links. Empty for a program that was built.
	Host string
	// GOROOT is where the source of the toolchain lies that built the program; empty for an ELF file.
	GOROOT string
}

// Options say how to turn source into a program.
type Options struct {
	// Go is the version of the toolchain to build with, such as "1.18.10"; empty is the local one.
	Go string
	// Messages receives what the go command says on its standard error: build errors, downloads.
	Messages io.Writer
}

// ErrNoProgram: nothing by that name is a file, a folder or a sample.
var ErrNoProgram = errors.New("no such file, folder or sample")
