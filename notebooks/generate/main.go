// Generate writes the notebooks of all lessons into the folder above, or into the one named.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rt0lab/rt0/lessons/script"
	"github.com/rt0lab/rt0/notebooks"
)

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := generate(dir); err != nil {
		fmt.Fprintln(os.Stderr, "notebooks:", err)
		os.Exit(1)
	}
}

func generate(dir string) error {
	all, err := script.All()
	if err != nil {
		return err
	}
	for _, l := range all {
		for _, lang := range script.Langs {
			b, err := notebooks.Make(context.Background(), l, lang)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, notebooks.File(l, lang)), b, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
