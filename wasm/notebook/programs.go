package notebook

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/rt0lab/rt0/internal/program"
)

// Programs are those that a page can boot: the samples of its site, and files that the reader has given to it.
type Programs struct {
	// Fetch gets a file of the site by its path relative to the site.
	Fetch func(ctx context.Context, path string) ([]byte, error)

	mu    sync.Mutex
	index []sample
	files map[string][]byte // by path on the site, or by name of the reader's own
}

// A sample is an entry of the site's index; see command build.
type sample struct {
	Name string `json:"name"`
	Go   string `json:"go"`
	File string `json:"file"`
}

// keep bounds the programs that are kept, the reader's own apart.
const keep = 12

// ownPath is where files of the reader's own are kept, beside those of the site.
const ownPath = "own:"

// Own adds a program of the reader's own under a name.
func (p *Programs) Own(name string, file []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(ownPath+name, file)
}

func (p *Programs) put(path string, file []byte) {
	if p.files == nil {
		p.files = map[string][]byte{}
	}
	for old := range p.files {
		if len(p.files) > keep && !strings.HasPrefix(old, ownPath) {
			delete(p.files, old)
		}
	}
	p.files[path] = file
}

// Find returns a program, as lab.Program does. Errors say what there is.
func (p *Programs) Find(ctx context.Context, name, version string) (*program.Program, error) {
	p.mu.Lock()
	own := p.files[ownPath+name]
	p.mu.Unlock()
	if own != nil {
		return found(name, own), nil
	}
	index, err := p.samples(ctx)
	if err != nil {
		return nil, err
	}
	version = strings.TrimPrefix(version, "go")
	var versions, names []string
	for _, s := range index {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
		if s.Name != name {
			continue
		}
		have := strings.TrimPrefix(s.Go, "go")
		if version == "" || version == have {
			file, err := p.file(ctx, s.File)
			if err != nil {
				return nil, fmt.Errorf("%s of Go %s: %w", name, have, err)
			}
			return found(name, file), nil
		}
		versions = append(versions, have)
	}
	if len(versions) > 0 {
		return nil, fmt.Errorf("this page has no %s built by Go %s; it has %s", name, version, strings.Join(versions, ", "))
	}
	if strings.HasSuffix(name, ".go") {
		return nil, fmt.Errorf("%s: a web page has no Go toolchain to build with; build it elsewhere (GOOS=linux GOARCH=amd64 go build) and open the ELF file on this page", name)
	}
	return nil, fmt.Errorf("%s: %w on this page; there are the samples %s, and an ELF file of your own can be opened on the page", name, errNoProgram, strings.Join(names, ", "))
}

var errNoProgram = errors.New("no such program")

func found(name string, file []byte) *program.Program {
	return &program.Program{Name: name, Path: "/bin/" + name, File: file}
}

// samples returns the site's index, fetched once.
func (p *Programs) samples(ctx context.Context) ([]sample, error) {
	p.mu.Lock()
	list := p.index
	p.mu.Unlock()
	if list != nil {
		return list, nil
	}
	text, err := p.Fetch(ctx, "index.json")
	if err != nil {
		return nil, err
	}
	var index struct {
		Samples []sample `json:"samples"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.index = index.Samples
	return p.index, nil
}

// file returns a file of the site, unpacked.
func (p *Programs) file(ctx context.Context, path string) ([]byte, error) {
	p.mu.Lock()
	file := p.files[path]
	p.mu.Unlock()
	if file != nil {
		return file, nil
	}
	file, err := p.Fetch(ctx, path)
	if err != nil {
		return nil, err
	}
	if file, err = unpack(file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(path, file)
	return file, nil
}

// maxFile bounds an unpacked program, in bytes.
const maxFile = 1 << 28

// unpack unpacks what is gzipped: some hosts have done so already.
func unpack(file []byte) ([]byte, error) {
	if !bytes.HasPrefix(file, []byte("\x1f\x8b")) {
		return file, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxFile))
}
