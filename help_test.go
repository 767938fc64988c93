package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/urfave/cli/v3"
)

// TestHelpWidth prints the help of all commands: no line is wider than a terminal of helpColumns.
func TestHelpWidth(t *testing.T) {
	var visit func(c *cli.Command, args ...string)
	visit = func(c *cli.Command, args ...string) {
		out, stderr, status := rt0(t, append(args, "-h")...)
		if status != 0 || stderr != "" || !strings.Contains(out, "USAGE:\n   rt0 "+strings.Join(args, " ")) {
			t.Errorf("rt0 %q -h: status %d, %q\n%s", args, status, stderr, out)
		}
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpColumns {
				t.Errorf("rt0 %q -h has a line of %d columns: %s", args, n, line)
			}
		}
		for _, sub := range c.Commands {
			visit(sub, append(args[:len(args):len(args)], sub.Name)...)
		}
	}
	visit(newRoot([]string{"rt0"}, streams{}))
}

// TestHelpStatus: the help of a command tells of the exit statuses that it has, and of no others.
func TestHelpStatus(t *testing.T) {
	for args, c := range map[string]struct{ ticks, guest, interrupted bool }{
		"":               {true, true, true},
		"boot":           {true, false, true},
		"run":            {true, true, true},
		"trace":          {true, true, true},
		"lesson":         {false, false, true},
		"exercise":       {false, false, true},
		"exercise check": {false, false, true},
		"gdb":            {false, false, true},
		"dap":            {false, false, true},
		"serve":          {false, false, false},
		"kernel":         {false, false, false},
	} {
		out, _, _ := rt0(t, append(strings.Fields(args), "-h")...)
		_, text, found := strings.Cut(strings.Join(strings.Fields(out), " "), "Exit status: ")
		if ticks, guest, interrupted := strings.Contains(text, "124 when"), strings.Contains(text, "128+n"), strings.Contains(text, "130 after ^C"); !found ||
			!strings.Contains(text, "125 when") || ticks != c.ticks || guest != c.guest || interrupted != c.interrupted {
			t.Errorf("rt0 %s -h: %s", args, text)
		}
	}
}

// TestHelpNothing asks for the help of what is no command, and of a command with an argument.
func TestHelpNothing(t *testing.T) {
	for args, want := range map[string]string{
		"nosuch -h":        `rt0: no command "nosuch"; the commands are boot, `,
		"lesson show -h":   `rt0 lesson: no command "show"; the commands are list, run; see rt0 lesson -h`,
		"kernel nosuch -h": `rt0 kernel: no command "nosuch"; `,
	} {
		if out, stderr, status := rt0(t, strings.Fields(args)...); status != statusFailure || !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 1 || out != "" {
			t.Errorf("rt0 %s: status %d, %q %q", args, status, out, stderr)
		}
	}
	for _, args := range []string{"boot -h hello", "serve -h x"} {
		name := strings.Fields(args)[0]
		if out, stderr, status := rt0(t, strings.Fields(args)...); status != 0 || !strings.HasPrefix(out, "NAME:\n   rt0 "+name+" - ") {
			t.Errorf("rt0 %s: status %d, %q %q", args, status, out, stderr)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ name, give, want string }{
		{"short lines stay", "  a b\n  c\n", "  a b\n  c\n"},
		{"a paragraph with a long line", "  one two three four five\n  six\n\nend", "  one two three four\n  five six\n\nend"},
		{"a paragraph ends at another indentation", "one two three four five\n  six\n", "one two three four\nfive\n  six\n"},
		{"a row", "  -f  one two three four\n  -g  x\n", "  -f  one two three\n      four\n  -g  x\n"},
		{"a row of three columns", " a  b c  one two three\n", " a  b c  one two\n         three\n"},
		{"a word that is too long", "a 123456789012345678901 b\n", "a\n123456789012345678901\nb\n"},
		{"characters count, not bytes", "≠≠≠≠≠≠≠≠≠≠ ≠≠≠≠≠≠≠≠≠\n", "≠≠≠≠≠≠≠≠≠≠ ≠≠≠≠≠≠≠≠≠\n"},
		{"nothing", "", ""},
	} {
		if got := fold(c.give, 20); got != c.want {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}
