package picture

import (
	"fmt"
	"html"
	"strings"

	"github.com/rt0lab/rt0/internal/visible"
)

// A cell in SVG user units, and the margin around the figure.
const (
	cellW  = 8
	cellH  = 18
	margin = 12
)

// style colours the figure. Custom properties are avoided: several SVG renderers lack them. The dark variant follows the
// viewer's preference. Contrast is at least 4.5:1 for text in both. A notebook puts pictures straight into its page, where a
// style is everybody's: all selectors begin with the class of the picture itself.
const style = `.rt0 text{font:13px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;fill:#1f2328;white-space:pre}
.rt0 .bg{fill:#fff}.rt0 .box{fill:#f6f8fa;stroke:#59636e}.rt0 .line{fill:none;stroke:#59636e}.rt0 .head{fill:#59636e}
.rt0 .title{font-weight:700}.rt0 .muted{fill:#59636e}.rt0 .changed{font-weight:700;fill:#7d4e00}.rt0 .current{font-weight:700;fill:#0550ae}.rt0 .bad{fill:#a40e26;font-style:italic}
.rt0 .box.changed{fill:#fff8c5;stroke:#7d4e00;stroke-width:2}.rt0 .box.current{fill:#ddf4ff;stroke:#0550ae;stroke-width:2}.rt0 .box.bad{fill:#ffebe9;stroke:#a40e26}
.rt0 .line.changed{fill:none;stroke:#7d4e00;stroke-width:2}.rt0 .line.current{fill:none;stroke:#0550ae;stroke-width:2}.rt0 .head.changed{fill:#7d4e00}.rt0 .head.current{fill:#0550ae}
.rt0 .box.muted,.rt0 .line.muted{stroke:#8c959f}.rt0 .box.title{fill:#eaeef2;stroke:#59636e}
@media(prefers-color-scheme:dark){.rt0 text{fill:#e6edf3}.rt0 .bg{fill:#0d1117}.rt0 .box{fill:#161b22;stroke:#9198a1}.rt0 .line{stroke:#9198a1}.rt0 .head{fill:#9198a1}.rt0 .muted{fill:#9198a1}
.rt0 .changed{fill:#e3b341}.rt0 .current{fill:#79c0ff}.rt0 .bad{fill:#ff9492}.rt0 .box.changed{fill:#2d2305;stroke:#e3b341}.rt0 .box.current{fill:#0c2d4f;stroke:#79c0ff}.rt0 .box.bad{fill:#3d0d12;stroke:#ff9492}
.rt0 .line.changed{stroke:#e3b341}.rt0 .line.current{stroke:#79c0ff}.rt0 .head.changed{fill:#e3b341}.rt0 .head.current{fill:#79c0ff}.rt0 .box.muted,.rt0 .line.muted{stroke:#6e7681}.rt0 .box.title{fill:#21262d;stroke:#9198a1}}`

var classes = [...]string{Plain: "", Title: " title", Muted: " muted", Changed: " changed", Current: " current", Bad: " bad", Code: ""}

// SVG renders the figure as a self-contained SVG document without scripts, links or foreign content.
func (c *Canvas) SVG() string {
	var b strings.Builder
	top := margin + cellH // the title's line
	w := max(c.w, Width(c.Title), Width(c.Stamp))*cellW + 2*margin
	h := top + c.h*cellH + cellH + margin + margin/2
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" class="rt0" role="img">`, w, h, w, h)
	fmt.Fprintf(&b, "\n<title>%s</title>\n<desc>%s</desc>\n<style>%s</style>\n", escape(c.Title), escape(c.Desc), style)
	fmt.Fprintf(&b, `<rect class="bg" width="%d" height="%d" rx="6"/>`+"\n", w, h)
	x := func(cell int) int { return margin + cell*cellW }
	y := func(cell int) int { return top + cell*cellH + cellH/4 }
	for _, k := range c.boxes {
		dash := ""
		if k.dashed {
			dash = ` stroke-dasharray="4 3"`
		}
		fmt.Fprintf(&b, `<rect class="box%s" x="%d" y="%d" width="%d" height="%d" rx="4"%s/>`+"\n", classes[k.mark],
			x(k.x)+cellW/2, y(k.y)+cellH/2, (k.w-1)*cellW, (k.h-1)*cellH, dash)
	}
	for _, l := range c.lines {
		c.svgLine(&b, l, x, y)
	}
	for _, t := range c.words {
		svgText(&b, x(t.x), y(t.y)+cellH*3/4, t.s, t.mark)
	}
	svgText(&b, x(0), margin+cellH*3/4, visible.Text(c.Title), Title)
	svgText(&b, x(0), h-margin, visible.Text(c.Stamp), Muted)
	b.WriteString("</svg>\n")
	return b.String()
}

// svgText writes a line of text. The length is fixed to whole cells, so that a viewer whose font is wider or narrower keeps
// the columns.
func svgText(b *strings.Builder, x, y int, s string, m Mark) {
	trimmed := strings.TrimLeft(s, " ")
	x += (len(s) - len(trimmed)) * cellW
	if trimmed = strings.TrimRight(trimmed, " "); trimmed == "" {
		return
	}
	class := ""
	if classes[m] != "" {
		class = fmt.Sprintf(` class="%s"`, classes[m][1:])
	}
	fmt.Fprintf(b, `<text x="%d" y="%d"%s textLength="%d" lengthAdjust="spacingAndGlyphs" xml:space="preserve">%s</text>`+"\n",
		x, y, class, Width(trimmed)*cellW, escape(trimmed))
}

// svgLine draws a polyline through cell centres, and its head as a triangle.
func (c *Canvas) svgLine(b *strings.Builder, l line, x, y func(int) int) {
	var d strings.Builder
	last := len(l.points) - 1
	for i, p := range l.points {
		px, py := x(p.x)+cellW/2, y(p.y)+cellH/2
		verb := 'L'
		if i == 0 {
			verb = 'M'
		}
		if i == last && l.head { // stop where the head begins
			q := l.points[i-1]
			px -= sign(p.x-q.x) * cellW / 2
			py -= sign(p.y-q.y) * cellW / 2
		}
		fmt.Fprintf(&d, "%c%d %d", verb, px, py)
	}
	fmt.Fprintf(b, `<path class="line%s" d="%s"/>`+"\n", classes[l.mark], d.String())
	if !l.head {
		return
	}
	p, q := l.points[last], l.points[last-1]
	dx, dy := sign(p.x-q.x), sign(p.y-q.y)
	px, py := x(p.x)+cellW/2+dx*cellW/2, y(p.y)+cellH/2+dy*cellW/2
	fmt.Fprintf(b, `<path class="head%s" d="M%d %dL%d %dL%d %dZ"/>`+"\n", classes[l.mark], px, py,
		px-dx*8-dy*4, py-dy*8-dx*4, px-dx*8+dy*4, py-dy*8+dx*4)
}

// escape makes s safe as XML text: markup is escaped, and what XML forbids is gone already (Visible).
func escape(s string) string { return html.EscapeString(visible.Text(s)) }

// HTML renders the figure for a page or a notebook: the SVG, and the text twin behind a disclosure for those who prefer or
// need it.
func (c *Canvas) HTML() string {
	return fmt.Sprintf("<figure class=\"rt0\" style=\"margin:0\">\n%s<details><summary style=\"display:list-item;cursor:pointer;opacity:.7\">as text</summary><pre>%s</pre></details></figure>\n",
		c.SVG(), html.EscapeString(c.Render(TextOptions{})))
}
