package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/rt0lab/rt0/emulator"
)

func main() {
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	cpus, _ := strconv.Atoi(os.Getenv("CPUS"))
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	m, err := emulator.New(emulator.Config{Program: b, CPUs: cpus, Seed: uint64(seed), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Args: os.Args[1:]})
	if err != nil {
		panic(err)
	}
	m.OnReport(func(s string) { fmt.Fprintln(os.Stderr, "REPORT", s) })
	if os.Getenv("T") != "" {
		m.OnSyscall(func(s emulator.Syscall) { fmt.Fprintf(os.Stderr, "%d %d %x %s\n", s.Tick, s.TID, s.PC, s.Text) })
	}
	ev, err := m.Run(context.Background(), 1<<40)
	fmt.Fprintln(os.Stderr, ev, err)
	s, ok := m.Exited()
	fmt.Fprintln(os.Stderr, s, ok)
}
