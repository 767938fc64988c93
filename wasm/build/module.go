package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const modulePath = "github.com/rt0lab/rt0"

// A module is a Go program that is built for the browser.
type module struct {
	// name is that of the file, pkg the program's package below the root of rt0.
	name, pkg string
	// gcflags are flags of the compiler by package, as go build wants them; of those that match a package the last counts.
	gcflags []string
}

// fast are flags for modules that run guest code. Functions are inlined (which -l forbids) only where it pays: a module is smaller
// by a tenth without. What runs guest code is built for speed; but there the makers of handlers, one for each width of an operand,
// are not inlined: each call of one would be a copy of the handler.
var fast = []string{"all=-l", modulePath + "/emulator/internal/memory=", modulePath + "/emulator/internal/x86=-d=inlfuncswithclosures=0"}

var (
	// The first picture waits for this one.
	machineModule = module{name: "machine", pkg: "wasm/worker", gcflags: fast}
	// The cells' session is loaded when the first cell is used.
	sessionModule = module{name: "session", pkg: "wasm/session", gcflags: append(fast, "github.com/traefik/yaegi/interp=")}
)

// module builds a module, packs it, and puts it on the site.
func (s *site) module(m module, generated string) (string, error) {
	file := filepath.Join(generated, m.name+".wasm")
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file}
	for _, f := range m.gcflags {
		args = append(args, "-gcflags="+f)
	}
	cmd := exec.Command("go", append(args, modulePath+"/"+m.pkg)...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build the %s: %w", m.name, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if b, err = pack(b); err != nil {
		return "", fmt.Errorf("pack the %s: %w", m.name, err)
	}
	if err := os.WriteFile(file, b, 0o666); err != nil { // as a test runs it
		return "", err
	}
	return s.writeCompressed(m.name, ".wasm", b)
}

// pack makes a module smaller, and does not change what it does.
func pack(b []byte) ([]byte, error) {
	w, err := readWasm(b)
	if err != nil {
		return nil, err
	}
	w.dropCustom()
	img, err := w.image()
	if err != nil {
		return nil, err
	}
	if err := stripLines(img.bytes); errors.Is(err, errLayout) {
		log.Printf("files and lines stay in the module: %v", err)
	} else if err != nil {
		return nil, err
	}
	w.setImage(img)
	return w.bytes(), nil
}

// goScript copies the script that must go with the modules, from the GOROOT that built them.
func goScript(generated string) error {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	script, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(generated, "wasm_exec.js"), script, 0o666)
}
