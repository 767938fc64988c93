// Package notebooks makes Jupyter notebooks of the lessons: one a lesson and language, executed by the kernel itself, so that
// they read well where nothing can run. The .ipynb files beside it are its output.
package notebooks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/traefik/yaegi/stdlib"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/kernel/cells"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/script"
)

//go:generate go run ./generate

// A notebook is a file in nbformat 4.5 (https://nbformat.readthedocs.io/en/latest/format_description.html).
type notebook struct {
	Cells         []cell         `json:"cells"`
	Metadata      map[string]any `json:"metadata"`
	NBFormat      int            `json:"nbformat"`
	NBFormatMinor int            `json:"nbformat_minor"`
}

type cell struct {
	Type           string           `json:"cell_type"`
	ExecutionCount *int             `json:"execution_count,omitempty"`
	ID             string           `json:"id"`
	Metadata       map[string]any   `json:"metadata"`
	Outputs        []map[string]any `json:"outputs,omitempty"`
	Source         []string         `json:"source"`
}

// codeCell is a cell of code: there outputs and execution_count must be present even when empty.
type codeCell struct {
	Type           string           `json:"cell_type"`
	ExecutionCount *int             `json:"execution_count"`
	ID             string           `json:"id"`
	Metadata       map[string]any   `json:"metadata"`
	Outputs        []map[string]any `json:"outputs"`
	Source         []string         `json:"source"`
}

// MarshalJSON writes the keys that the kind of cell must have.
func (c cell) MarshalJSON() ([]byte, error) {
	if c.Type == "code" {
		if c.Outputs == nil {
			c.Outputs = []map[string]any{}
		}
		return json.Marshal(codeCell(c))
	}
	type plain cell
	return json.Marshal(plain(c))
}

// File returns the name of a lesson's notebook.
func File(l *script.Lesson, lang string) string {
	return fmt.Sprintf("%02d_%s.%s.ipynb", l.Number, l.Name, lang)
}

// Make returns a lesson's notebook, executed.
func Make(ctx context.Context, l *script.Lesson, lang string) ([]byte, error) {
	old := lab.Lang
	defer func() { lab.Lang = old }()
	lab.Lang = lang
	r, err := newRunner()
	if err != nil {
		return nil, err
	}
	defer r.close()
	nb := notebook{NBFormat: 4, NBFormatMinor: 5, Metadata: map[string]any{
		"kernelspec":    map[string]any{"display_name": "Go (rt0)", "language": "go", "name": "rt0"},
		"language_info": map[string]any{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"},
	}}
	add := func(c cell) {
		c.ID = fmt.Sprintf("%s-%02d", l.Name, len(nb.Cells))
		c.Metadata = map[string]any{}
		nb.Cells = append(nb.Cells, c)
	}
	code := func(src string) error {
		outputs, count, err := r.run(ctx, src)
		if err != nil {
			return fmt.Errorf("%s, cell %d: %w", File(l, lang), len(nb.Cells), err)
		}
		add(cell{Type: "code", Source: lines(src), Outputs: outputs, ExecutionCount: &count})
		return nil
	}
	imported := false
	for _, p := range l.Parts {
		if p.Code == "" {
			add(cell{Type: "markdown", Source: lines(p.Prose[lang])})
			continue
		}
		src := p.Code
		if !imported {
			src = imports(l.Imports) + language(lang) + "\n" + src
			imported = true
		}
		if err := code(strings.TrimRight(src, "\n")); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(nb); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func imports(paths []string) string {
	var b strings.Builder
	b.WriteString("import (\n")
	for _, p := range paths {
		fmt.Fprintf(&b, "\t%q\n", p)
	}
	b.WriteString(")\n")
	return b.String()
}

// language is what a notebook says first, if the kernel would speak another language.
func language(lang string) string {
	if lang == "en" {
		return ""
	}
	return fmt.Sprintf("\nlab.SetLang(%q)\n", lang)
}

// lines splits text as nbformat wants it: each line with its newline.
func lines(s string) []string { return strings.SplitAfter(s, "\n") }

// A runner executes cells by the kernel's own handler and collects what it says on IOPub.
type runner struct {
	handler *kernel.Handler
	said    chan *kernel.Message
	count   int
}

func newRunner() (*runner, error) {
	s, err := cells.New(cells.Options{Version: "notebooks", Symbols: stdlib.Symbols, Program: find})
	if err != nil {
		return nil, err
	}
	r := &runner{said: make(chan *kernel.Message, 1024)}
	r.handler = kernel.NewHandler(s, func(ch kernel.Channel, m *kernel.Message) error {
		if ch == kernel.IOPub {
			r.said <- m
		}
		return nil
	}, kernel.Options{})
	return r, nil
}

// find looks for a program as package lab does where there is no kernel, before one takes its place. What the go command says on
// the way, such as that it downloads a version, is then not part of a notebook: another computer has that version.
var find = lab.Program

func (r *runner) close() {
	done := make(chan struct{})
	go func() { // what is still said must not keep the handler waiting
		for {
			select {
			case <-r.said:
			case <-done:
				return
			}
		}
	}()
	r.handler.Close()
	close(done)
}

// maxCell is how long a cell of a lesson may take.
const maxCell = 2 * time.Minute

// run executes a cell and returns its outputs as nbformat has them.
func (r *runner) run(ctx context.Context, src string) (outputs []map[string]any, count int, err error) {
	r.count++
	content, err := json.Marshal(map[string]any{"code": src, "silent": false, "store_history": true, "allow_stdin": false, "stop_on_error": true,
		"user_expressions": map[string]any{}})
	if err != nil {
		return nil, 0, err
	}
	id := fmt.Sprintf("cell-%d", r.count)
	r.handler.Receive(kernel.Shell, &kernel.Message{
		Header:   kernel.Header{ID: id, Type: "execute_request", Session: "notebooks", Username: "notebooks", Version: kernel.ProtocolVersion},
		Metadata: json.RawMessage("{}"), Content: content,
	})
	ctx, cancel := context.WithTimeout(ctx, maxCell)
	defer cancel()
	for {
		var m *kernel.Message
		select {
		case m = <-r.said:
		case <-ctx.Done():
			r.handler.Interrupt()
			return nil, 0, ctx.Err()
		}
		if m.Parent.ID != id {
			continue
		}
		var c map[string]any
		if err := json.Unmarshal(m.Content, &c); err != nil {
			return nil, 0, err
		}
		switch m.Header.Type {
		case "status":
			if c["execution_state"] == "idle" {
				return outputs, r.count, nil
			}
		case "stream":
			if n := len(outputs); n > 0 && outputs[n-1]["output_type"] == "stream" && outputs[n-1]["name"] == c["name"] {
				outputs[n-1]["text"] = outputs[n-1]["text"].(string) + c["text"].(string)
				continue
			}
			outputs = append(outputs, map[string]any{"output_type": "stream", "name": c["name"], "text": c["text"]})
		case "display_data", "execute_result":
			if t, ok := c["transient"].(map[string]any); ok {
				if id, _ := t["display_id"].(string); strings.HasPrefix(id, cells.ProgressID) {
					continue // a slow computer shows it, a quick one does not
				}
			}
			o := map[string]any{"output_type": m.Header.Type, "data": c["data"], "metadata": c["metadata"]}
			if m.Header.Type == "execute_result" {
				o["execution_count"] = r.count
			}
			outputs = append(outputs, o)
		case "error":
			return nil, 0, fmt.Errorf("%v: %v", c["ename"], c["evalue"])
		}
	}
}
