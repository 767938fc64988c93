package cells

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A tok is a token of code before the cursor.
type tok struct {
	kind       token.Token
	text       string
	start, end int
}

// tokens takes code apart. open is where a string begins that does not end, -1
// if there is none.
func tokens(code string) (list []tok, open int) {
	open = -1
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(p token.Position, msg string) {
		if strings.Contains(msg, "literal not terminated") && open < 0 {
			open = p.Offset
		}
	}, 0)
	for {
		pos, kind, text := sc.Scan()
		if kind == token.EOF || open >= 0 {
			return list, open
		}
		if text == "" {
			text = kind.String()
		}
		at := file.Offset(pos)
		if text == "\n" {
			text = "" // a semicolon that is not written
		}
		list = append(list, tok{kind, text, at, at + len(text)})
	}
}

// trim takes semicolons off the end, which the scanner puts behind a name.
func trim(list []tok) []tok {
	for len(list) > 0 && list[len(list)-1].kind == token.SEMICOLON {
		list = list[:len(list)-1]
	}
	return list
}

// nameAt returns where the name at pos begins and ends.
func nameAt(code string, pos int) (start, end int) {
	isPart := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	start, end = pos, pos
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:start])
		if !isPart(r) {
			break
		}
		start -= n
	}
	for end < len(code) {
		r, n := utf8.DecodeRuneInString(code[end:])
		if !isPart(r) {
			break
		}
		end += n
	}
	return start, end
}

var closing = map[token.Token]token.Token{token.RPAREN: token.LPAREN, token.RBRACK: token.LBRACK, token.RBRACE: token.LBRACE}

// operand returns the index in list at which the operand begins whose last token is list[last]: a.b[c].d(e). It is -1 if none
// ends there.
func operand(list []tok, last int) int {
	i := last
	for i >= 0 {
		switch list[i].kind {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			open, depth := closing[list[i].kind], 0
			close := list[i].kind
			for ; i >= 0; i-- {
				if list[i].kind == close {
					depth++
				} else if list[i].kind == open {
					depth--
				}
				if depth == 0 {
					break
				}
			}
			if i <= 0 {
				return i
			}
			switch k := list[i-1].kind; {
			case k == token.IDENT || closing[k] != 0:
				i--
				continue
			case open == token.LPAREN:
				return i
			}
			return -1
		case token.IDENT, token.STRING, token.INT, token.FLOAT, token.CHAR:
			if i >= 2 && list[i-1].kind == token.PERIOD {
				i -= 2
				continue
			}
			return i
		default:
			return -1
		}
	}
	return -1
}

// closers returns what ends the brackets and headers that are open after the tokens.
func closers(list []tok) string {
	const header = token.IF // stands for for, if, switch, select: a block must follow
	var stack []token.Token
	pop := func() {
		if len(stack) > 0 {
			stack = stack[:len(stack)-1]
		}
	}
	for _, t := range list {
		switch t.kind {
		case token.FOR, token.IF, token.SWITCH, token.SELECT:
			stack = append(stack, header)
		case token.LPAREN, token.LBRACK:
			stack = append(stack, t.kind)
		case token.LBRACE:
			if n := len(stack); n > 0 && stack[n-1] == header {
				stack = stack[:n-1]
			}
			stack = append(stack, t.kind)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			pop()
		}
	}
	var b strings.Builder
	for i := len(stack) - 1; i >= 0; i-- {
		b.WriteString(map[token.Token]string{header: "{}", token.LPAREN: ")", token.LBRACK: "]", token.LBRACE: "\n}"}[stack[i]])
	}
	return b.String()
}

// A within is a string literal in which the cursor is.
type within struct {
	callee string // the function whose argument it is, such as "machine.Eval"; "import" in an import declaration
	arg    int    // which argument
	start  int    // of the text in it
}

// stringAt returns the string literal in which the cursor is, which need not be closed; nil if it is in none.
func stringAt(code string, pos int) *within {
	list, open := tokens(code[:pos])
	if open < 0 {
		return nil
	}
	w := &within{start: open + 1}
	depth, i := 0, len(list)-1
	statement := false // the string's statement has been left
	for ; i >= 0; i-- {
		switch list[i].kind {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth++
			continue
		case token.LBRACK, token.LBRACE:
			depth--
		case token.COMMA:
			if depth == 0 {
				w.arg++
			}
		case token.SEMICOLON:
			statement = true
		case token.IMPORT:
			if !statement {
				w.callee = "import"
				return w
			}
		case token.LPAREN:
			depth--
		}
		if depth < 0 {
			break
		}
	}
	if i < 0 || list[i].kind != token.LPAREN {
		return w
	}
	if i > 0 && list[i-1].kind == token.IMPORT {
		w.callee = "import"
		return w
	}
	if from := operand(list, i-1); i > 0 && from >= 0 && !statement {
		w.callee = code[list[from].start:list[i-1].end]
	}
	return w
}
