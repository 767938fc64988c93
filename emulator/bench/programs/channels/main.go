// Channels passes a token around rings of goroutines: scheduling, parking, waking.
package main

import "sync"

func main() {
	const rings, size, rounds = 8, 50, 1000
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range rings {
		wg.Add(1)
		go func() {
			defer wg.Done()
			first := make(chan int)
			in := first
			for range size {
				out := make(chan int)
				go func(in, out chan int) {
					for v := range in {
						out <- v + 1
					}
					close(out)
				}(in, out)
				in = out
			}
			v := 0
			for range rounds {
				first <- v
				v = <-in
			}
			close(first)
			<-in
			mu.Lock()
			total += v
			mu.Unlock()
		}()
	}
	wg.Wait()
	println(total)
}
