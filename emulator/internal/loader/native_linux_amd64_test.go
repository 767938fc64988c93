package loader

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// probeEnv makes the test binary write its own stack to stdout instead of running tests.
const probeEnv = "RT0_LOADER_PROBE=stack"

func TestMain(m *testing.M) {
	if k, v, _ := strings.Cut(probeEnv, "="); os.Getenv(k) == v {
		if err := dumpStack(os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// dumpStack writes the memory from the initial stack pointer (field 28 of /proc/self/stat, proc_pid_stat(5)) to the top.
func dumpStack(w io.Writer) error {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	start, err := strconv.ParseUint(string(bytes.Fields(rest)[28-3]), 10, 64)
	if err != nil {
		return err
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		return err
	}
	defer mem.Close()
	_, err = io.Copy(w, io.NewSectionReader(mem, int64(start), int64(memory.MaxAddr-start)))
	return err
}

// TestStackAgainstKernel compares the stack with the one that this computer's Linux gives to the same program, arguments
// and environment.
func TestStackAgainstKernel(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	img, err := Load(file)
	if dynamic := (*DynamicError)(nil); errors.As(err, &dynamic) {
		t.Skipf("NOT COMPARED: the test binary itself is %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	spec := StackSpec{Args: []string{exe, "", "two words"}, Env: []string{probeEnv, "A=1"}, Execfn: exe, UID: uint32(os.Getuid()), GID: uint32(os.Getgid())}
	cmd := exec.Command("setarch", append([]string{"-R"}, spec.Args...)...)
	cmd.Env = spec.Env
	native, err := cmd.Output()
	if err != nil {
		t.Skipf("NOT COMPARED: setarch -R does not work here: %v", err)
	}

	mem := memory.New(64 << 20)
	sp, l, err := BuildStack(mem, img, spec)
	if err != nil {
		t.Fatal(err)
	}
	ours := peek(t, mem, Span{sp, memory.MaxAddr})

	// From the random bytes' end upwards all bytes agree.
	above := int(memory.MaxAddr - l.Random.End)
	if g, w := ours[len(ours)-above:], native[max(0, len(native)-above):]; !bytes.Equal(g, w) {
		t.Errorf("strings:\n%q\nLinux has\n%q", g, w)
	}
	// So do argc, argv and envp, …
	if n := int(l.Envp.End - sp); !bytes.Equal(ours[:n], native[:n]) {
		t.Errorf("argc, argv, envp:\n%x\nLinux has\n%x", ours[:n], native[:n])
	}
	// … and auxv, in order, but for what is left out and what describes the processor.
	leftOut := map[uint64]bool{AT_SYSINFO_EHDR: true, 27: true, 28: true} // 27 and 28 are AT_RSEQ_*
	differs := map[uint64]bool{AT_MINSIGSTKSZ: true, AT_HWCAP: true, AT_HWCAP2: true}
	auxv := ours[l.Auxv.Start-sp:]
	for w := native[l.Auxv.Start-sp:]; ; w = w[16:] {
		tag, value := binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[8:])
		if leftOut[tag] {
			continue
		}
		if g := binary.LittleEndian.Uint64(auxv); g != tag {
			t.Fatalf("auxv has tag %d where Linux has %d", g, tag)
		}
		if g := binary.LittleEndian.Uint64(auxv[8:]); g != value && !differs[tag] {
			t.Errorf("auxv tag %d is %#x; Linux has %#x", tag, g, value)
		}
		if tag == AT_NULL {
			break
		}
		auxv = auxv[16:]
	}
}
