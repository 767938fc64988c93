//go:build !unix

package main

import "os"

// peakMiB cannot tell how much memory the process had.
func peakMiB(*os.ProcessState) string { return "?" }
