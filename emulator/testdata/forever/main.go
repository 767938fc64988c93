// Forever computes without end and without allocating.
package main

func main() {
	x := uint64(1)
	for {
		x = x*6364136223846793005 + 1
		if x == 0 {
			println("never")
		}
	}
}
