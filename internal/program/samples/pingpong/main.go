// Pingpong passes a value to and fro between goroutines while they make garbage for the collector.
package main

import (
	"fmt"
	"runtime"
)

// node is garbage with pointers in it, which the collector must follow.
type node struct {
	next *node
	pad  [100]byte
}

func chain(n int) (first *node) {
	for i := 0; i < n; i++ {
		first = &node{next: first}
	}
	return first
}

func (n *node) length() (count int) {
	for ; n != nil; n = n.next {
		count++
	}
	return count
}

func main() {
	const players, rounds = 8, 200
	results := make(chan int)
	for p := 0; p < players; p++ {
		ping, pong := make(chan *node), make(chan *node)
		go func() {
			for n := range ping {
				pong <- chain(n.length() % 97)
			}
			close(pong)
		}()
		go func(p int) {
			total := 0
			for i := 0; i < rounds; i++ {
				ping <- chain(i + p)
				total += (<-pong).length()
			}
			close(ping)
			results <- total
		}(p)
	}
	sum := 0
	for p := 0; p < players; p++ {
		sum += <-results
	}
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println("sum", sum, "collected", stats.NumGC > 1)
}
