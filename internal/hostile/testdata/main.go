// Hostile takes as much as it gets of one thing, the first argument, until a call fails, and says with which error. It is
// the guest with which tests hold the host's memory to the promise of -mem.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// guests take one more of something; the number counts up from 0.
var guests = map[string]func(i int) error{
	"pipes": func(i int) error {
		var p [2]int
		if err := syscall.Pipe2(p[:], syscall.O_NONBLOCK); err != nil {
			return err
		}
		return full(syscall.Write(p[1], block))
	},
	"pipes-bytewise": func(i int) error {
		var p [2]int
		if err := syscall.Pipe2(p[:], syscall.O_NONBLOCK); err != nil {
			return err
		}
		for range 4096 {
			if err := full(syscall.Write(p[1], block[:1])); err != nil {
				return err
			}
		}
		return nil
	},
	"pipes-half-read": func(i int) error {
		var p [2]int
		if err := syscall.Pipe2(p[:], syscall.O_NONBLOCK); err != nil {
			return err
		}
		err := full(syscall.Write(p[1], block))
		syscall.Read(p[0], block[1:])
		return err
	},
	"streams":         func(i int) error { return socketFull(syscall.SOCK_STREAM, block) },
	"datagrams":       func(i int) error { return socketFull(syscall.SOCK_DGRAM, block[:1000]) },
	"empty-datagrams": func(i int) error { return socketFull(syscall.SOCK_SEQPACKET, block[:0]) },
	"in-flight": func(i int) error {
		p, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
		if err != nil {
			return err
		}
		err = syscall.Sendmsg(p[0], block[:1], syscall.UnixRights(p[0], p[1]), nil, 0)
		syscall.Close(p[0])
		syscall.Close(p[1])
		return err
	},
	"files": func(i int) error {
		fd, err := syscall.Open(fmt.Sprint("/tmp/f", i), syscall.O_CREAT|syscall.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		return full(syscall.Write(fd, block))
	},
	"sparse-file": func(i int) error {
		return full(syscall.Pwrite(opened("/tmp/sparse"), block[:1], int64(i)<<16))
	},
	"memfd": func(i int) error {
		name := []byte("m\x00")
		fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(&name[0])), 0, 0)
		if errno != 0 {
			return errno
		}
		return full(syscall.Write(int(fd), block))
	},
	"symlinks": func(i int) error { return syscall.Symlink(string(block[:4000]), fmt.Sprint("/tmp/s", i)) },
	"inodes":   func(i int) error { return syscall.Mknod(fmt.Sprint("/tmp/n", i), syscall.S_IFREG|0o644, 0) },
	"long-paths": func(i int) error { // a name must not keep the path that it came in
		return syscall.Mknod("/tmp/"+string(slashes[:3900])+fmt.Sprint("l", i), syscall.S_IFREG|0o644, 0)
	},
	"names": func(i int) error {
		opened("/tmp/one")
		return syscall.Link("/tmp/one", fmt.Sprint("/tmp/l", i))
	},
	"deep-folders": func(i int) error {
		if i == 0 {
			syscall.Chdir("/tmp")
		}
		if err := syscall.Mkdir("d", 0o755); err != nil {
			return err
		}
		return syscall.Chdir("d")
	},
	"emptied-folders": func(i int) error { // names that come and go must leave nothing
		if i == 40 {
			return fmt.Errorf("done")
		}
		dir := fmt.Sprint("/tmp/e", i, "/")
		syscall.Mkdir(dir, 0o755)
		for j := range 5_000 {
			if err := syscall.Mknod(fmt.Sprint(dir, j), syscall.S_IFREG|0o644, 0); err != nil {
				return err
			}
		}
		for j := range 5_000 {
			syscall.Unlink(fmt.Sprint(dir, j))
		}
		return nil
	},
	"epoll": func(i int) error {
		ep, err := syscall.EpollCreate1(0)
		if err != nil {
			return err
		}
		fd, err := eventfd()
		if err != nil {
			return err
		}
		return syscall.EpollCtl(ep, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN})
	},
	"eventfds": func(i int) error { _, err := eventfd(); return err },
	"timerfds": func(i int) error {
		_, _, errno := syscall.Syscall(sysTimerfdCreate, 1, 0, 0)
		return asError(errno)
	},
	"timers": func(i int) error {
		var id int32
		_, _, errno := syscall.Syscall(syscall.SYS_TIMER_CREATE, 1, 0, uintptr(unsafe.Pointer(&id)))
		return asError(errno)
	},
	"dup": func(i int) error { _, err := syscall.Dup(1); return err },
	"maps-opened": func(i int) error { // each holds a copy of a long text
		for j := 0; i == 0 && j < 1000; j++ {
			at(uintptr(j)<<13, 4096, syscall.PROT_READ)
		}
		_, err := syscall.Open("/proc/self/maps", syscall.O_RDONLY, 0)
		return err
	},
	"mmap": func(i int) error { return touch(at(0, 1<<20, syscall.PROT_READ|syscall.PROT_WRITE)) },
	"mmap-sparse": func(i int) error { // one page in each page table
		return touch(at(uintptr(i)<<21, 4096, syscall.PROT_READ|syscall.PROT_WRITE))
	},
	"mmap-sparser": func(i int) error { // one page in each table of tables
		return touch(at(uintptr(i)<<30, 4096, syscall.PROT_READ|syscall.PROT_WRITE))
	},
	"mmap-read-only": func(i int) error { // what was written stays when it may be written no more
		b, err := at(0, 1<<20, syscall.PROT_READ|syscall.PROT_WRITE)
		if err := touch(b, err); err != nil {
			return err
		}
		_, _, errno := syscall.Syscall(syscall.SYS_MPROTECT, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), syscall.PROT_READ)
		return asError(errno)
	},
	"mmap-wandering": func(i int) error { // what is unmapped must leave no page table
		if i == 100_000 {
			return fmt.Errorf("done")
		}
		b, err := at(uintptr(i)<<21, 4096, syscall.PROT_READ|syscall.PROT_WRITE)
		if err := touch(b, err); err != nil {
			return err
		}
		return unmap(b)
	},
	"mmap-file": func(i int) error {
		fd := opened("/tmp/mapped")
		for j := range int64(16) {
			syscall.Pwrite(fd, block, j<<16)
		}
		_, err := syscall.Mmap(fd, 0, 1<<20, syscall.PROT_READ, syscall.MAP_PRIVATE)
		return err
	},
	"mmap-pages": func(i int) error { // areas that cannot be joined
		_, err := at(uintptr(i+1)<<13, 4096, syscall.PROT_READ)
		return err
	},
	"signals": func(i int) error { // real-time ones, all blocked
		if i == 0 {
			runtime.LockOSThread()
			all := ^uint64(0)
			syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 0, uintptr(unsafe.Pointer(&all)), 0, 8, 0, 0)
		}
		_, _, errno := syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(syscall.Getpid()), uintptr(syscall.Gettid()), 40)
		return asError(errno)
	},
	"rep-lods": func(i int) error { return repeat(0xac) }, // one instruction over terabytes
	"rep-scas": func(i int) error { return repeat(0xae) },
	"punch-hole": func(i int) error { // of all that a file may have
		if i == 100 {
			return fmt.Errorf("done")
		}
		fd := opened("/tmp/holes")
		syscall.Pwrite(fd, block[:1], 1<<40)
		return syscall.Fallocate(fd, 3, 0, 1<<41)
	},
	"write-2g": func(i int) error { // in one call, from memory that has no page yet
		if i > 0 {
			return syscall.ENOSPC
		}
		b, err := at(0, 1<<31, syscall.PROT_READ)
		if err != nil {
			return err
		}
		_, err = syscall.Write(opened("/tmp/big"), b)
		return err
	},
	"host-fifo": func(i int) error { // the host puts a FIFO in the place of a file that is known
		var st syscall.Stat_t
		if err := syscall.Stat("/v/f", &st); err != nil {
			return err
		}
		fmt.Println("ready")
		syscall.Read(0, block)
		fd, err := syscall.Open("/v/f", syscall.O_RDONLY, 0)
		if err != nil {
			return err
		}
		if _, err := syscall.Read(fd, block); err != nil {
			return err
		}
		return fmt.Errorf("done")
	},
	"threads": func(i int) error {
		if i > 9000 {
			return fmt.Errorf("done")
		}
		go func() {
			runtime.LockOSThread()
			syscall.Select(0, nil, nil, nil, nil)
		}()
		runtime.Gosched()
		return nil
	},
}

const (
	sysMemfdCreate   = 319
	sysEventfd2      = 290
	sysTimerfdCreate = 283
)

var (
	block   = make([]byte, 1<<16)
	slashes = make([]byte, 4096)
	files   = map[string]int{}
)

func main() {
	for i := range block {
		block[i], slashes[i%len(slashes)] = 'x', '/'
	}
	take := guests[os.Args[1]]
	if take == nil {
		fmt.Println("no such guest:", os.Args[1])
		os.Exit(1)
	}
	most := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &most)
	for i := 0; ; i++ {
		if err := take(i); err != nil {
			fmt.Println(os.Args[1]+":", err, "after", i)
			return
		}
	}
}

func full(n int, err error) error {
	if err == syscall.EAGAIN {
		return nil
	}
	return err
}

// socketFull makes a pair of sockets and sends b from one to the other until no more fits.
func socketFull(typ int, b []byte) error {
	p, err := syscall.Socketpair(syscall.AF_UNIX, typ|syscall.SOCK_NONBLOCK, 0)
	for err == nil {
		err = syscall.Sendto(p[0], b, 0, nil)
	}
	return full(0, err)
}

func opened(path string) int {
	if fd, ok := files[path]; ok {
		return fd
	}
	fd, err := syscall.Open(path, syscall.O_CREAT|syscall.O_RDWR, 0o644)
	if err != nil {
		panic(err)
	}
	files[path] = fd
	return fd
}

func eventfd() (int, error) {
	fd, _, errno := syscall.Syscall(sysEventfd2, 0, 0, 0)
	return int(fd), asError(errno)
}

func asError(errno syscall.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}

// at maps size bytes; if off is not 0 they lie off bytes above a place far from all else.
func at(off, size uintptr, prot int) ([]byte, error) {
	const far = 0x1000_0000_0000
	addr, flags := uintptr(0), syscall.MAP_PRIVATE|syscall.MAP_ANON
	if off != 0 {
		addr, flags = far+off, flags|syscall.MAP_FIXED
	}
	p, _, errno := syscall.Syscall6(syscall.SYS_MMAP, addr, size, uintptr(prot), uintptr(flags), ^uintptr(0), 0)
	if errno != 0 {
		return nil, errno
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&p)), size), nil
}

// repeat executes REP and the string instruction, whose bytes are all in a mapping that has no page, over 16 TiB.
func repeat(op byte) error {
	code, err := at(0, 4096, syscall.PROT_READ|syscall.PROT_WRITE)
	if err != nil {
		return err
	}
	b, err := at(0, 1<<44, syscall.PROT_READ)
	if err != nil {
		return err
	}
	count, addr := uint64(len(b)), uint64(uintptr(unsafe.Pointer(&b[0])))
	text := []byte{0x48, 0xb9} // mov rcx, count
	for i := range 8 {
		text = append(text, byte(count>>(8*i)))
	}
	text = append(text, 0x48, 0xbe) // mov rsi, addr
	for i := range 8 {
		text = append(text, byte(addr>>(8*i)))
	}
	text = append(text, 0x48, 0x89, 0xf7, 0x31, 0xc0, 0xf3, op, 0xc3) // mov rdi, rsi; xor eax, eax; rep; ret
	copy(code, text)
	if err := syscall.Mprotect(code, syscall.PROT_READ|syscall.PROT_EXEC); err != nil {
		return err
	}
	start := unsafe.Pointer(&code[0])
	run := unsafe.Pointer(&start)
	(*(*func())(unsafe.Pointer(&run)))()
	return fmt.Errorf("done")
}

// touch writes to each page.
func touch(b []byte, err error) error {
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	return err
}

func unmap(b []byte) error {
	_, _, errno := syscall.Syscall(syscall.SYS_MUNMAP, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0)
	return asError(errno)
}
