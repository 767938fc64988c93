package playground

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"

	"github.com/rt0lab/rt0/internal/plainjson"
	"github.com/rt0lab/rt0/lessons"
)

// A Request is what the page asks. Every request but "boot" is about the machine that was booted last.
type Request struct {
	// Method is "boot", "move", "view", "whoWrote", "whoChanged", "hash", "json", "resolve", "lines", "lanes", "listing" or "memory".
	Method string `json:"method"`
	Config Config `json:"config"`
	Move   Move   `json:"move"`
	// Expr is what "whoWrote" and "memory" are about.
	Expr string `json:"expr"`
	// Breaks are what "resolve" is about, and to which a "move" to "breakpoint" runs.
	Breaks []Break `json:"breaks"`
	// File is the source file of "lines".
	File string `json:"file"`
	// Place is the place whose function "listing" lists, "" the current instruction.
	Place string `json:"place"`
	// From and To are the ticks of "lanes".
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
	// Before and Count are the words of "memory": how many before what Expr means, and how many in all.
	Before int `json:"before"`
	Count  int `json:"count"`
	// Figures and Lang say what a view draws, and how.
	Figures []string `json:"figures"`
	Lang    string   `json:"lang"`
}

// A Reply is the answer: of its parts those that the request asks for.
type Reply struct {
	Outline *Outline `json:"outline,omitempty"`
	View    *View    `json:"view,omitempty"`
	Write   *Write   `json:"write,omitempty"`
	Hash    string   `json:"hash,omitempty"`
	// JSON is what `rt0 boot -format json` writes.
	JSON     string       `json:"json,omitempty"`
	Resolved []Resolved   `json:"resolved,omitempty"`
	Lines    []SourceLine `json:"lines,omitempty"`
	Lanes    *Lanes       `json:"lanes,omitempty"`
	Listing  *Listing     `json:"listing,omitempty"`
	Memory   []Word       `json:"memory,omitempty"`
}

// A Server answers requests, one at a time.
type Server struct {
	// Early, if not nil, is told of the machine before a boot's answer is complete.
	Early func(Reply)

	p *Playground
}

// Handle answers one request. program is the ELF file of a "boot". A panic of ours becomes an error: the machine is a value,
// and the page goes on with it.
func (s *Server) Handle(ctx context.Context, req Request, program []byte) (r Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("rt0 has a bug: %v; please report it with what you did and this line\n%s", p, debug.Stack())
		}
	}()
	if req.Method == "boot" {
		p, err := Boot(ctx, program, req.Config)
		if err != nil {
			return r, inPage(err, req.Lang) // the machine of before stays
		}
		s.p = p
		if req.Move.To != "" {
			if _, err := p.Go(ctx, req.Move, req.Breaks); err != nil {
				return r, err
			}
		}
		o := p.Outline()
		r.Outline = &o
		r.View = s.view(req, "")
		return r, nil
	}
	if s.p == nil {
		return r, ErrNotBooted
	}
	switch req.Method {
	case "move":
		note, err := s.p.Go(ctx, req.Move, req.Breaks)
		if err != nil {
			return r, err
		}
		r.View = s.view(req, note)
	case "view":
		r.View = s.view(req, "")
	case "whoWrote":
		w, err := s.p.WhoWrote(ctx, req.Expr)
		if err != nil {
			return r, err
		}
		r.Write = &w
	case "whoChanged":
		w, err := s.p.WhoChanged(ctx, req.Expr)
		if err != nil {
			return r, err
		}
		r.Write = &w
	case "hash":
		r.Hash = s.p.Hash()
	case "json":
		var b bytes.Buffer
		if err := lessons.WriteJSON(&b, s.p.Moments()); err != nil {
			return r, err
		}
		r.JSON = b.String()
	case "resolve":
		r.Resolved, err = s.p.Resolve(req.Breaks)
	case "lines":
		r.Lines = s.p.Lines(req.File)
	case "lanes":
		var l Lanes
		l, err = s.p.Lanes(ctx, req.From, req.To)
		r.Lanes = &l
	case "listing":
		var l Listing
		l, err = s.p.Listing(req.Place)
		r.Listing = &l
	case "memory":
		r.Memory, err = s.p.Memory(req.Expr, req.Before, req.Count)
	default:
		err = fmt.Errorf("%q is no request", req.Method)
	}
	return r, err
}

func (s *Server) view(req Request, note string) *View {
	v := s.p.View(req.Figures, req.Lang)
	v.Note = note
	return &v
}

// Decode reads a request. What it does not know is an error, so that a page and a machine of different versions notice.
func Decode(text string) (req Request, err error) {
	if err := plainjson.Decode(text, &req); err != nil {
		return req, fmt.Errorf("request: %w", err)
	}
	return req, nil
}

// Encode writes an answer.
func Encode(r Reply) string { return string(plainjson.Append(nil, r)) }
