// Deepstack recurses until its stack takes 100 MB, which the runtime grows and moves on the way.
package main

import "fmt"

const frame = 1024

//go:noinline
func deep(n int, above *[frame]byte) int {
	var local [frame]byte
	local[n%frame] = above[(n+1)%frame] + 1
	if n == 0 {
		return int(local[0])
	}
	return deep(n-1, &local) + int(local[n%frame])
}

func main() {
	var top [frame]byte
	fmt.Println(deep(100<<20/frame, &top))
}
