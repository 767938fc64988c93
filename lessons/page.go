package lessons

import (
	"bufio"
	"fmt"
	"html"
	"io"

	"github.com/rt0lab/rt0/internal/visible"
)

// stageFigures are the figures that explain each stage, the most telling first.
var stageFigures = map[string][]string{
	"osstack":     {"entry"},
	"entry":       {"registers", "stack"},
	"alignment":   {"stack", "registers"},
	"g0stack":     {"stack"},
	"tls":         {"tls", "registers"},
	"bind":        {"bind", "tls"},
	"args":        {"entry"},
	"osinit":      {"registers"},
	"schedinit":   {"bind", "allm"},
	"mcommoninit": {"allm", "bind"},
	"procresize":  {"allp"},
	"acquirep":    {"bind", "allp"},
	"pidle":       {"allp"},
	"newproc":     {"goroutine", "allp"},
	"mstart":      {"stack"},
	"schedule":    {"tls", "goroutine", "bind"},
	"main":        {"timeline", "allm", "allp"},
}

// Figures returns the figures that explain the stage, the most telling first.
func (s Stage) Figures() []Figure {
	var out []Figure
	for _, name := range stageFigures[s.ID] {
		if f, ok := FigureNamed(name); ok {
			out = append(out, f)
		}
	}
	return out
}

// pageStyle is the page's look, light or dark as the reader's system says. The figures bring their own.
const pageStyle = `:root{color-scheme:light dark;--line:#d1d9e0;--muted:#59636e;--news:#7a4e00;--newsbg:#fff8e6}
@media(prefers-color-scheme:dark){:root{--line:#3d444d;--muted:#9198a1;--news:#e3b341;--newsbg:#2d2305}}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
nav ol{columns:3 14rem;padding-left:1.5rem}
section{border-top:1px solid var(--line);margin-top:2rem}
.where{color:var(--muted)}
figure{overflow-x:auto;margin:1rem 0!important}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;font:14px/1.4 ui-monospace,monospace}
th{text-align:left;font-weight:normal;color:var(--muted)}
td,th{padding:.1rem .8rem .1rem 0;vertical-align:top}
tr.news td{color:var(--news);background:var(--newsbg)}
pre{font:14px/1.3 ui-monospace,monospace;overflow-x:auto}`

// WriteHTML writes the moments as one document that needs nothing else: no script, no file, no network. Each stage has its
// story, its figures with their text twins, and the facts. With only, it shows the figure of that name instead of the stage's own.
func WriteHTML(w io.Writer, moments []*Moment, lang, only string) error {
	buf := bufio.NewWriter(w)
	if lang != "zh" {
		lang = "en"
	}
	title := Text{"How a Go program boots", "Go 程序如何启动"}.In(lang)
	fmt.Fprintf(buf, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", lang)
	fmt.Fprintf(buf, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<h1>%s</h1>\n", title, pageStyle, title)
	if len(moments) > 1 {
		fmt.Fprintf(buf, "<nav aria-label=\"%s\"><ol>\n", Text{"stages", "阶段"}.In(lang))
		for _, m := range moments {
			fmt.Fprintf(buf, "<li><a href=\"#%s\">%s</a></li>\n", m.Stage.ID, html.EscapeString(m.Stage.Title.In(lang)))
		}
		fmt.Fprintf(buf, "</ol></nav>\n")
	}
	ended := false
	for _, m := range moments {
		writeSection(buf, m, lang, only, m.Ended != nil && !ended)
		ended = m.Ended != nil
	}
	fmt.Fprintf(buf, "</body>\n</html>\n")
	return buf.Flush()
}

// writeSection writes a moment; with tellEnding also what the program wrote before it ended, and what to do.
func writeSection(w io.Writer, m *Moment, lang, only string, tellEnding bool) {
	esc := func(s string) string { return html.EscapeString(visible.Text(s)) }
	fmt.Fprintf(w, "<section id=\"%s\">\n<h2>%d. %s</h2>\n", m.Stage.ID, stageIndex(m.Stage.ID)+1, esc(m.Stage.Title.In(lang)))
	if m.Missing.Empty() { // else there is no moment, and no place
		fmt.Fprintf(w, "<p class=\"where\">%s · %s · %s</p>\n", esc(m.Stamp()), esc(m.Symbol), esc(m.place()))
	} else {
		fmt.Fprintf(w, "<p>%s: %s</p>\n", headingsIn(lang).missing, esc(m.Missing.In(lang)))
		if tellEnding {
			writeEnding(w, m.Ended, lang)
		}
		fmt.Fprintf(w, "</section>\n")
		return
	}
	fmt.Fprintf(w, "<p>%s</p>\n", esc(m.Story(lang)))
	figures := m.Stage.Figures()
	if f, ok := FigureNamed(only); ok {
		figures = []Figure{f}
	}
	for _, f := range figures {
		io.WriteString(w, f.Draw(m, m.Before, lang).HTML())
	}
	fmt.Fprintf(w, "<details><summary>%s</summary>\n<table>\n", headingsIn(lang).facts)
	for _, f := range m.Facts {
		class, sign := "", ""
		if m.isNews(f.Name) {
			class, sign = ` class="news"`, " *"
		}
		fmt.Fprintf(w, "<tr%s><th scope=\"row\">%s</th><td>%s%s</td></tr>\n", class, esc(f.Name), esc(f.Value.String()), sign)
	}
	fmt.Fprintf(w, "</table></details>\n</section>\n")
}

// writeEnding tells what the program wrote before it ended, and what to do.
func writeEnding(w io.Writer, e *Ending, lang string) {
	words := headingsIn(lang)
	if e.Stderr != "" {
		fmt.Fprintf(w, "<p>%s:</p>\n<pre>%s</pre>\n", words.stderr, html.EscapeString(visible.Lines(e.Stderr)))
	}
	fmt.Fprintf(w, "<p>%s: %s</p>\n", words.advice, html.EscapeString(visible.Text(e.Advice.In(lang))))
}
