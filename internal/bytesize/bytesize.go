// Package bytesize reads sizes as flags and links have them.
package bytesize

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parse reads a size in bytes such as 256M: a number and a power of 1024.
func Parse(s string) (uint64, error) {
	digits := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "B"), "I"), "KMGT")
	unit := strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "B"), "I"), digits)
	shift, known := map[string]int{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[unit]
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || !known || n == 0 || n > math.MaxUint64>>shift {
		return 0, fmt.Errorf("size %q: want a number of bytes such as 256M or 1G", s)
	}
	return n << shift, nil
}
