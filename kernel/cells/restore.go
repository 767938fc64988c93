package cells

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/picture"
)

// When the process of a session dies, another session can be told what has no side effects: imports, types, functions and
// constants, and the machine. Variables are not: the statements that gave them their values may have written to the disk.

// The parts of a session's journal.
const (
	partCells   = "cells"
	partMachine = "machine"
	partProgram = "program"
)

// A record is the part of the journal for what cells have declared.
type record struct {
	Imports      map[string]string `json:"imports"`
	Sources      map[string]string `json:"sources"` // the cells, by the name that positions give them
	Declarations []recordItem      `json:"declarations"`
	Lang         string            `json:"lang"`
	Dir          string            `json:"dir"`
}

// A recordItem is where a declaration stands, and the names of it that still mean it.
type recordItem struct {
	File  string      `json:"file"`
	Kind  token.Token `json:"kind"`
	Start int         `json:"start"`
	End   int         `json:"end"`
	Names []string    `json:"names"`
}

func (r recordItem) item() item { return item{r.Kind, r.Start, r.End} }

// A recordMachine is the part of the journal for the machine; the program's file is a part of its own.
type recordMachine struct {
	Moment  lab.Moment      `json:"moment"`
	Program program.Program `json:"program"`
	Stage   string          `json:"stage"` // that %stage went to
}

// A constDecl is a const declaration of a cell.
type constDecl struct {
	file, code string
	item       item
	names      []string // those that no later cell has defined otherwise
	uses       map[string]bool
}

func newNames() *names { return &names{number: map[string]int{}, defs: map[string]definition{}} }

// noteConstants remembers the constants of a cell that has run, and forgets those that it has defined anew.
func (s *Session) noteConstants(name, code string) {
	defined := map[string]bool{}
	var fresh []constDecl
	c := &compilation{s: s, name: name, code: code}
	for _, it := range split(code) {
		c.namesDefined(it, defined)
		c.funcDefined(it, defined)
		if it.kind != token.CONST {
			continue
		}
		f, err := parseDecls(token.NewFileSet(), name, code, []item{it})
		if err != nil || len(f.Decls) == 0 {
			continue
		}
		k := constDecl{name, code, it, nil, mentions(f, f.Decls[0])}
		for _, spec := range f.Decls[0].(*ast.GenDecl).Specs {
			for _, id := range spec.(*ast.ValueSpec).Names {
				k.names = append(k.names, id.Name)
			}
		}
		fresh = append(fresh, k)
	}
	if len(defined) == 0 {
		return
	}
	var keep []constDecl
	for _, k := range s.constants {
		k.names = slices.DeleteFunc(slices.Clone(k.names), func(n string) bool { return defined[n] })
		if len(k.names) > 0 {
			keep = append(keep, k)
		}
	}
	s.constants = append(keep, fresh...)
}

// lasting returns the constants and the names of the definitions that mean the same in a session without this one's variables.
func (s *Session) lasting() (constants []constDecl, names []string) {
	known := map[string]bool{"_": true, "iota": true, "machine": true}
	for name := range s.imports {
		known[name] = true
	}
	for name := range s.own[displayPath+"/display"] {
		known[name] = true
	}
	constants = slices.Clone(s.constants)
	for _, k := range constants {
		for _, n := range k.names {
			known[n] = true
		}
	}
	names = slices.Clone(s.names.order)
	for _, name := range names {
		known[name] = true
	}
	fits := func(uses map[string]bool, own ...string) bool {
		for u := range uses {
			if !known[u] && !universe[u] && !slices.Contains(own, u) {
				return false
			}
		}
		return true
	}
	for more := true; more; { // what uses something that goes has to go, too
		more = false
		constants = slices.DeleteFunc(constants, func(k constDecl) bool {
			if fits(k.uses, k.names...) {
				return false
			}
			for _, n := range k.names {
				delete(known, n)
			}
			more = true
			return true
		})
		names = slices.DeleteFunc(names, func(name string) bool {
			if fits(s.names.defs[name].uses) {
				return false
			}
			delete(known, name)
			more = true
			return true
		})
	}
	return constants, names
}

// variables returns the names of the cells' variables.
func (s *Session) variables() []string {
	not := map[string]bool{"machine": true, "_": true, resultName: true}
	for _, k := range s.constants {
		for _, n := range k.names {
			not[n] = true
		}
	}
	var list []string
	for name := range s.globals() {
		if name = plain(name); !not[name] && !slices.Contains(list, name) && !strings.HasPrefix(name, "rt0") {
			list = append(list, name)
		}
	}
	sort.Strings(list)
	return list
}

// standing returns the machine that the cells know, or nil.
func (s *Session) standing() *lab.Machine {
	if v := s.globals()["machine"]; v.IsValid() && v.CanInterface() {
		if m, ok := v.Interface().(*lab.Machine); ok {
			return m
		}
	}
	return nil
}

// Journal tells what Restore needs.
func (s *Session) Journal() kernel.Journal {
	j := kernel.Journal{Parts: map[string][]byte{}}
	constants, names := s.lasting()
	r := record{Imports: s.imports, Sources: map[string]string{}, Lang: lab.Lang}
	r.Dir, _ = os.Getwd()
	for _, k := range constants {
		r.Sources[k.file] = k.code
		r.Declarations = append(r.Declarations, recordItem{k.file, k.item.kind, k.item.start, k.item.end, k.names})
	}
	at := map[string]int{} // of a declaration with several names
	for _, name := range names {
		d := s.names.defs[name]
		r.Sources[d.file] = d.code
		key := fmt.Sprint(d.file, d.item)
		if i, ok := at[key]; ok {
			r.Declarations[i].Names = append(r.Declarations[i].Names, name)
			continue
		}
		at[key] = len(r.Declarations)
		r.Declarations = append(r.Declarations, recordItem{d.file, d.item.kind, d.item.start, d.item.end, []string{name}})
	}
	if text, err := json.Marshal(r); err == nil {
		j.Parts[partCells] = text
	}
	m := s.standing()
	if m != nil {
		at, p := m.Moment(), m.Program()
		j.Parts[partProgram] = p.File
		p.File = nil
		if text, err := json.Marshal(recordMachine{at, p, s.stageNow}); err == nil {
			j.Parts[partMachine] = text
		}
		j.Kept = append(j.Kept, fmt.Sprintf("the machine at tick %s", picture.Thousands(at.Tick)))
	}
	j.Kept = append(j.Kept, kept(s.imports, constants, names, s.names.defs)...)
	if v := s.variables(); len(v) > 0 {
		j.Lost = append(j.Lost, "var "+strings.Join(some(v), ", "))
	}
	var also []string
	for _, name := range s.names.order {
		if !slices.Contains(names, name) {
			also = append(also, name)
		}
	}
	if len(also) > 0 {
		j.Lost = append(j.Lost, "what uses these: "+strings.Join(some(also), ", "))
	}
	return j
}

// kept names what a journal holds.
func kept(imports map[string]string, constants []constDecl, names []string, defs map[string]definition) (list []string) {
	groups := map[string][]string{}
	for name, path := range imports {
		if path == gophernotes[0] { // it is always there
			continue
		}
		groups["import"] = append(groups["import"], name)
	}
	sort.Strings(groups["import"])
	for _, k := range constants {
		groups["const"] = append(groups["const"], k.names...)
	}
	for _, name := range names {
		word := "func"
		if defs[name].typ {
			word = "type"
		} else if strings.Contains(name, ".") {
			continue // a method goes with its type
		}
		groups[word] = append(groups[word], name)
	}
	for _, word := range []string{"import", "const", "type", "func"} {
		if len(groups[word]) > 0 {
			list = append(list, word+" "+strings.Join(some(groups[word]), ", "))
		}
	}
	return list
}

// some returns the names, or so many of them as people read.
func some(names []string) []string {
	const most = 20
	if len(names) <= most {
		return names
	}
	return append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
}

// Restore takes over what another session has journaled.
func (s *Session) Restore(ctx context.Context, parts map[string][]byte) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.mu.Lock()
	s.ctx, s.cancel = ctx, cancel
	s.mu.Unlock()
	s.runner.Finish(patience)
	var failed []error
	if text := parts[partCells]; text != nil {
		if err := s.restoreCells(ctx, text); err != nil {
			s.names, s.constants = newNames(), nil
			s.settle()
			failed = append(failed, fmt.Errorf("declarations: %w", err))
		}
	}
	if text := parts[partMachine]; text != nil {
		if err := s.restoreMachine(text, parts[partProgram]); err != nil {
			failed = append(failed, fmt.Errorf("the machine: %w", err))
		}
	}
	return errors.Join(failed...)
}

func (s *Session) restoreMachine(text, file []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	var r recordMachine
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	r.Program.File = file
	m := lab.EnterProgram(r.Moment, r.Program)
	s.stageNow = r.Stage
	return s.setMachine(m)
}

// restoreCells compiles all declarations as one file: they may use each other in any order. Each keeps its position in its cell.
func (s *Session) restoreCells(ctx context.Context, text []byte) error {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	lab.Lang = r.Lang
	if r.Dir != "" {
		os.Chdir(r.Dir) // it may have gone
	}
	s.imports = r.Imports
	all := &compilation{s: s}
	// The interpreter looks for the packages of types in the file where they stand, for other packages in the one that is compiled.
	const whole = "restored[1]"
	files := map[string]string{whole: strings.Join(sortedKeys(s.imports), " ")}
	maps.Copy(files, r.Sources)
	for _, file := range sortedKeys(files) {
		s.oldFile(file)
		c := &compilation{s: s, name: file, code: files[file]}
		if err := c.importAll(nil); err != nil {
			return err
		}
		all.programs = append(all.programs, c.programs...)
	}
	f, err := parseDecls(s.in.FileSet(), whole, "", nil)
	if err != nil {
		return err
	}
	defs, order := map[string]definition{}, []string(nil)
	for _, d := range r.Declarations {
		code := r.Sources[d.File]
		one, err := parseDecls(s.in.FileSet(), d.File, code, []item{d.item()})
		if err != nil {
			return err
		}
		now := func(name string) bool { return slices.Contains(d.Names, name) }
		if d.Kind == token.CONST {
			s.constants = append(s.constants, constDecl{d.File, code, d.item(), d.Names, mentions(one, one.Decls[0])})
		}
		these, names := define(one, d.File, code, []item{d.item()})
		for _, name := range names {
			if now(name) {
				defs[name], order = these[name], append(order, name)
			}
		}
		onlyNamed(one, now)
		f.Decls = append(f.Decls, one.Decls...)
	}
	s.names.add(defs, order)
	if len(f.Decls) > 0 {
		if err := all.add(f); err != nil {
			return err
		}
	}
	for _, p := range all.programs {
		if err := s.run(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// onlyNamed takes out of the declarations of a file the names that later cells have given another meaning.
func onlyNamed(f *ast.File, want func(string) bool) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		g.Specs = slices.DeleteFunc(g.Specs, func(spec ast.Spec) bool {
			t, ok := spec.(*ast.TypeSpec)
			return ok && !want(t.Name.Name)
		})
		for _, spec := range g.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					if !want(id.Name) {
						id.Name = "_" // the others keep their iota
					}
				}
			}
		}
	}
}

// Trace makes the session tell of each position that a panic passes.
func (s *Session) Trace(f func(line string)) { s.out.trace.notify = f }

// InfoOf says what the language is, without a session.
func InfoOf(version string) kernel.Info { return (&Session{version: version}).Info() }
