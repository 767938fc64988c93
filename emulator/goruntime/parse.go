package goruntime

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A node is a part of an expression. The grammar is the corner of Go's that can be read:
//
//	expr    = { "*" | "&" } operand .
//	operand = ( name | number | "(" expr ")" ) { "." name | "[" expr "]" | "(" [ expr { "," expr } ] ")" } .
type node interface{}

type (
	nameNode     string
	numberNode   string
	groupNode    struct{ x node }
	starNode     struct{ x node }
	addressNode  struct{ x node }
	selectorNode struct {
		x    node
		name string
	}
	indexNode struct{ x, i node }
	callNode  struct {
		fun  node
		args []node
	}
)

// maxNesting bounds how deep an expression nests, so that a hostile one cannot exhaust the stack.
const maxNesting = 200

type parser struct {
	text  string
	at    int // of the token
	token string
	deep  int
}

// parse reads an expression.
func parse(text string) (node, error) {
	p := &parser{text: text}
	p.next()
	n, err := p.expr()
	if err == nil && p.token != "" {
		err = p.expected("the end")
	}
	return n, err
}

// next reads the token behind the present one: a name, a number, or else a single character; "" is the end.
func (p *parser) next() {
	p.at += len(p.token)
	rest := p.text[p.at:]
	trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace)
	p.at += len(rest) - len(trimmed)
	word := strings.IndexFunc(trimmed, func(r rune) bool { return !isWord(r) })
	switch {
	case trimmed == "":
		p.token = ""
	case word < 0:
		p.token = trimmed
	case word > 0:
		p.token = trimmed[:word]
	default:
		_, n := utf8.DecodeRuneInString(trimmed)
		p.token = trimmed[:n]
	}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (p *parser) expected(what string) error {
	found := "the end"
	if p.token != "" {
		found = fmt.Sprintf("%q", p.token)
	}
	return fmt.Errorf("not an expression: column %d: expected %s, found %s", p.at+1, what, found)
}

func (p *parser) take(token string) error {
	if p.token != token {
		return p.expected(fmt.Sprintf("%q", token))
	}
	p.next()
	return nil
}

func (p *parser) expr() (node, error) {
	if p.deep++; p.deep > maxNesting {
		return nil, fmt.Errorf("not an expression: it nests deeper than %d", maxNesting)
	}
	defer func() { p.deep-- }()
	op := p.token
	if op != "*" && op != "&" {
		return p.operand()
	}
	p.next()
	x, err := p.expr()
	if op == "*" {
		return starNode{x}, err
	}
	return addressNode{x}, err
}

func (p *parser) operand() (node, error) {
	x, err := p.primary()
	for err == nil {
		switch p.token {
		case ".":
			p.next()
			x = selectorNode{x, p.token}
			err = p.name()
		case "[":
			p.next()
			var i node
			if i, err = p.expr(); err == nil {
				x, err = indexNode{x, i}, p.take("]")
			}
		case "(":
			p.next()
			call := callNode{fun: x}
			call.args, err = p.arguments()
			x = call
		default:
			return x, nil
		}
	}
	return nil, err
}

func (p *parser) arguments() (args []node, err error) {
	for p.token != ")" {
		x, err := p.expr()
		if err != nil {
			return nil, err
		}
		args = append(args, x)
		if p.token != ")" {
			if err := p.take(","); err != nil {
				return nil, err
			}
		}
	}
	return args, p.take(")")
}

// name goes past a name.
func (p *parser) name() error {
	if r, _ := utf8.DecodeRuneInString(p.token); !isWord(r) || unicode.IsDigit(r) {
		return p.expected("a name")
	}
	p.next()
	return nil
}

func (p *parser) primary() (node, error) {
	token := p.token
	switch r, _ := utf8.DecodeRuneInString(token); {
	case token == "(":
		p.next()
		x, err := p.expr()
		if err != nil {
			return nil, err
		}
		return groupNode{x}, p.take(")")
	case unicode.IsDigit(r):
		p.next()
		return numberNode(token), nil
	}
	return nameNode(token), p.name()
}
