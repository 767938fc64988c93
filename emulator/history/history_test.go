package history

import (
	"runtime"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/testprog"
)

// threads is a program of several threads: goroutines that talk, sleep, lock, allocate, collect garbage, grow their
// stacks, fault and recover, and are preempted by signals.
const threads = `package main

import (
	"runtime"
	"sync"
	"time"
)

var (
	counter int
	mu      sync.Mutex
	garbage [16][]byte
	nowhere *int
	steps   [8]int
)

//go:noinline
func add(n int) {
	mu.Lock()
	counter += n
	mu.Unlock()
}

//go:noinline
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

//go:noinline
func deep(n int) int {
	var pad [64]int
	if n == 0 {
		return pad[n]
	}
	pad[n%64] = deep(n - 1)
	return pad[n%64] + n
}

//go:noinline
func fault() {
	defer func() { recover() }()
	*nowhere = 1
}

func work(id int, in <-chan int, done chan<- int) {
	for n := range in {
		add(n)
		steps[id] = deep(n) + fib(n%10)
		garbage[n%len(garbage)] = make([]byte, 10_000)
	}
	fault()
	done <- id
}

func main() {
	in, done := make(chan int), make(chan int)
	for id := 0; id < 4; id++ {
		go work(id, in, done)
	}
	for n := 0; n < 40; n++ {
		in <- n
	}
	time.Sleep(time.Millisecond)
	runtime.GC()
	close(in)
	for i := 0; i < 4; i++ {
		<-done
	}
	println(counter)
}
`

func newSession(t testing.TB, source string, cpus int, flags ...string) *Session {
	t.Helper()
	elf := testprog.Build(t, runtime.Version(), source, flags...)
	m, err := emulator.New(emulator.Config{Program: elf, CPUs: cpus, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	s := New(m)
	if s.Table == nil {
		t.Fatal("no symbols")
	}
	return s
}
