package cells

import "testing"

// BenchmarkCells runs small cells through the handler: what a user waits for at the least.
func BenchmarkCells(b *testing.B) {
	for _, k := range []struct{ name, code string }{{"value", "1+1"}, {"define", "x := 3"}, {"loop", "s := 0\nfor i := range 3 { s += i }\ns"}} {
		b.Run(k.name, func(b *testing.B) {
			n := newNotebook(b)
			for b.Loop() {
				n.run(k.code)
			}
		})
	}
}
