package cells

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rt0lab/rt0/internal/bytesize"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons/lab"
)

// A bootSetup is what the flags of %boot ask for. They are those of rt0 boot and rt0 run.
type bootSetup struct {
	cpus       int
	seed       uint64
	version    string
	env        envList
	gomaxprocs int
	mem        sizeFlag
	maxTicks   uint64
	args       []string // program and arguments
}

// An envList is a flag that may be given several times.
type envList []string

func (e *envList) String() string { return strings.Join(*e, " ") }

func (e *envList) Set(v string) error {
	if key, _, ok := strings.Cut(v, "="); !ok || key == "" {
		return fmt.Errorf("want KEY=VALUE")
	}
	*e = append(*e, v)
	return nil
}

// A sizeFlag is a flag for a size in bytes.
type sizeFlag uint64

func (s *sizeFlag) String() string { return "" }

func (s *sizeFlag) Set(v string) error {
	n, err := bytesize.Parse(v)
	*s = sizeFlag(n)
	return err
}

func (b *bootSetup) flags() *flag.FlagSet {
	f := flag.NewFlagSet("%boot", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.IntVar(&b.cpus, "cpus", 4, "`N` how many processors the program sees")
	f.Uint64Var(&b.seed, "seed", 0, "`N` what all chance comes from: the same N, the same run")
	f.StringVar(&b.version, "go", "", "`VERSION` build with this Go, such as 1.21.13")
	f.Var(&b.env, "env", "`KEY=VALUE` add it to the program's environment; can be repeated")
	f.Var(&b.mem, "mem", "`SIZE` the most that the program can have of all that takes memory, such as 256M (default 4G)")
	f.Uint64Var(&b.maxTicks, "max-ticks", 0, "`N` stop after so many instructions (default: never, but a boot after 1000000000)")
	f.IntVar(&b.gomaxprocs, "gomaxprocs", 0, "`N` the same as -env GOMAXPROCS=N")
	return f
}

// bootHelp lists the flags and the samples.
func bootHelp() string {
	var b strings.Builder
	b.WriteString("Flags:\n")
	new(bootSetup).flags().VisitAll(func(f *flag.Flag) {
		name, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&b, "  -%-22s %s\n", f.Name+" "+name, usage)
	})
	b.WriteString("PROGRAM is an ELF file, a Go file, a package folder, or a sample: " + strings.Join(program.Samples(), ", ") +
		".\nIn Go: machine = lab.Boot(lab.CPUs(2), lab.Sample(\"hello\"), lab.Args(\"a\"), lab.Env(\"K=V\")).")
	return b.String()
}

// bootFlags reads the flags of %boot and %%boot.
func bootFlags(line string) (*bootSetup, error) {
	args, err := words(line)
	if err != nil {
		return nil, fmt.Errorf("%%boot: %w", err)
	}
	b := &bootSetup{}
	f := b.flags()
	if err := f.Parse(args); err != nil {
		return nil, fmt.Errorf("%%boot: %w; %%help boot shows the flags", err)
	}
	if b.cpus < 1 {
		return nil, fmt.Errorf("%%boot: -cpus %d: want at least 1", b.cpus)
	}
	if b.gomaxprocs < 0 {
		return nil, fmt.Errorf("%%boot: -gomaxprocs %d: want at least 1", b.gomaxprocs)
	}
	b.args = f.Args()
	return b, nil
}

// options are what the flags mean to package lab.
func (b *bootSetup) options() []lab.Option {
	o := []lab.Option{lab.CPUs(b.cpus), lab.Seed(b.seed), lab.Go(b.version), lab.Env(b.env...)}
	if b.mem > 0 {
		o = append(o, lab.Mem(uint64(b.mem)))
	}
	if b.maxTicks > 0 {
		o = append(o, lab.MaxTicks(b.maxTicks))
	}
	if b.gomaxprocs > 0 {
		o = append(o, lab.Env(fmt.Sprint("GOMAXPROCS=", b.gomaxprocs)))
	}
	return o
}

// words splits a line at blanks that are not in quotes.
func words(line string) (list []string, err error) {
	var word strings.Builder
	quote, some := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, some = r, true
		case r == ' ' || r == '\t' || r == '\r':
			if word.Len() > 0 || some {
				list = append(list, word.String())
			}
			word.Reset()
			some = false
		default:
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote %c is not closed", quote)
	}
	if word.Len() > 0 || some {
		list = append(list, word.String())
	}
	return list, nil
}

// boot boots a program and shows the first stage.
func (s *Session) boot(_ context.Context, args string) error {
	b, err := bootFlags(args)
	if err != nil {
		return err
	}
	options := b.options()
	if len(b.args) > 0 {
		options = append(options, lab.Sample(b.args[0]), lab.Args(b.args[1:]...))
	}
	s.stageNow = "osstack"
	if err := s.setMachine(lab.Boot(options...)); err != nil {
		return err
	}
	s.look("")
	return nil
}

// bootCell builds the program that is the rest of the cell, boots it, and runs it to its end.
func (s *Session) bootCell(_ context.Context, code string) error {
	if inPage {
		return errors.New("%%boot: a web page has no Go toolchain; build the program elsewhere (GOOS=linux GOARCH=amd64 go build) and open the file on the page, or use rt0's Jupyter kernel")
	}
	first, source, _ := strings.Cut(code, "\n")
	b, err := bootFlags(strings.TrimPrefix(first, "%%boot"))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "rt0-cell-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "cell.go")
	if err := os.WriteFile(file, []byte("\n"+source), 0o600); err != nil { // lines count as in the cell
		return err
	}
	if err := s.bootFile(file, b); err != nil {
		return err
	}
	fmt.Fprint(lab.Out, s.machine.Finish())
	s.machine.To("main")
	s.stageNow = "main"
	s.look("")
	return nil
}

// where tells where a machine is. The program of a cell lay in a folder that means nothing to the reader.
func where(m *lab.Machine) string { return cellFolder.ReplaceAllString(m.Where(), "(cell.go:") }

// bootFile boots a program that is in a cell. What the go command finds wrong with it is said of the cell's own lines.
func (s *Session) bootFile(file string, b *bootSetup) (err error) {
	words := &goWords{s: s, name: fmt.Sprintf("cell[%d]", s.current().Count)}
	s.building = words
	defer func() {
		s.building = nil
		if p := recover(); p != nil {
			if words.first == "" {
				panic(p)
			}
			err = errors.New(words.first)
		}
	}()
	return s.setMachine(lab.Boot(append(b.options(), lab.Sample(file), lab.Args(b.args...))...))
}

// goWords is what the go command says of a program in a cell.
type goWords struct {
	s     *Session
	name  string // of the cell
	first string // error
}

var (
	cellFile   = regexp.MustCompile(`(?m)^(?:\S*/)?cell\.go(:\d+:\d+: )`)
	cellFolder = regexp.MustCompile(`\(\S*/rt0-cell-\d+/cell\.go:`)
	heading    = regexp.MustCompile(`(?m)^# .*\n`)
)

func (w *goWords) Write(p []byte) (int, error) {
	text := heading.ReplaceAllString(string(p), "")
	text = cellFile.ReplaceAllString(text, strings.ReplaceAll(w.name, "$", "$$")+"$1")
	for _, line := range strings.Split(text, "\n") {
		if w.first == "" && strings.HasPrefix(line, w.name+":") {
			w.first = line
		}
	}
	_, err := output{w.s, true}.Write([]byte(text))
	return len(p), err
}
