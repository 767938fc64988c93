//go:build !unix

package site

// nonblock is 0: folders hold no named pipes here.
const nonblock = 0
