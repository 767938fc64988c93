package kernel

import (
	"context"
	"errors"
	"strings"
)

// A Session runs cells. The Handler calls Execute, Value, Complete and Inspect one at a time. It calls Info and IsComplete from
// other goroutines at any time, also while a cell runs: front ends may ask on the control channel. Close comes last, alone. A
// Session must not panic and must not end the process, whatever the cell does.
type Session interface {
	// Info says what language this is, and its banner. It must not wait for the cell that runs.
	Info() Info
	// Execute runs a cell. What the cell shows and prints goes through cell's methods; its value comes back, nil if it has
	// none. ctx ends when the cell is interrupted: Execute then returns soon, and what the cells defined so far stays.
	Execute(ctx context.Context, cell *Cell) (*Bundle, error)
	// Value evaluates one expression without showing anything.
	Value(ctx context.Context, expr string) (*Bundle, error)
	// Complete returns what may stand at the byte offset pos of code.
	Complete(code string, pos int) Completion
	// Inspect tells about the name at the byte offset pos; more if detail is 1. It returns nil if nothing is known.
	Inspect(code string, pos, detail int) *Bundle
	// IsComplete says whether a terminal should run the code or ask for another line. It must not wait for the cell that runs.
	IsComplete(code string) Completeness
	// Close ends what the session has started.
	Close()
}

// Info is what kernel_info_reply says about the language.
type Info struct {
	Implementation, Version, Banner string
	Language                        LanguageInfo
	Links                           []HelpLink
}

// LanguageInfo tells front ends how to colour, save and convert cells.
type LanguageInfo struct {
	Name           string `json:"name"`
	Version        string `json:"version"`
	MIMEType       string `json:"mimetype"`
	FileExtension  string `json:"file_extension"`
	PygmentsLexer  string `json:"pygments_lexer"`
	CodeMirrorMode string `json:"codemirror_mode"`
	NBConvert      string `json:"nbconvert_exporter"`
}

// A HelpLink is an entry of the front end's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// A Bundle is one thing in several formats: the front end shows the richest that it can. Data is by MIME type; JSON types
// hold values, the others strings (binary ones in base64).
type Bundle struct {
	Data     map[string]any
	Metadata map[string]any
}

// Text returns the plain text of a bundle.
func (b *Bundle) Text() string {
	if b == nil {
		return ""
	}
	s, _ := b.Data["text/plain"].(string)
	return s
}

// A Completion is a list of texts that may replace code[Start:End], in bytes.
type Completion struct {
	Matches    []string
	Start, End int
	// Types says of each match what it is: "function", "variable", "magic" …
	Types []string
}

// Completeness is the answer to "would this run?".
type Completeness struct {
	// Status is "complete", "incomplete", "invalid" or "unknown".
	Status string
	// Indent is what the next line of an incomplete cell begins with.
	Indent string
}

// ErrInterrupted is the cause of a cell's context when the user presses stop.
var ErrInterrupted = errors.New("interrupted")

// ErrNoStdin is what Cell.Input returns if the front end cannot ask.
var ErrNoStdin = errors.New("this front end does not answer questions")

// A CellError is an error as front ends show it.
type CellError struct {
	// Name is the kind of the error, such as "panic".
	Name string
	// Value is what it says.
	Value string
	// Traceback are the lines shown; ANSI colours are allowed.
	Traceback []string
}

func (e *CellError) Error() string { return e.Name + ": " + e.Value }

// Mark returns a line of code for a traceback, and a line with a mark below its column, which counts bytes from 1.
func Mark(line string, column int) []string {
	column = min(max(column-1, 0), len(line))
	blank := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[:column])
	return []string{"  " + line, "  " + blank + "\x1b[31m^\x1b[0m"}
}

// asCellError turns any error into what front ends can show.
func asCellError(err error) *CellError {
	var e *CellError
	if !errors.As(err, &e) {
		e = &CellError{Name: "error", Value: err.Error()}
	}
	if len(e.Traceback) == 0 {
		e = &CellError{e.Name, e.Value, []string{"\x1b[31m" + e.Name + "\x1b[0m: " + e.Value}}
	}
	return e
}
