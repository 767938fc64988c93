// Panicgo panics in a goroutine, where nothing recovers it.
package main

import (
	"errors"
	"fmt"
)

func main() {
	fmt.Println("starting")
	go func() {
		panic(fmt.Errorf("worker: %w", errors.New("out of luck")))
	}()
	select {}
}
