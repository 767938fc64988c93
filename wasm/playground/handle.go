package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/rt0lab/rt0/lessons"
)

// A Request is what the page asks. Every request but "boot" is about the machine that was booted last.
type Request struct {
	// Method is "boot", "move", "view", "whoWrote", "hash" or "json".
	Method string `json:"method"`
	Config Config `json:"config"`
	Move   Move   `json:"move"`
	Expr   string `json:"expr"`
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
	JSON string `json:"json,omitempty"`
}

// A Server answers requests, one at a time.
type Server struct{ p *Playground }

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
			return r, err // the machine of before stays
		}
		s.p = p
		if req.Move.To != "" {
			if _, err := p.Go(ctx, req.Move); err != nil {
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
		note, err := s.p.Go(ctx, req.Move)
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
	case "hash":
		r.Hash = s.p.Hash()
	case "json":
		var b bytes.Buffer
		if err := lessons.WriteJSON(&b, s.p.Moments()); err != nil {
			return r, err
		}
		r.JSON = b.String()
	default:
		return r, fmt.Errorf("%q is no request", req.Method)
	}
	return r, nil
}

func (s *Server) view(req Request, note string) *View {
	v := s.p.View(req.Figures, req.Lang)
	v.Note = note
	return &v
}

// Decode reads a request. What it does not know is an error, so that a page and a machine of different versions notice.
func Decode(text string) (req Request, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&req); err != nil {
		return req, fmt.Errorf("request: %w", err)
	}
	return req, nil
}
