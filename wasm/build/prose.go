package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	table "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A Prose is a piece of rendered Markdown: text if it has no Tag, else an element. The page makes elements of it one by one,
// so that no text of a lesson is ever read as HTML.
type Prose struct {
	Tag      string  `json:"t,omitempty"`
	Text     string  `json:"x,omitempty"`
	Href     string  `json:"h,omitempty"` // of a link
	Start    int     `json:"n,omitempty"` // of a numbered list, if it is not 1
	Children []Prose `json:"c,omitempty"`
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough))

// renderProse parses Markdown. What the page cannot show is an error, so that a lesson never loses a piece in silence.
func renderProse(source string) ([]Prose, error) {
	src := []byte(source)
	r := proseRenderer{src: src}
	return r.children(markdown.Parser().Parse(text.NewReader(src)))
}

type proseRenderer struct{ src []byte }

func (r *proseRenderer) children(n ast.Node) ([]Prose, error) {
	var out []Prose
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p, err := r.node(c)
		if err != nil {
			return nil, err
		}
		out = appendProse(out, p...)
	}
	return out, nil
}

// appendProse joins neighbouring texts.
func appendProse(out []Prose, more ...Prose) []Prose {
	for _, p := range more {
		if n := len(out); n > 0 && p.Tag == "" && out[n-1].Tag == "" {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	return out
}

func (r *proseRenderer) node(n ast.Node) ([]Prose, error) {
	switch n := n.(type) {
	case *ast.Text:
		return []Prose{{Text: r.text(n)}}, nil
	case *ast.String:
		return []Prose{{Text: string(n.Value)}}, nil
	case *ast.RawHTML: // shown as it is written
		return []Prose{{Text: string(n.Segments.Value(r.src))}}, nil
	case *ast.HTMLBlock:
		return []Prose{{Tag: "pre", Children: []Prose{{Text: string(n.Lines().Value(r.src))}}}}, nil
	case *ast.FencedCodeBlock:
		return []Prose{{Tag: "pre", Children: []Prose{{Text: string(n.Lines().Value(r.src))}}}}, nil
	case *ast.CodeBlock:
		return []Prose{{Tag: "pre", Children: []Prose{{Text: string(n.Lines().Value(r.src))}}}}, nil
	case *ast.AutoLink:
		return []Prose{{Tag: "a", Href: string(n.URL(r.src)), Children: []Prose{{Text: string(n.Label(r.src))}}}}, safe(string(n.URL(r.src)))
	}
	children, err := r.children(n)
	if err != nil {
		return nil, err
	}
	p := Prose{Children: children}
	switch n := n.(type) {
	case *ast.Paragraph:
		p.Tag = "p"
	case *ast.TextBlock: // the text of a tight list's item
		return children, nil
	case *ast.Heading:
		p.Tag = fmt.Sprintf("h%d", n.Level)
	case *ast.List:
		p.Tag = "ul"
		if n.IsOrdered() {
			p.Tag = "ol"
			if n.Start != 1 {
				p.Start = n.Start
			}
		}
	case *ast.ListItem:
		p.Tag = "li"
	case *ast.Blockquote:
		p.Tag = "blockquote"
	case *ast.ThematicBreak:
		p.Tag = "hr"
	case *ast.CodeSpan:
		p.Tag = "code"
	case *ast.Emphasis:
		p.Tag = "em"
		if n.Level == 2 {
			p.Tag = "strong"
		}
	case *ast.Link:
		p.Tag, p.Href = "a", string(n.Destination)
		err = safe(p.Href)
	case *table.Table:
		p.Tag = "table"
	case *table.TableHeader, *table.TableRow:
		p.Tag = "tr"
	case *table.TableCell:
		p.Tag = "td"
		if n.Parent().Kind() == table.KindTableHeader {
			p.Tag = "th"
		}
	case *table.Strikethrough:
		p.Tag = "del"
	default:
		err = fmt.Errorf("the page cannot show %v in a lesson", n.Kind())
	}
	return []Prose{p}, err
}

// safe says whether a link may stand on the page.
func safe(href string) error {
	if strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "#") {
		return nil
	}
	return fmt.Errorf("link to %q: a lesson links to https:// only", href)
}

// text returns a text with the line break behind it.
func (r *proseRenderer) text(n *ast.Text) string {
	value := n.Segment.Value(r.src)
	if !n.IsRaw() {
		value = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
	}
	s := string(value)
	if _, code := n.Parent().(*ast.CodeSpan); code {
		return strings.ReplaceAll(s, "\n", " ")
	}
	switch {
	case n.HardLineBreak():
		return s + "\n"
	case n.SoftLineBreak() && !closed(s, r.src[n.Segment.Stop:]):
		return s + " "
	}
	return s
}

// closed says whether a line goes on without a space: in Chinese, which has none between characters and around its
// punctuation.
func closed(before string, after []byte) bool {
	a, _ := utf8.DecodeLastRuneInString(before)
	b, _ := utf8.DecodeRune(bytes.TrimLeft(after, " \t\r\n"))
	return fullStop(a) || fullStop(b) || unicode.Is(unicode.Han, a) && unicode.Is(unicode.Han, b)
}

// fullStop says whether a character is full-width punctuation, which brings its own space.
func fullStop(r rune) bool { return r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef }
