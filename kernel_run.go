package main

import (
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/traefik/yaegi/stdlib"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/kernel/cells"
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
	server, err := zeromq.Listen(conn, logger)
	if err != nil {
		return err
	}
	defer server.Close()
	session, err := cells.New(cells.Options{Version: version(), Symbols: stdlib.Symbols})
	if err != nil {
		return err
	}
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
