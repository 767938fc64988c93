//go:build !(linux && amd64)

package x86

import (
	"errors"
	"runtime"
)

// A native would run test cases on the host's processor; this host has another kind.
type native struct{ close func() }

func newNative() (*native, error) {
	return nil, errors.New("not possible on " + runtime.GOOS + "/" + runtime.GOARCH)
}

func (n *native) run(cases []diffCase, memory []byte) ([]diffResult, error) {
	panic("no native processor")
}
