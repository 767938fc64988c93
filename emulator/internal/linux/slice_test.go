package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// A big buffer, another one, and where mappings go in these tests.
const (
	bigAt   = 0x1000000
	otherAt = 0x2000000
	mapAt   = 0x3000000
	mib     = 1 << 20
)

// bigGuest is newGuest with 4 MiB at bigAt, of which each page begins with its number, 4 MiB at otherAt, and an empty file of
// 64 MiB as descriptor 3.
func bigGuest(t testing.TB, code ...[]byte) *Kernel {
	k := newGuest(t, code...)
	for _, at := range []uint64{bigAt, otherAt} {
		if err := k.Mem.Map(memory.Area{Start: at, End: at + 4*mib, Prot: memory.Read | memory.Write}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint64(4 * mib / memory.PageSize) {
		poke(t, k, bigAt+i*memory.PageSize, i+1)
	}
	k.prepareFiles()
	fd, err := k.files.Memfd("file", 0)
	if err == nil {
		err = k.files.Ftruncate(fd, 64*mib)
	}
	if err != nil || fd != 3 {
		t.Fatal(fd, err)
	}
	return k
}

// must does a system call at once, waiting for nothing.
func must(t testing.TB, k *Kernel, nr int, a ...uint64) uint64 {
	t.Helper()
	var all args
	copy(all[:], a)
	for {
		run := func() (uint64, error) { return table[nr].run(k, k.current, all) }
		if k.work != nil {
			run = func() (uint64, error) { return k.goOn(k.current) }
		}
		ret, err := run()
		if err == errSliced {
			continue
		}
		if k.current.progress = 0; err != nil {
			t.Fatalf("%s%v: %v", syscallName(uint64(nr)), a, err)
		}
		return ret
	}
}

// oneSlice stops a run when the current instruction needs one more slice than when the run began.
func oneSlice(k *Kernel) func() bool {
	n := k.slices
	return func() bool { return k.slices > n }
}

// fill writes the big buffer into file 3, size bytes from off on.
func fill(t testing.TB, k *Kernel, size, off uint64) { must(t, k, 18, 3, bigAt, size, off) }

// TestCallsComeInSlices: calls with much to do let Run stop between slices, at the SYSCALL with nothing counted, and end as
// they do in one go. slices is how many there are: the work divided by 1 MiB, 256 pages or 65,536 steps.
func TestCallsComeInSlices(t *testing.T) {
	const shared, private, rw = MAP_SHARED | MAP_FIXED, MAP_PRIVATE | MAP_FIXED, 3
	// dirty makes file 3 a shared mapping of 4 MiB and stores something in each page.
	dirty := func(t *testing.T, k *Kernel) {
		must(t, k, 9, mapAt, 4*mib, rw, shared, 3, 0)
		for i := range uint64(4 * mib / memory.PageSize) {
			poke(t, k, mapAt+i*memory.PageSize, i+7)
		}
	}
	for _, c := range []struct {
		name   string
		before func(t *testing.T, k *Kernel)
		code   []byte
		slices uint64
		ret    uint64
	}{
		{"write", nil, call(1, 3, bigAt, 4*mib), 4, 4 * mib},
		{"write, odd", nil, call(1, 3, bigAt, 2*mib+1), 3, 2*mib + 1},
		{"write a little", nil, call(1, 3, bigAt, mib), 1, mib},
		{"pwrite64", nil, call(18, 3, bigAt, 3*mib, 5), 3, 3 * mib},
		{"writev", func(t *testing.T, k *Kernel) { poke(t, k, dataAt, bigAt, mib+5, bigAt, 2*mib) }, call(20, 3, dataAt, 2), 4, 3*mib + 5},
		{"read", nil, call(0, 3, otherAt, 3*mib), 3, 3 * mib},
		{"pread64", func(t *testing.T, k *Kernel) { fill(t, k, 3*mib, 0) }, call(17, 3, otherAt, 2*mib, 4096), 2, 2 * mib},
		{"readv", func(t *testing.T, k *Kernel) { poke(t, k, dataAt, bigAt, mib+5, bigAt, 2*mib) }, call(19, 3, dataAt, 2), 4, 3*mib + 5},
		{"write to a file mapped three times", func(t *testing.T, k *Kernel) {
			for i := range uint64(3) {
				must(t, k, 9, mapAt+i*mib, mib, rw, shared, 3, 0)
			}
		}, call(1, 3, bigAt, mib), 4, mib},
		{"getrandom", nil, call(318, otherAt, 3*mib, 0), 3, 3 * mib},
		{"sendfile", func(t *testing.T, k *Kernel) { fill(t, k, 4*mib, 0); must(t, k, 319, dataAt, 0) }, call(40, 4, 3, 0, 3*mib), 3, 3 * mib},
		{"sendfile from an offset", func(t *testing.T, k *Kernel) {
			fill(t, k, 4*mib, 0)
			must(t, k, 319, dataAt, 0)
			poke(t, k, dataAt, mib/2)
		}, call(40, 4, 3, dataAt, 3*mib), 3, 3 * mib},
		{"copy_file_range", func(t *testing.T, k *Kernel) { fill(t, k, 4*mib, 0); must(t, k, 319, dataAt, 0) },
			call(326, 3, 0, 4, 0, 4*mib, 0), 4, 4 * mib},
		{"mincore", func(t *testing.T, k *Kernel) { must(t, k, 9, mapAt, 4<<30, 0, private|MAP_ANONYMOUS, ^uint64(0), 0) },
			call(27, mapAt, 2<<30, otherAt), 8, 0},
		{"mmap, private", func(t *testing.T, k *Kernel) { fill(t, k, 4*mib, 0) }, call(9, mapAt, 8*mib, rw, private, 3, 0), 4, mapAt},
		{"mmap, shared", func(t *testing.T, k *Kernel) { fill(t, k, 4*mib, 8*mib) }, call(9, mapAt, 32*mib, rw, shared, 3, 0), 4, mapAt},
		{"mmap of holes", nil, call(9, mapAt, 32*mib, 1, private, 3, 0), 1, mapAt},
		{"mmap over", dirty, call(9, mapAt, 4*mib, rw, private|MAP_ANONYMOUS, 1<<32-1, 0), 5, mapAt},
		{"munmap", dirty, call(11, mapAt, 4*mib), 5, 0},
		{"msync", dirty, call(26, mapAt, 4*mib, 4), 5, 0},
		{"mremap, shrinks", dirty, call(25, mapAt, 4*mib, 2*mib, 0), 3, mapAt},
		{"mremap, moves", func(t *testing.T, k *Kernel) {}, call(25, bigAt, 4*mib, 4*mib, MREMAP_MAYMOVE|MREMAP_FIXED, mapAt), 1, mapAt},
		{"mprotect", nil, call(10, bigAt, 4*mib, 1), 1, 0},
		{"madvise", nil, call(28, bigAt, 4*mib, MADV_DONTNEED), 1, 0},
		{"ftruncate", dirty, call(77, 3, 1), 1, 0},
		{"fallocate", dirty, call(285, 3, vfs.FALLOC_FL_PUNCH_HOLE|vfs.FALLOC_FL_KEEP_SIZE, 1, 60*mib), 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			prepared := func() *Kernel {
				k := bigGuest(t, c.code, times(10, nop))
				if c.before != nil {
					c.before(t, k)
				}
				return k
			}
			ticks := uint64(1)
			for at := 0; at < len(c.code)-2; ticks++ { // MOVs of 5 bytes, or of 6 with a prefix
				if at += 5; c.code[at-5] == 0x41 {
					at++
				}
			}
			whole := prepared()
			if s := whole.Run(nil, ticks); s.Reason != StopTick || whole.Tick != ticks {
				t.Fatalf("stopped for reason %d at tick %d", s.Reason, whole.Tick)
			}
			if ret := whole.CPU.R[x86.RAX]; ret != c.ret || whole.slices != c.slices-1 {
				t.Errorf("returns %#x after %d slices, want %#x after %d", ret, whole.slices+1, c.ret, c.slices)
			}
			k := prepared()
			nr := uint64(le32(c.code[1:]))
			for stops := uint64(0); ; stops++ {
				s := k.Run(oneSlice(k), ticks)
				if s.Reason == StopTick {
					if stops != c.slices-1 {
						t.Errorf("%d stops, want %d", stops, c.slices-1)
					}
					break
				}
				pc := uint64(codeAt + len(c.code) - syscallLen)
				if s.Reason != StopCanceled || k.Tick != ticks-1 || s.PC != pc || k.CPU.R[x86.RAX] != nr || k.CPU.R[x86.RCX] != 0 || k.CPU.R[x86.R11] != 0 {
					t.Fatalf("stopped for reason %d at tick %d, pc %#x, rax %d, rcx %#x, r11 %#x", s.Reason, k.Tick, s.PC, k.CPU.R[x86.RAX], k.CPU.R[x86.RCX], k.CPU.R[x86.R11])
				}
				if in := k.UnfinishedIn(); in != "system call "+table[nr].Name {
					t.Fatalf("is inside %q", in)
				}
				k.Run(nil, k.Tick) // which is reached
			}
			if digest(k) != digest(whole) {
				t.Error("the state at the end depends on the stops")
			}
		})
	}
}

// TestMovingManyPagesComesInSlices: mremap moves 65,536 pages a slice.
func TestMovingManyPagesComesInSlices(t *testing.T) {
	k := newGuest(t)
	size := uint64(3*sliceSteps) * memory.PageSize
	if err := k.Mem.Map(memory.Area{Start: mapAt, End: mapAt + size, Prot: memory.Read}); err != nil {
		t.Fatal(err)
	}
	n := uint64(0)
	for addr := uint64(mapAt); addr < mapAt+size; addr += memory.PageSize {
		if n++; n%3 != 0 {
			k.Mem.Poke([]byte{byte(n)}, addr)
		}
	}
	const to = 0x7000_0000_0000
	k.current.progress = 0
	slices := 1
	ret, err := sysMremap(k, k.current, args{mapAt, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to})
	for ; err == errSliced; slices++ {
		ret, err = k.goOn(k.current)
	}
	if ret != to || err != nil || slices != 3 {
		t.Fatalf("%#x, %v after %d slices, want 3", ret, err, slices)
	}
	pages, want := k.Mem.Pages(), 2*sliceSteps
	if pages != want {
		t.Errorf("%d pages, want %d", pages, want)
	}
	for i := uint64(0); i < n; i++ {
		var b [1]byte
		want := byte(i + 1)
		if (i+1)%3 == 0 {
			want = 0
		}
		if !k.Mem.Peek(b[:], to+i*memory.PageSize) || b[0] != want {
			t.Fatalf("page %d holds %d, want %d", i, b[0], want)
		}
	}
	if _, ok := k.Mem.Find(mapAt); ok {
		t.Error("the old place is still mapped")
	}
}

// repeated is MOV rcx, count; MOV rsi, bigAt; MOV rdi, otherAt; the string instruction.
func repeated(count uint64, in ...byte) []byte {
	code := imm32([]byte{0xb9}, count)
	code = append(code, imm32([]byte{0xbe}, bigAt)...)
	code = append(code, imm32([]byte{0xbf}, otherAt)...)
	return append(code, in...)
}

// TestStringsComeInSlices: a repeated string instruction lets Run stop every 65,536 iterations with the registers in between, and
// ends as it does in one go.
func TestStringsComeInSlices(t *testing.T) {
	const n = 3*65536 + 10
	for _, c := range []struct {
		name     string
		code     []byte
		count    uint64
		size     uint64
		src, dst bool
		slices   uint64
		rcx      uint64 // at the end
	}{
		{"movsb", []byte{0xf3, 0xa4}, n, 1, true, true, 4, 0},
		{"movsq", []byte{0xf3, 0x48, 0xa5}, n, 8, true, true, 4, 0},
		{"movsb, one slice", []byte{0xf3, 0xa4}, 65536, 1, true, true, 1, 0},
		{"stosb", []byte{0xf3, 0xaa}, n, 1, false, true, 4, 0},
		{"stosd", []byte{0xf3, 0xab}, n, 4, false, true, 4, 0},
		{"lodsw", []byte{0xf3, 0x66, 0xad}, n, 2, true, false, 4, 0},
		{"repe scasb", []byte{0xf3, 0xae}, n, 1, false, true, 4, 0},
		{"repe cmpsb", []byte{0xf3, 0xa6}, n, 1, true, true, 1, n - 1}, // the first bytes differ
		{"repne cmpsb", []byte{0xf2, 0xa6}, n, 1, true, true, 1, n - 2},
		{"repne scasw", []byte{0x66, 0xf2, 0xaf}, 65536, 2, false, true, 1, 65535},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := repeated(c.count, c.code...)
			whole := bigGuest(t, code, times(10, nop))
			whole.Run(nil, 5)
			if got := whole.CPU.R[x86.RCX]; got != c.rcx || whole.slices != c.slices-1 {
				t.Fatalf("rcx %d after %d slices, want %d after %d", got, whole.slices+1, c.rcx, c.slices)
			}
			k := bigGuest(t, code, times(10, nop))
			for stops := uint64(1); ; stops++ {
				s := k.Run(oneSlice(k), 5)
				if s.Reason == StopTick {
					if stops != c.slices {
						t.Errorf("%d stops, want %d", stops-1, c.slices-1)
					}
					break
				}
				done := stops * 65536
				src, dst := uint64(bigAt), uint64(otherAt)
				if c.src {
					src += done * c.size
				}
				if c.dst {
					dst += done * c.size
				}
				r := k.CPU.R
				if s.Reason != StopCanceled || k.Tick != 3 || s.PC != codeAt+15 || r[x86.RCX] != c.count-done || r[x86.RSI] != src || r[x86.RDI] != dst {
					t.Fatalf("stopped for reason %d at tick %d, pc %#x, rcx %d, rsi %#x, rdi %#x", s.Reason, k.Tick, s.PC, r[x86.RCX], r[x86.RSI], r[x86.RDI])
				}
			}
			if digest(k) != digest(whole) {
				t.Error("the state at the end depends on the stops")
			}
		})
	}
}

// TestMaxTicksCountsSlices: what counts against MaxTicks are instructions and 10,000 for each further slice.
func TestMaxTicksCountsSlices(t *testing.T) {
	stos := repeated(1<<20, 0xf3, 0xaa) // 16 slices
	for _, c := range []struct {
		name        string
		code        []byte
		max         uint64
		tick, spent uint64
		inside      string
	}{
		{"instructions", times(100, nop), 50, 50, 50, ""},
		{"enough", append(stos, times(100, nop)...), 150_050, 50, 150_050, ""},
		{"inside an instruction", stos, 50_000, 3, 50_003, "a repeated string instruction"},
		{"inside a call", call(1, 3, bigAt, 4*mib), 10_002, 4, 10_004, "system call write"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := bigGuest(t, c.code)
			k.MaxTicks = c.max
			for range 2 { // it stays there
				s := k.Run(nil, 1<<40)
				if s.Reason != StopMaxTicks || k.Tick != c.tick || k.Spent() != c.spent || k.UnfinishedIn() != c.inside {
					t.Errorf("stopped for reason %d at tick %d, %d spent, inside %q", s.Reason, k.Tick, k.Spent(), k.UnfinishedIn())
				}
			}
		})
	}
}

// TestWaitingForNothingIsSpent: a timer whose signal is ignored wakes nobody, so time jumps on and on in one call.
func TestWaitingForNothingIsSpent(t *testing.T) {
	k := newGuest(t, call(38, itimerReal, dataAt, 0), call(34)) // setitimer, pause
	poke(t, k, dataAt, 0, 1000, 0, 1000)
	k.setAction(SIGALRM, sigaction{handler: sigIgnore})
	k.MaxTicks = 1_000_000
	if s := k.Run(nil, 1<<40); s.Reason != StopMaxTicks {
		t.Errorf("stopped for reason %d at tick %d", s.Reason, k.Tick)
	}
}

// TestBreakpointInsideAnInstruction: the rest of an instruction with a breakpoint at it does not stop there again, and a watched
// access is told of when the instruction has ended.
func TestBreakpointInsideAnInstruction(t *testing.T) {
	k := bigGuest(t, repeated(200_000, 0xf3, 0xaa), times(10, nop))
	k.CPU.SetBreaks([]uint64{codeAt + 15, codeAt + 20})
	k.Mem.SetWatches([]memory.Watch{{Addr: otherAt + 5, Len: 1, Kinds: memory.Write}})
	if s := k.Run(oneSlice(k), 1<<40); s.Reason != StopBreak || s.PC != codeAt+15 {
		t.Fatalf("stopped for reason %d at %#x", s.Reason, s.PC)
	}
	k.CPU.Pass()
	var reasons []StopReason
	for range 5 {
		s := k.Run(oneSlice(k), 1<<40)
		if reasons = append(reasons, s.Reason); s.Reason != StopCanceled {
			if s.Hit.Addr != otherAt+5 || s.PC != codeAt+17 || k.Tick != 4 {
				t.Errorf("hit %+v, pc %#x, tick %d", s.Hit, s.PC, k.Tick)
			}
			break
		}
	}
	if len(reasons) != 4 || reasons[3] != StopWatch {
		t.Errorf("stopped for reasons %v", reasons)
	}
	if s := k.Run(nil, 1<<40); s.Reason != StopBreak || s.PC != codeAt+20 {
		t.Errorf("stopped for reason %d at %#x", s.Reason, s.PC)
	}
}
