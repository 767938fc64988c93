// Churn is a program with everything that makes a run hard to repeat: goroutines on several threads, garbage collection,
// timers, maps (random iteration order), select among ready channels, signals for preemption.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

type node struct {
	next *node
	data [100]byte
}

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	sums := map[int]int{}
	a, b := make(chan int), make(chan int, 3)
	for w := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var list *node
			for i := range 1500 {
				list = &node{next: list}
				list.data[i%100] = byte(i)
				if i%300 == 0 {
					list = nil
				}
				select {
				case a <- i:
				case v := <-a:
					b <- v
				case <-b:
				case <-time.After(time.Microsecond):
				}
			}
			n := 0
			for l := list; l != nil; l = l.next {
				n++
			}
			mu.Lock()
			sums[w] = n
			mu.Unlock()
		}()
	}
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-b:
			case <-stop:
				return
			}
		}
	}()
	wg.Wait()
	close(stop)
	runtime.GC()
	order := ""
	for w := range sums {
		order += fmt.Sprint(w, " ")
	}
	fmt.Println(order, sums, runtime.NumGoroutine())
}
