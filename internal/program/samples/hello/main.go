// Hello is the smallest program worth watching: it prints with the runtime alone.
package main

func main() {
	println("hello")
}
