//go:build !unix && !js

package vfs

// nonblock is nothing where no file in a directory can make an open wait.
const nonblock = 0
