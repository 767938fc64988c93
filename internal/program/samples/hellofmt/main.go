// Hellofmt prints through fmt, os and a write system call.
package main

import "fmt"

func main() {
	fmt.Println("hello, world")
}
