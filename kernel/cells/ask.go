package cells

import (
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/kernel"
)

// IsComplete parses the code with Go's own parser: code whose only fault is its end is incomplete.
func (s *Session) IsComplete(code string) kernel.Completeness {
	if _, ok := wholeCell(code); ok {
		return kernel.Completeness{Status: "unknown"}
	}
	for _, p := range parts(code) {
		if p.command {
			continue
		}
		if open, indent := unfinished(p.text); open {
			return kernel.Completeness{Status: "incomplete", Indent: indent}
		}
		for _, it := range split(p.text) {
			var err error
			if it.kind == token.ILLEGAL {
				_, err = parseStmts(token.NewFileSet(), "", p.text, []item{it})
			} else {
				_, err = parseDecls(token.NewFileSet(), "", p.text, []item{it})
			}
			if err == nil || it.kind == token.ILLEGAL && parseList(token.NewFileSet(), "", p.text, it) != nil {
				continue
			}
			if list, ok := err.(scanner.ErrorList); ok && it.end == len(strings.TrimRight(p.text, " \t\n")) && strings.Contains(list[0].Msg, "found 'EOF'") {
				return kernel.Completeness{Status: "incomplete"}
			}
			return kernel.Completeness{Status: "invalid"}
		}
	}
	return kernel.Completeness{Status: "complete"}
}

// unfinished says whether code ends within brackets, a raw string, a comment, or after an operator; and how far the next
// line is indented.
func unfinished(code string) (open bool, indent string) {
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", -1, len(code)), []byte(code), func(_ token.Position, msg string) {
		open = open || strings.Contains(msg, "raw string literal not terminated") || strings.Contains(msg, "comment not terminated")
	}, 0)
	depth := 0
	last := token.SEMICOLON
	for {
		_, tok, lit := sc.Scan()
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		case token.EOF:
			if last.IsOperator() && last != token.SEMICOLON && last != token.INC && last != token.DEC && last != token.RPAREN && last != token.RBRACK && last != token.RBRACE {
				open = true
			}
			return open || depth > 0, strings.Repeat("\t", max(depth, 0))
		}
		if tok != token.SEMICOLON || lit == ";" {
			last = tok
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
