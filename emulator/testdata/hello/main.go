// Hello prints a line.
package main

func main() { println("hello") }
