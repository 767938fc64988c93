package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/site"
)

// TestServeNotBuilt names what is no folder of a built page: a line says what is wrong, and what to do.
func TestServeNotBuilt(t *testing.T) {
	half := builtPage(t)
	if err := os.Remove(filepath.Join(half, "index.json")); err != nil {
		t.Fatal(err)
	}
	twisted := builtPage(t)
	if err := os.Remove(filepath.Join(twisted, "index.html")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(twisted, "index.html"), 0o777); err != nil {
		t.Fatal(err)
	}
	for dir, why := range map[string]string{
		t.TempDir():                        "index.html in it does not exist",
		half:                               "index.json in it does not exist",
		twisted:                            "index.html in it cannot be opened: not a regular file",
		filepath.Join(t.TempDir(), "none"): "it does not exist",
		filepath.Join(half, "index.html"):  "it is not a folder",
	} {
		_, stderr, status := rt0(t, "serve", "-addr", "127.0.0.1:0", "-dir", dir)
		want := "rt0 serve: -dir " + dir + ": no web page there: " + why + "; build it with `make web` in the source folder of rt0 " +
			"(this needs Node.js and npm), or name the folder that it is in with -dir\n"
		if status != statusFailure || stderr != want {
			t.Errorf("status %d, %q; want %q", status, stderr, want)
		}
	}
}

// builtPage returns a folder that rt0 serve takes for one that make web has built.
func builtPage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"index.html": "<!doctype html>", "index.json": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestServeIdle: a connection on which nothing comes is closed, before the first request and after it.
func TestServeIdle(t *testing.T) {
	pages, err := site.Open(builtPage(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pages.Close()
	server := newServer(pages)
	if server.ReadHeaderTimeout <= 0 || server.IdleTimeout <= 0 || server.ReadTimeout <= 0 {
		t.Errorf("the server waits without an end: %v, %v, %v", server.ReadHeaderTimeout, server.ReadTimeout, server.IdleTimeout)
	}
	server.ReadHeaderTimeout, server.IdleTimeout = 20*time.Millisecond, 20*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- serve(ctx, l, server) }()
	for _, say := range []string{"", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience.Limit))
		io.WriteString(conn, say)
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("%q: %v; want the connection closed", say, err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestServeETag asks rt0 serve twice for a file.
func TestServeETag(t *testing.T) {
	server := startListening(t, "serve", "-addr", ":0", "-dir", builtPage(t))
	get := func(tag string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+server.addr+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("If-None-Match", tag)
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		return got
	}
	first := get(`"none"`)
	if again := get(first.Header.Get("ETag")); first.StatusCode != 200 || again.StatusCode != 304 {
		t.Errorf("status %d, and %d with the tag %s; want 200 and 304", first.StatusCode, again.StatusCode, first.Header.Get("ETag"))
	}
}
