package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v3"
)

// Exit statuses, as the help of the commands tells them. Commands whose programs are not run to their end have no guest's.
const (
	statusHelp = "Exit status: 0 after success, 125 when rt0 itself failed or was used wrongly, 130 after ^C."

	bootStatusHelp = "Exit status: 0 when main.main was reached, 124 when the boot was stopped at -max-ticks, 125 when the program ended " +
		"before main.main, or rt0 itself failed or was used wrongly, 130 after ^C."

	guestStatusHelp = "Exit status: that of the program (128+n when signal n killed it); 124 when it was stopped at -max-ticks, 125 when " +
		"rt0 itself failed or was used wrongly, 130 after ^C."
)

// helpColumns is how wide help is at most.
const helpColumns = 100

func init() {
	print := cli.HelpPrinter
	cli.HelpPrinter = func(w io.Writer, template string, data any) {
		var b bytes.Buffer
		print(&b, template, data)
		io.WriteString(w, fold(b.String(), helpColumns))
	}
	show := cli.ShowCommandHelp
	cli.ShowCommandHelp = func(ctx context.Context, c *cli.Command, name string) error {
		if len(c.VisibleCommands()) == 0 && c.Command(name) == nil { // rt0 boot -h hello
			return cli.ShowSubcommandHelp(c)
		}
		if c.Command(name) == nil {
			return fmt.Errorf("%s: %w", c.FullName(), noCommand(c, name))
		}
		return show(ctx, c, name)
	}
}

// tableRow matches the beginning of a line that is a row of a table, up to its last column.
var tableRow = regexp.MustCompile(`^ *\S.* {2,}`)

// fold breaks what is longer than so many columns: a row of a table under its last column, a paragraph with a line that is too
// long anew. Everything else stays as it is, code for example.
func fold(text string, columns int) string {
	var out strings.Builder
	lines := strings.Split(text, "\n")
	for len(lines) > 0 {
		n := paragraph(lines)
		indent := strings.Repeat(" ", indentation(lines[0]))
		long := false
		for _, line := range lines[:n] {
			long = long || utf8.RuneCountInString(line) > columns
		}
		switch first := tableRow.FindString(lines[0]); {
		case !long:
			out.WriteString(strings.Join(lines[:n], "\n"))
		case n == 1 && first != "":
			foldWords(&out, first, strings.Repeat(" ", utf8.RuneCountInString(first)), lines[0][len(first):], columns)
		default:
			foldWords(&out, indent, indent, strings.Join(lines[:n], " "), columns)
		}
		if lines = lines[n:]; len(lines) > 0 {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// paragraph returns how many lines there are of the first paragraph: lines of one indentation. A row is one of its own.
func paragraph(lines []string) int {
	n := 1
	if tableRow.MatchString(lines[0]) || strings.TrimSpace(lines[0]) == "" {
		return n
	}
	for n < len(lines) && indentation(lines[n]) == indentation(lines[0]) && strings.TrimSpace(lines[n]) != "" && !tableRow.MatchString(lines[n]) {
		n++
	}
	return n
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// foldWords writes the words of a text, the first line after first and the others after indent.
func foldWords(out *strings.Builder, first, indent, text string, columns int) {
	line := first
	begun := false
	for _, word := range strings.Fields(text) {
		if begun && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
			out.WriteString(line + "\n")
			line, begun = indent, false
		}
		if begun {
			line += " "
		}
		line, begun = line+word, true
	}
	out.WriteString(line)
}
