// Sort sorts a million pseudo-random integers: comparisons, unpredictable branches, loads and stores.
package main

import "sort"

func main() {
	a := make([]int, 1_000_000)
	x := uint64(1)
	for i := range a {
		x = x*6364136223846793005 + 1442695040888963407
		a[i] = int(x >> 33)
	}
	sort.Ints(a)
	println(sort.IntsAreSorted(a), a[0], a[len(a)-1])
}
