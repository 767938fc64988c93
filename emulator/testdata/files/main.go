// Files uses files, pipes and sockets of all kinds and prints what comes of it. It prints the same on any Linux.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	dir, err := os.MkdirTemp("", "files")
	check(err)
	defer os.RemoveAll(dir)
	check(os.Chdir(dir))
	tree()
	mappings()
	pipes()
	streams("tcp", "127.0.0.1:0")
	streams("unix", "sock")
	packets()
	web()
	interfaces()
	in, err := io.ReadAll(os.Stdin)
	fmt.Printf("stdin %q %v\n", in, err)
	fmt.Fprintln(os.Stderr, "done")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// errno prints an error without the names that differ from run to run.
func errno(err error) string {
	var e syscall.Errno
	if errors.As(err, &e) {
		return e.Error()
	}
	return fmt.Sprint(err)
}

// mappings stores through shared mappings of a file and through its descriptor, and looks for both in the other.
func mappings() {
	f, err := os.Create("mapped")
	check(err)
	defer f.Close()
	check(f.Truncate(10_000))
	const rw = syscall.PROT_READ | syscall.PROT_WRITE
	m, err := syscall.Mmap(int(f.Fd()), 0, 10_000, rw, syscall.MAP_SHARED)
	check(err)
	r, err := syscall.Mmap(int(f.Fd()), 4096, 5_904, syscall.PROT_READ, syscall.MAP_SHARED)
	check(err)
	p, err := syscall.Mmap(int(f.Fd()), 0, 100, rw, syscall.MAP_PRIVATE)
	check(err)
	copy(p, "private")
	copy(m[4090:], "across two pages")
	b := make([]byte, 20)
	_, err = f.ReadAt(b, 4088)
	fmt.Printf("stored, then read: %q %v; elsewhere mapped %q\n", b, err, r[:10])
	_, err = f.WriteAt([]byte("written"), 9_000)
	fmt.Printf("written, then loaded: %q %q %v\n", m[8_999:9_008], r[9_000-4096:][:7], err)
	check(f.Truncate(4_093))
	check(f.Truncate(10_000))
	fmt.Printf("cut: %q %q\n", m[4088:4098], m[9_000:9_007])
	copy(m[5_000:], "last")
	check(syscall.Munmap(m))
	check(syscall.Munmap(r))
	all, err := os.ReadFile("mapped")
	fmt.Printf("unmapped: %d bytes, %q %q %v\n", len(all), all[5_000:5_004], all[:4], err)

	o, err := os.Open("mapped")
	check(err)
	defer o.Close()
	_, err = syscall.Mmap(int(o.Fd()), 0, 100, rw, syscall.MAP_SHARED)
	fmt.Println("not open for writing:", errno(err))
	r, err = syscall.Mmap(int(o.Fd()), 0, 100, syscall.PROT_READ, syscall.MAP_SHARED)
	check(err)
	fmt.Println("nor later:", errno(syscall.Mprotect(r, rw)))
	check(os.Remove("mapped"))
	_, err = f.WriteAt([]byte("nameless"), 0)
	fmt.Printf("%q %v\n", r[:8], err)
	// It stays mapped: the process ends with it.
}

func tree() {
	check(os.MkdirAll("a/b/c", 0o755))
	for i := range 300 {
		check(os.WriteFile(fmt.Sprintf("a/b/f%03d", i), fmt.Append(nil, i), 0o640))
	}
	check(os.Symlink("b/f007", "a/link"))
	check(os.Link("a/b/f008", "a/hard"))
	check(os.Rename("a/b/f009", "a/moved"))
	b, err := os.ReadFile("a/link")
	fmt.Println("through a link:", string(b), err)
	s, err := os.Lstat("a/hard")
	check(err)
	fmt.Println("hard link:", s.Mode(), s.Size(), s.Sys().(*syscall.Stat_t).Nlink)
	n := 0
	check(filepath.WalkDir("a", func(p string, d fs.DirEntry, err error) error { n++; return err }))
	fmt.Println("entries:", n)
	for _, p := range []string{"a/missing", "a/link/x", "a", strings.Repeat("x", 300)} {
		_, err := os.ReadFile(p)
		fmt.Println("error:", errno(err))
	}
	fmt.Println("rmdir:", errno(os.Remove("a/b")))
	f, err := os.OpenFile("sparse", os.O_RDWR|os.O_CREATE, 0o600)
	check(err)
	f.WriteAt([]byte("end"), 1<<33)
	at, err := f.Seek(-2, io.SeekEnd)
	fmt.Println("sparse:", at, err)
	check(f.Truncate(3))
	b, err = io.ReadAll(io.NewSectionReader(f, 0, 10))
	fmt.Printf("cut: %q %v\n", b, err)
	when := time.Date(2001, 2, 3, 4, 5, 6, 789, time.UTC)
	check(os.Chtimes("sparse", when, when))
	s, err = f.Stat()
	check(err)
	fmt.Println("time:", s.ModTime().UTC(), s.Size())
	check(f.Close())
	g, err := os.Create("copy")
	check(err)
	h, err := os.Open("a/b/f123")
	check(err)
	m, err := io.Copy(g, h) // copy_file_range
	fmt.Println("copied:", m, err)
	check(os.RemoveAll("a"))
	_, err = os.Stat("a")
	fmt.Println("removed:", errno(err))
}

func pipes() {
	r, w, err := os.Pipe()
	check(err)
	go func() {
		for i := range 100_000 {
			fmt.Fprintln(w, i)
		}
		w.Close()
	}()
	lines, sum := 0, 0
	for s := bufio.NewScanner(r); s.Scan(); lines++ {
		sum += len(s.Text())
	}
	fmt.Println("pipe:", lines, sum)
	r.Close()
	r, w, err = os.Pipe()
	check(err)
	r.Close()
	_, err = w.Write([]byte("x"))
	fmt.Println("no reader:", errno(err))
	r, _, err = os.Pipe()
	check(err)
	r.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err = r.Read(make([]byte, 1))
	fmt.Println("deadline:", errors.Is(err, os.ErrDeadlineExceeded))
}

// streams echoes through a connection more than any buffer holds.
func streams(network, addr string) {
	l, err := net.Listen(network, addr)
	check(err)
	go func() {
		c, err := l.Accept()
		check(err)
		io.Copy(c, c)
		c.Close()
	}()
	c, err := net.Dial(network, l.Addr().String())
	check(err)
	const size = 3 << 20
	go func() {
		c.Write(make([]byte, size))
		c.(interface{ CloseWrite() error }).CloseWrite()
	}()
	n, err := io.Copy(io.Discard, c)
	fmt.Println(network, "echoed:", n, err)
	check(l.Close())
	_, err = net.Dial(network, l.Addr().String())
	fmt.Println(network, "refused:", errno(err))
}

func packets() {
	a, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(err)
	b, err := net.Dial("udp", a.LocalAddr().String())
	check(err)
	b.Write([]byte("ping"))
	buf := make([]byte, 100)
	n, from, err := a.ReadFrom(buf)
	check(err)
	a.WriteTo(append(buf[:n:n], " pong"...), from)
	n, err = b.Read(buf)
	fmt.Println("udp:", string(buf[:n]), err)
}

func web() {
	l, err := net.Listen("tcp", "localhost:0")
	check(err)
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(w, r.Body)
		fmt.Fprintln(w, r.Method, r.URL.Path, n)
	}))
	for i := range 20 {
		resp, err := http.Post(fmt.Sprintf("http://%s/p%d", l.Addr(), i), "text/plain", strings.NewReader(strings.Repeat("body ", i)))
		check(err)
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if i%6 == 0 {
			fmt.Printf("http: %s %d %v\n", resp.Status, len(b), err)
		}
	}
}

func interfaces() {
	lo, err := net.InterfaceByName("lo")
	check(err)
	addrs, err := lo.Addrs()
	check(err)
	fmt.Println(lo.Name, lo.Flags&net.FlagLoopback != 0, addrs[0])
}
