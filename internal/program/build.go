//go:build !js

package program

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// flags make a program whose DWARF opens at once and whose bytes do not depend on the state of a repository, as far as the
// toolchain knows how: -buildvcs came with Go 1.18, compressed DWARF with 1.11. Paths of source files stay whole, so that
// views can show the source.
func (b *builder) flags() []string {
	var list []string
	if b.atLeast(18) {
		list = append(list, "-buildvcs=false")
	}
	if b.atLeast(11) {
		list = append(list, "-ldflags=-compressdwarf=false")
	}
	return list
}

// atLeast says whether the toolchain is Go 1.minor or newer. One that does not look like a release is taken for new.
func (b *builder) atLeast(minor int) bool {
	var n int
	if _, err := fmt.Sscanf(b.version, "go1.%d", &n); err != nil {
		return true
	}
	return n >= minor
}

// buildEnv makes the program a static one for the machine, whatever the user's settings for other builds are. GOFLAGS is
// not empty, for then the go command would take what "go env -w" has stored, which an older toolchain may not understand.
var buildEnv = []string{"GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0", "GOFLAGS=-v=false"}

// ErrNoToolchain: there is no go command to build with.
var ErrNoToolchain = errors.New("no go command in PATH; install Go, or give an ELF file that was built elsewhere")

// builder runs one Go toolchain.
type builder struct {
	goCommand string
	env       []string
	version   string // such as "go1.26.8"
	goroot    string // where the toolchain's own source lies
	cache     string // the folder for what is built
	opt       Options
}

// newBuilder finds the toolchain and makes the cache folder. With opt.Go the go command is asked to be that version
// (GOTOOLCHAIN), which it downloads if it must.
func newBuilder(ctx context.Context, opt Options) (*builder, error) {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return nil, ErrNoToolchain
	}
	b := &builder{goCommand: goCommand, env: append(os.Environ(), buildEnv...), opt: opt}
	if b.cache, err = cacheDir(); err != nil {
		return nil, err
	}
	// The go command renames its result into place, and nobody sees half a program, when both are on one file system.
	b.env = append(b.env, "GOTMPDIR="+b.cache)
	if opt.Go != "" {
		version := "go" + strings.TrimPrefix(opt.Go, "go")
		b.env = append(b.env, "GOTOOLCHAIN="+version)
	}
	out, err := b.run(ctx, "", "env", "GOVERSION", "GOROOT")
	if err != nil {
		if opt.Go != "" {
			return nil, fmt.Errorf("no toolchain go%s: %w; choose a released version such as -go 1.21.13", strings.TrimPrefix(opt.Go, "go"), err)
		}
		return nil, err
	}
	b.version, b.goroot, _ = strings.Cut(string(out), "\n")
	b.version, b.goroot = strings.TrimSpace(b.version), strings.TrimSpace(b.goroot)
	if b.version == "" { // before Go 1.15 go env has no GOVERSION
		b.version = "go" + strings.TrimPrefix(opt.Go, "go")
	}
	return b, nil
}

// cacheDir returns the folder in which programs are kept, made if need be.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir() // no home folder
	}
	dir := filepath.Join(base, "rt0")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("make the folder for programs: %w; set XDG_CACHE_HOME to one that can be written", err)
	}
	return dir, nil
}

// build compiles the package in dir, or the files of it, to out.
func (b *builder) build(ctx context.Context, dir, out string, files ...string) error {
	args := append([]string{"build"}, b.flags()...)
	args = append(args, "-o", out)
	_, err := b.run(ctx, dir, append(args, files...)...)
	return err
}

// run runs the go command in dir and returns its standard output. Its messages go to the user as they come.
func (b *builder) run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, b.goCommand, args...)
	cmd.Dir = dir
	cmd.Env = b.env
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.Stderr = b.opt.Messages
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("go %s: %w (its own words are above)", args[0], err)
	}
	return out.Bytes(), nil
}

// buildPackage builds a Go file or a package folder. The go command is asked each time: it knows what changed, and does
// nothing when nothing did.
func buildPackage(ctx context.Context, arg string, opt Options) (*Program, error) {
	abs, err := filepath.Abs(arg)
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", arg, err)
	}
	dir, target := abs, "."
	if filepath.Ext(abs) == ".go" {
		dir, target = filepath.Split(abs)
	}
	name := strings.TrimSuffix(filepath.Base(abs), ".go")
	key := sha256.Sum256([]byte(b.version + "\x00" + abs))
	folder := filepath.Join(b.cache, "build", hex.EncodeToString(key[:8]))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	out := filepath.Join(folder, name)
	if err := b.build(ctx, dir, out, target); err != nil {
		return nil, fmt.Errorf("build %s: %w", arg, err)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(file, []byte("!<arch>")) { // what go build -o makes of any other package
		return nil, fmt.Errorf("build %s: it is not a main package; give the folder of a main package", arg)
	}
	return &Program{Name: name, Path: guestPath(name), File: file, GOROOT: b.goroot}, nil
}

func isSample(name string) bool {
	_, err := sampleSource(name)
	return err == nil
}

// buildSample builds a sample in a folder of its own in the cache, named after all that the result depends on, so that a second time nothing is built at all.
func buildSample(ctx context.Context, name string, opt Options) (*Program, error) {
	src, err := sampleSource(name)
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("build sample %s: %w", name, err)
	}
	key := sha256.Sum256([]byte(b.version + "\x00" + strings.Join(b.flags(), " ") + "\x00" + string(src)))
	dir := filepath.Join(b.cache, "sample", hex.EncodeToString(key[:8]))
	out := filepath.Join(dir, name)
	if _, err := os.Stat(out); err != nil {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
		for file, text := range map[string]string{"go.mod": "module " + name + "\n\ngo 1.18\n", "main.go": string(src)} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
				return nil, err
			}
		}
		if err := b.build(ctx, dir, out, "main.go"); err != nil {
			return nil, fmt.Errorf("build sample %s: %w", name, err)
		}
	}
	file, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return &Program{Name: name, Path: guestPath(name), File: file, GOROOT: b.goroot}, nil
}
