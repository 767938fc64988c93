package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/traefik/yaegi/stdlib"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/kernel/cells"
	"github.com/rt0lab/rt0/kernel/supervise"
	"github.com/rt0lab/rt0/kernel/zeromq"
)

// runKernel is a kernel until a client, a signal, or the end of the process that started it ends it.
func runKernel(file string, stderr io.Writer) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	logger := log.New(stderr, "rt0 kernel: ", log.LstdFlags)
	conn, err := zeromq.ReadConnection(file)
	if err != nil {
		return err
	}
	limit, err := cellMemory()
	if err != nil {
		return err
	}
	session := supervise.New(supervise.Options{Command: cellsProcess, Info: cells.InfoOf(version()), Stderr: stderr, Limit: limit})
	server, err := zeromq.Listen(conn, logger)
	if err != nil {
		session.Close()
		return err
	}
	defer server.Close()
	h := kernel.NewHandler(session, server.Send, kernel.Options{History: kernel.NewHistory(historyFile()), Ports: conn.Ports(), Log: logger})
	server.Serve(h.Receive)
	orphaned := time.NewTicker(time.Second)
	defer orphaned.Stop()
	parent := os.Getppid()
	for {
		select {
		case s := <-signals:
			if s != os.Interrupt {
				h.Close()
				return nil
			}
			h.Interrupt()
		case <-h.Done():
			h.Close()
			return nil
		case <-orphaned.C: // Jupyter was killed: nobody can reach this kernel any more
			if os.Getenv("JPY_PARENT_PID") != "" && os.Getppid() != parent {
				h.Close()
				return nil
			}
		}
	}
}

// keyHelp tells who can use a kernel.
const keyHelp = "Whoever knows the key of the connection file can run cells. With an empty key that is everybody who reaches the ports,\n" +
	"so the kernel refuses an ip other than loopback then. With transport ipc only the user's own programs reach them.\n" +
	"The file must have the five ports and the key, which may be empty; transport, ip and signature_scheme have Jupyter's defaults."

// memoryHelp tells of the one setting of a kernel.
var memoryHelp = "The environment variable " + supervise.MemoryVariable + " sets how much memory cells may take, such as 512M or 8G, or 0 for as much as there is;\n" +
	"without it that is 4G, or half of what this computer (or container) has if that is less."

// leastMemory is what the interpreter and a machine take, with room for small cells, in bytes.
const leastMemory = 128 << 20

// cellMemory returns how much memory cells may take, in bytes; 0 is no limit.
func cellMemory() (uint64, error) {
	switch text := os.Getenv(supervise.MemoryVariable); text {
	case "":
		return supervise.DefaultMemory(), nil
	case "0":
		return 0, nil
	default:
		n, err := parseSize(text)
		if err == nil && n < leastMemory {
			err = fmt.Errorf("%s is too little; cells need at least %dM", text, leastMemory>>20)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", supervise.MemoryVariable, err)
		}
		return n, err
	}
}

// cellsProcess returns the command that runs the cells: this very program, even if another has taken its place on disk since.
func cellsProcess() *exec.Cmd {
	path := "/proc/self/exe" // proc_pid_exe(5)
	if runtime.GOOS != "linux" {
		path, _ = os.Executable()
	}
	cmd := exec.Command(path, "kernel", "cells")
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), "GOTRACEBACK=single") // the goroutine that fails is enough
	return cmd
}

// runCells is the process of a kernel's cells.
func runCells() error {
	limit, err := cellMemory()
	if err != nil {
		return err
	}
	session, err := cells.New(cells.Options{Version: version(), Symbols: stdlib.Symbols})
	if err != nil {
		return err
	}
	return supervise.RunCells(session, limit)
}

// historyFile returns where the inputs of all sessions are kept, "" if the user has no home.
func historyFile() string {
	dir := os.Getenv("XDG_DATA_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "share")
		switch runtime.GOOS {
		case "windows":
			dir = os.Getenv("LOCALAPPDATA")
		case "darwin":
			dir = filepath.Join(home, "Library", "Application Support")
		}
	}
	return filepath.Join(dir, "rt0", "history.jsonl")
}
