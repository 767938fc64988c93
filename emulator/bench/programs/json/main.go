// Json encodes and decodes a document again and again: reflection, maps, allocation, garbage collection.
package main

import (
	"encoding/json"
	"fmt"
)

type item struct {
	ID    int               `json:"id"`
	Name  string            `json:"name"`
	Price float64           `json:"price"`
	Tags  []string          `json:"tags"`
	Attrs map[string]string `json:"attrs"`
}

func main() {
	items := make([]item, 100)
	for i := range items {
		items[i] = item{i, fmt.Sprintf("item %d", i), float64(i) * 1.25, []string{"a", "bb", "ccc"}, map[string]string{"k": "v", "x": "y"}}
	}
	n := 0
	for range 40 {
		b, err := json.Marshal(items)
		if err != nil {
			panic(err)
		}
		n += len(b)
		var back []item
		if err := json.Unmarshal(b, &back); err != nil {
			panic(err)
		}
		items = back
	}
	fmt.Println(n, items[99].Name)
}
