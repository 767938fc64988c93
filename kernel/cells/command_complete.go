package cells

import (
	"flag"
	"os"
	"strings"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/script"
)

// expressions are the commands whose argument is an expression of the runtime's, places those whose argument is a place.
var (
	expressions = map[string]bool{"watch": true, "who-wrote": true}
	places      = map[string]bool{"run-to": true, "back-to": true}
)

// completeCommand completes the command in the line that begins there, or its argument.
func (s *Session) completeCommand(code string, begin, pos int) kernel.Completion {
	line := code[begin:pos]
	name, _, hasArgs := strings.Cut(strings.TrimLeft(line, "%"), " ")
	start := begin + strings.LastIndexByte(line, ' ') + 1
	if !hasArgs {
		c := choice{}
		for _, k := range commands {
			c[k.name] = "magic"
		}
		return c.from(code, begin+strings.LastIndexByte(line, '%')+1, pos)
	}
	magic := func(names ...string) kernel.Completion { return choice{}.all("magic", names...).from(code, start, pos) }
	m := s.machineOf("")
	switch {
	case name == "stage" || name == "goto":
		return magic(lab.Stages()...)
	case name == "view":
		return magic(figureNames()...)
	case name == "lesson":
		return magic(lessonNames()...)
	case name == "lang":
		return magic(script.Langs...)
	case name == "go111module":
		return magic("on", "off", "auto")
	case name == "help":
		var names []string
		for _, k := range commands {
			names = append(names, k.name)
		}
		return magic(names...)
	case name == "cd":
		return folders(code, start, pos)
	case name == "boot":
		return completeBoot(code, begin, start, pos)
	case name == "doc":
		w, _ := nameAt(code, pos)
		return s.namesAt(code[start:pos], w-start).from(code, w, pos)
	case expressions[name] && m != nil:
		return s.runtimeNames(m, code, start, pos)
	case places[name] && m != nil:
		return functionsFrom(m, code, start, pos)
	}
	return kernel.Completion{Start: pos, End: pos}
}

// completeBoot completes a flag of %boot or %%boot, or the program.
func completeBoot(code string, begin, start, pos int) kernel.Completion {
	if strings.HasPrefix(code[start:pos], "-") {
		c := choice{}
		new(bootSetup).flags().VisitAll(func(f *flag.Flag) { c["-"+f.Name] = "magic" })
		return c.from(code, start, pos)
	}
	c := files(code, start, pos)
	if strings.HasPrefix(code[begin:], "%%") {
		return kernel.Completion{Start: pos, End: pos}
	}
	samples := choice{}.all("magic", program.Samples()...).from(code, start, pos)
	samples.Matches, samples.Types = append(samples.Matches, c.Matches...), append(samples.Types, c.Types...)
	return samples
}

// folders completes the name of a folder.
func folders(code string, start, pos int) kernel.Completion {
	all := files(code, start, pos)
	c := kernel.Completion{Start: all.Start, End: all.End}
	for i, m := range all.Matches {
		if strings.HasSuffix(m, string(os.PathSeparator)) {
			c.Matches, c.Types = append(c.Matches, m), append(c.Types, all.Types[i])
		}
	}
	return c
}
