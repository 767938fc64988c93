// Spin has one P and a goroutine that never yields: only a signal (SIGURG) can take the P from it.
package main

import (
	"fmt"
	"runtime"
	"time"
)

var counter int

func main() {
	runtime.GOMAXPROCS(1)
	go func() {
		for {
			counter++
		}
	}()
	time.Sleep(time.Millisecond)
	fmt.Println("preempted")
}
