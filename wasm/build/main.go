// Command build makes what the web page needs from Go: the machine as a wasm module, the sample programs with an index, and
// the source files that these were built from. `make web` runs it before Vite; the results lie in wasm/web/public and
// wasm/web/generated, which are not committed. With -precompress it lays gzipped copies beside the files of the site that came of
// that.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/rt0lab/rt0/internal/program"
)

// An Index is what the page fetches first.
type Index struct {
	// Machine is the wasm module of the machine, gzipped.
	Machine string `json:"machine"`
	// Session is the module that runs cells.
	Session string `json:"session"`
	// Lessons is the course with its exercises, as JSON, gzipped.
	Lessons string   `json:"lessons"`
	Samples []Sample `json:"samples"`
}

// A Sample is a program built by one version of Go. Paths are relative to the page.
type Sample struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
	Go      string `json:"go"`
	// File is the ELF file, gzipped; Sources is a JSON object from the paths in the program to paths on the site.
	File    string `json:"file"`
	Sources string `json:"sources"`
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("wasm/build: ")
	out := flag.String("o", "wasm/web", "`DIR` the front end, whose public and generated folders are made anew")
	names := flag.String("samples", "hello,hellofmt,pingpong,panicgo,timers", "`LIST` the samples")
	versions := flag.String("go", "", "`LIST` versions of Go besides the local one, such as 1.21.13,1.25.0; those that cannot be had are left out")
	lessons := flag.String("hello", "", "`LIST` further versions of which the page has hello only: the lessons boot it")
	packed := flag.String("precompress", "", "`DIR` a built site: do nothing but lay gzipped copies beside its files")
	flag.Parse()
	if *packed != "" {
		if err := precompress(*packed); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := build(*out, strings.Split(*names, ","), append([]string{""}, fields(*versions)...), fields(*lessons)); err != nil {
		log.Fatal(err)
	}
}

func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func build(dir string, names, versions, lessons []string) error {
	s := site{public: filepath.Join(dir, "public"), written: map[string]bool{}}
	generated := filepath.Join(dir, "generated")
	for _, d := range []string{s.public, generated} {
		if err := os.RemoveAll(d); err != nil {
			return err
		}
		if err := os.MkdirAll(d, 0o777); err != nil {
			return err
		}
	}
	var index Index
	var err error
	if err := goScript(generated); err != nil {
		return err
	}
	if index.Machine, err = s.module(machineModule, generated); err != nil {
		return err
	}
	if index.Session, err = s.module(sessionModule, generated); err != nil {
		return err
	}
	for i, v := range append(versions, lessons...) {
		if i == len(versions) {
			names = []string{"hello"}
		}
		for _, name := range names {
			sample, err := s.sample(name, v)
			if err != nil && v != "" {
				log.Printf("left out: %s of Go %s: %v", name, v, err)
				continue
			}
			if err != nil {
				return err
			}
			index.Samples = append(index.Samples, sample)
		}
	}
	if index.Lessons, err = s.lessons(&index); err != nil {
		return err
	}
	b, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return s.write("index.json", b)
}

// A site is the folder that is being filled.
type site struct {
	public  string
	written map[string]bool
}

func (s *site) write(name string, b []byte) error {
	s.written[name] = true
	file := filepath.Join(s.public, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o666)
}

// writeCompressed writes b gzipped under a name that holds a digest, so that browsers can keep it for ever, and returns the
// name. Static hosts do not compress files of unknown types, so the page unpacks these itself.
func (s *site) writeCompressed(stem, ext string, b []byte) (string, error) {
	z, err := compress(b)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-%.8x%s.gz", stem, sha256.Sum256(b), ext)
	return name, s.write(name, z)
}

func (s *site) sample(name, version string) (Sample, error) {
	p, err := program.Find(context.Background(), name, program.Options{Go: version, Messages: os.Stderr})
	if err != nil {
		return Sample{}, err
	}
	sources, goVersion, err := s.sources(p)
	if err != nil {
		return Sample{}, fmt.Errorf("%s: %w", name, err)
	}
	stem := "samples/" + name + "-" + goVersion
	out := Sample{Name: name, Summary: program.Summary(name), Go: goVersion}
	if out.File, err = s.writeCompressed(stem, ".elf", p.File); err != nil {
		return Sample{}, err
	}
	out.Sources = stem + ".json"
	b, err := json.Marshal(sources)
	if err != nil {
		return Sample{}, err
	}
	return out, s.write(out.Sources, b)
}
