package program

import (
	"context"
	"errors"
)

// Find finds nothing: a web page has neither files nor a toolchain. Whoever runs there finds programs elsewhere (package
// wasm/notebook).
func Find(context.Context, string, Options) (*Program, error) {
	return nil, errors.New("a web page finds no programs on this computer")
}
