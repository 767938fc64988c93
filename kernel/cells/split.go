package cells

import (
	"go/scanner"
	"go/token"
	"strings"
)

// An item is one declaration or statement at the top of a cell: code[start:end].
type item struct {
	kind       token.Token // IMPORT, TYPE, FUNC, VAR, CONST, or ILLEGAL for a statement
	start, end int
}

// split takes a cell apart. Go's parser cannot: a file has no statements, a function body no imports and no methods.
func split(code string) []item {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(token.Position, string) {}, 0)
	var items []item
	var toks []token.Token // of the present item, as far as they tell what it is
	depth, start, end := 0, -1, 0
	header := false // between for, if or switch and its block, where semicolons separate no statements
	flush := func() {
		if start >= 0 {
			items = append(items, item{kindOf(toks), start, end})
		}
		start, toks = -1, toks[:0]
	}
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			flush()
			return items
		}
		if tok == token.SEMICOLON && depth == 0 && !(header && lit == ";") {
			header = false
			flush()
			continue
		}
		at := file.Offset(pos)
		if start < 0 {
			start = at
		}
		switch tok {
		case token.FOR, token.IF, token.SWITCH:
			header = header || depth == 0
		case token.LPAREN, token.LBRACK, token.LBRACE:
			header = header && !(tok == token.LBRACE && depth == 0)
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth = max(depth-1, 0)
		}
		switch {
		case tok == token.SEMICOLON && lit == "\n": // put there by the scanner, at the end of the cell too
		case tok == token.STRING && lit[0] == '`': // the scanner leaves carriage returns out of lit
			end = at + 1 + strings.IndexByte(code[at+1:]+"`", '`')
			end = min(end+1, len(code))
		case lit != "":
			end = at + len(lit)
		default:
			end = at + len(tok.String())
		}
		if len(toks) == 0 || toks[0] == token.FUNC && len(toks) < 64 {
			toks = append(toks, tok)
		}
	}
}

// kindOf tells what an item is from its first tokens. "func" begins a declaration if a name follows, or a receiver and a name
// with its parameters; else it is a function literal that is called.
func kindOf(toks []token.Token) token.Token {
	switch toks[0] {
	case token.IMPORT, token.TYPE, token.VAR, token.CONST:
		return toks[0]
	case token.FUNC:
		if len(toks) > 1 && toks[1] == token.IDENT {
			return token.FUNC
		}
		depth := 0
		for i, t := range toks[1:] {
			switch t {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				depth--
			}
			if depth == 0 {
				rest := toks[i+2:]
				if len(rest) > 1 && rest[0] == token.IDENT && rest[1] == token.LPAREN {
					return token.FUNC
				}
				break
			}
		}
	}
	return token.ILLEGAL
}

// only returns code with everything outside of the items blanked, so that lines and columns stay.
func only(code string, items []item) string {
	b := []byte(code)
	at := 0
	blank := func(to int) {
		for ; at < to; at++ {
			if b[at] != '\n' && b[at] != '\t' && b[at] != '\r' {
				b[at] = ' '
			}
		}
	}
	for _, it := range items {
		blank(it.start)
		at = it.end
		for at < len(b) && (b[at] == ' ' || b[at] == '\t') { // one on the same line may follow
			at++
		}
		if at < len(b) && b[at] == ';' {
			at++
		}
	}
	blank(len(b))
	return string(b)
}

// A part is a run of lines of a cell: code, or one command that begins with % or $.
type part struct {
	command bool
	text    string // as long as the cell up to here, blanked, so that lines stay
	line    int    // of a command
}

// parts separates commands from code. A line in a raw string is code whatever it begins with.
func parts(cell string) []part {
	var list []part
	var code strings.Builder
	lines := strings.SplitAfter(cell, "\n")
	raw, has := false, false
	skipped := 0 // lines of commands that the code that follows has to be shifted by
	flush := func() {
		if has {
			list = append(list, part{text: code.String()})
		}
		code.Reset()
		has = false
		code.WriteString(strings.Repeat("\n", skipped))
	}
	for i, l := range lines {
		if t := strings.TrimRight(l, " \t\r\n"); !raw && t != "" && (t[0] == '%' || t[0] == '$') {
			skipped = i
			flush()
			list = append(list, part{command: true, text: t, line: i + 1})
			skipped = i + 1
			code.Reset()
			code.WriteString(strings.Repeat("\n", skipped))
			continue
		}
		raw = raw != (strings.Count(l, "`")%2 == 1)
		code.WriteString(l)
		has = has || strings.TrimSpace(l) != ""
	}
	flush()
	return list
}
