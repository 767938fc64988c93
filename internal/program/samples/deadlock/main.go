// Deadlock waits for a message that nobody can send: the runtime finds out.
package main

import "fmt"

func main() {
	c := make(chan int)
	go func() { c <- 1 }()
	fmt.Println("first:", <-c)
	fmt.Println("second:", <-c)
}
