package lessons

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/testprog"
)

// gdbScript stops the program, run by this computer itself, where schedinit has returned, and reads there what the stage
// pidle tells.
const gdbScript = `
set debuginfod enabled off
set confirm off
set language c
break *'runtime.newproc'
run
printf "sched.npidle %d\n", *(int*)&'runtime.sched'.npidle
printf "len(allp) %d\n", 'runtime.allp'.len
printf "sched.maxmcount %d\n", 'runtime.sched'.maxmcount
printf "sizes %d %d %d %d\n", sizeof('runtime.g0'), sizeof('runtime.m0'), sizeof(**'runtime.allp'.array), sizeof('runtime.sched')
printf "offsets %d %d\n", (long)&'runtime.m0'.p - (long)&'runtime.m0', (long)&'runtime.g0'.sched - (long)&'runtime.g0'
set $p = (typeof('runtime.allp'.array[0]))'runtime.sched'.pidle
printf "sched.pidle ["
while $p
printf " %d", $p->id
set $p = (typeof('runtime.allp'.array[0]))$p->link
end
printf " ]\n"
set $i = 0
printf "status ["
while $i < 'runtime.allp'.len
printf " %d", 'runtime.allp'.array[$i]->status
set $i = $i+1
end
printf " ]\n"
printf "g0 stack %d\n", 'runtime.g0'.stack.hi - 'runtime.g0'.stack.lo
kill
`

// TestGDB: gdb, looking at the program as this computer runs it, reads the same of its runtime.
func TestGDB(t *testing.T) {
	gdb, err := exec.LookPath("gdb")
	if err != nil || runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("no gdb for amd64 Linux here")
	}
	const cpus = 4
	for _, version := range testprog.Versions {
		t.Run(version, func(t *testing.T) {
			dir := t.TempDir()
			program, script := filepath.Join(dir, "hello"), filepath.Join(dir, "script")
			if err := os.WriteFile(program, testprog.Build(t, version, testprog.Hello), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(script, []byte(gdbScript), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(gdb, "-nx", "-batch", "-x", script, program)
			cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cpus))
			out, err := cmd.CombinedOutput()
			if strings.Contains(string(out), "ptrace") || strings.Contains(string(out), "personality") {
				t.Skipf("gdb may not trace here: %s", out)
			}
			_, after, ok := strings.Cut(string(out), "sched.npidle ")
			if !ok {
				t.Fatalf("gdb: %v\n%s", err, out)
			}
			got := "sched.npidle " + after[:strings.Index(after, "g0 stack")+len("g0 stack 65536")]
			if want := asGDB(t, version, cpus); got != want {
				t.Errorf("gdb reads\n%s\nrt0\n%s", got, want)
			}
		})
	}
}

// asGDB tells the machine's state at the stage pidle in the words of gdbScript.
func asGDB(t *testing.T, version string, cpus int) string {
	m, moments := bootHello(t, version, cpus)
	pidle := moments[stageIndex("pidle")]
	b, err := newBoot(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Seek(pidle.Tick); err != nil {
		t.Fatal(err)
	}
	r := reader{t, pidle}
	size := func(name string) int64 {
		typ, err := b.table.TypeNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		return typ.Size
	}
	list := func(l []int64) string {
		return strings.ReplaceAll(strings.ReplaceAll(fmt.Sprint(l), "[", "[ "), "]", " ]")
	}
	var status []int64
	for _, addr := range b.rt.AllP().Addrs {
		status = append(status, b.rt.P(addr).Status.Int)
	}
	offset := func(field, of string) uint64 { return b.word("&"+of+"."+field) - b.word("&"+of) }
	return fmt.Sprintf("sched.npidle %d\nlen(allp) %d\nsched.maxmcount %d\nsizes %d %d %d %d\noffsets %d %d\nsched.pidle %s\nstatus %s\ng0 stack %d",
		r.number("sched.npidle"), r.number("len(allp)"), r.number("sched.maxmcount"),
		size("runtime.g"), size("runtime.m"), size("runtime.p"), size("runtime.schedt"),
		offset("p", "m0"), offset("sched", "g0"), list(r.list("sched.pidle")), list(status), r.word("g0.stack.hi")-r.word("g0.stack.lo"))
}
