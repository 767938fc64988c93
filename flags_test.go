package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/testprog"
)

func TestParseSize(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want uint64 // 0: an error
	}{
		{"1", 1}, {"4096", 4096}, {"64K", 64 << 10}, {"256M", 256 << 20}, {"1G", 1 << 30}, {"1g", 1 << 30}, {"2GiB", 2 << 30}, {"3kb", 3 << 10},
		{"1T", 1 << 40}, {"16777215T", 16777215 << 40},
		{"", 0}, {"0", 0}, {"-1", 0}, {"M", 0}, {"1.5G", 0}, {"1Q", 0}, {"1KM", 0}, {"16777216T", 0}, {"18446744073709551616", 0}, {"0x10", 0},
	} {
		got, err := parseSize(tt.in)
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("parseSize(%q) = %d, %v; want %d", tt.in, got, err, tt.want)
		}
	}
}

func TestParseMount(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		in   string
		want emulator.Mount
		fail string // what the error says
	}{
		{in: dir + "=/src", want: emulator.Mount{Host: dir, Guest: "/src"}},
		{in: dir + "=/src/:rw", want: emulator.Mount{Host: dir, Guest: "/src", Writable: true}},
		{in: dir + "=/", want: emulator.Mount{Host: dir, Guest: "/"}},
		{in: dir, fail: "want HOSTDIR=GUESTDIR"},
		{in: dir + "=src", fail: "absolute"},
		{in: "=/src", fail: "want HOSTDIR=GUESTDIR"},
		{in: file + "=/src", fail: "not a folder"},
		{in: dir + "/none=/src", fail: "give a folder that exists"},
	} {
		got, err := parseMount(tt.in)
		switch {
		case tt.fail != "":
			if err == nil || !strings.Contains(err.Error(), tt.fail) {
				t.Errorf("parseMount(%q): error %v; want %q in it", tt.in, err, tt.fail)
			}
		case err != nil || got != tt.want:
			t.Errorf("parseMount(%q) = %+v, %v; want %+v", tt.in, got, err, tt.want)
		}
	}
}

func TestWorkingDir(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	mounts := []emulator.Mount{{Host: home, Guest: "/h"}, {Host: filepath.Join(home, "src"), Guest: "/s"}}
	for _, tt := range []struct{ host, want string }{
		{home, "/h"},
		{filepath.Join(home, "x", "y"), "/h/x/y"},
		{filepath.Join(home, "src"), "/s"},
		{filepath.Join(home, "src", "a"), "/s/a"},
		{filepath.Join(home, "srcs"), "/h/srcs"},
		{filepath.Dir(home), "/"},
	} {
		if got := workingDir(tt.host, mounts); got != tt.want {
			t.Errorf("workingDir(%q) = %q; want %q", tt.host, got, tt.want)
		}
	}
	if got := workingDir(home, nil); got != "/" {
		t.Errorf("without mounts: %q", got)
	}
}

func TestEnvironment(t *testing.T) {
	got, err := environment([]string{"A=1,2", "HOME=/tmp", "A=3", "EMPTY="})
	want := []string{defaultEnv[0], "HOME=/tmp", "A=3", "EMPTY="}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("environment = %q, %v; want %q", got, err, want)
	}
	for _, bad := range []string{"A", "", "=1"} {
		if _, err := environment([]string{bad}); err == nil {
			t.Errorf("-env %q is accepted", bad)
		}
	}
}

func TestParseCPUs(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []int // nil: an error
	}{
		{"4", []int{4}}, {"1,2,8,64", []int{1, 2, 8, 64}}, {"", nil}, {"0", nil}, {"1,", nil}, {"1,-2", nil}, {"many", nil},
	} {
		got, err := parseCPUs(tt.in)
		if !slices.Equal(got, tt.want) || (err != nil) != (tt.want == nil) {
			t.Errorf("parseCPUs(%q) = %v, %v; want %v", tt.in, got, err, tt.want)
		}
	}
}

// TestProgramPath: where a mount shows the program itself, the guest finds itself there, by each way to ask.
func TestProgramPath(t *testing.T) {
	dir := t.TempDir()
	source := `package main

import (
	"os"
	"strings"
)

func main() {
	exe, err := os.Executable()
	link, _ := os.Readlink("/proc/self/exe")
	maps, _ := os.ReadFile("/proc/self/maps")
	line, _, _ := strings.Cut(string(maps), "\n")
	cmd, _ := os.ReadFile("/proc/self/cmdline")
	self, _ := os.ReadFile("/proc/self/exe")
	file, _ := os.ReadFile(exe)
	println(exe, err == nil, link, line[strings.LastIndexByte(line, ' ')+1:], strings.TrimRight(string(cmd), "\x00"), len(file) > 0 && string(file) == string(self))
}
`
	name := filepath.Join(dir, "bin", "self")
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, testprog.Build(t, runtime.Version(), source), 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(name, link); err != nil {
		t.Skip("NOT TESTED: ", err)
	}
	for _, c := range []struct{ mount, program, want, argv string }{
		{dir + "=/opt/x", name, "/opt/x/bin/self", name},
		{dir + "=/opt/x", link, "/opt/x/bin/self", link},
		{filepath.Join(dir, "bin") + "=/opt", name, "/opt/self", name},
		{t.TempDir() + "=/opt/x", name, "/bin/self", name},
	} {
		_, stderr, status := rt0(t, "run", "-mount", c.mount, c.program)
		want := fmt.Sprintln(c.want, true, c.want, c.want, c.argv, true)
		if status != 0 || stderr != want {
			t.Errorf("-mount %s %s: status %d\n%s; want\n%s", c.mount, c.program, status, stderr, want)
		}
	}
}

// TestGoEnvGOROOT: the go command finds its GOROOT from where it lies.
func TestGoEnvGOROOT(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	goroot := strings.TrimSpace(string(out))
	if err != nil || runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("NOT TESTED: no go command for amd64 Linux here")
	}
	stdout, stderr, status := rt0(t, "run", "-mount", goroot+"="+goroot, filepath.Join(goroot, "bin", "go"), "env", "GOROOT")
	if status != 0 || strings.TrimSpace(stdout) != goroot {
		t.Errorf("status %d, %q, %s; want %s", status, stdout, stderr, goroot)
	}
}
