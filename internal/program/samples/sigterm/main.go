//go:build linux

// Sigterm catches one SIGTERM of its own and dies of the next.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGTERM)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	fmt.Println("caught:", <-caught)
	signal.Reset(syscall.SIGTERM)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	select {}
}
