// Command hashes boots hello natively and prints the state hash at the end of each stage, as a JSON object by stage, for the
// page's tests to compare with what the browser computes.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons"
)

func main() {
	log.SetFlags(0)
	cpus := flag.Int("cpus", 4, "`N` CPUs")
	flag.Parse()
	hashes, err := stageHashes(context.Background(), *cpus)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(hashes); err != nil {
		log.Fatal(err)
	}
}

func stageHashes(ctx context.Context, cpus int) (map[string]string, error) {
	p, err := program.Find(ctx, "hello", program.Options{Messages: os.Stderr})
	if err != nil {
		return nil, err
	}
	// The same machine as `rt0 boot`'s.
	m, err := emulator.New(emulator.Config{Program: p.File, Path: "/bin/hello", Args: []string{"hello"}, CPUs: cpus,
		Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home/gopher"}})
	if err != nil {
		return nil, err
	}
	moments, err := lessons.Boot(ctx, m)
	if err != nil {
		return nil, err
	}
	hashes := map[string]string{}
	for _, mo := range moments {
		if !mo.Missing.Empty() {
			continue
		}
		if err := m.Seek(mo.Tick); err != nil {
			return nil, err
		}
		hashes[mo.Stage.ID] = fmt.Sprintf("%x", m.Hash())
	}
	return hashes, nil
}
