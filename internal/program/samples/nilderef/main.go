// Nilderef reads through a nil pointer: a SIGSEGV that the runtime turns into a panic.
package main

type point struct{ x, y int }

//go:noinline
func (p *point) sum() int { return p.x + p.y }

func main() {
	var p *point
	func() {
		defer func() { println("recovered:", recover() != nil) }()
		println(p.sum())
	}()
	println(p.sum())
}
