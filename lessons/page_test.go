package lessons

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestHTML: the page is well-formed, has each stage and figure, and nothing that runs or is fetched.
func TestHTML(t *testing.T) {
	_, moments := bootHello(t, "", 2)
	for _, lang := range []string{"en", "zh"} {
		var out strings.Builder
		if err := WriteHTML(&out, moments, lang, ""); err != nil {
			t.Fatal(err)
		}
		page := out.String()
		ids, figures := map[string]bool{}, 0
		d := xml.NewDecoder(strings.NewReader(page))
		d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", lang, err)
			}
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			switch e.Name.Local {
			case "script", "link", "iframe", "object", "img":
				t.Errorf("%s: the page has a %s", lang, e.Name.Local)
			case "figure":
				figures++
			}
			for _, a := range e.Attr {
				switch {
				case a.Name.Local == "id":
					ids[a.Value] = true
				case a.Name.Local == "src", strings.HasPrefix(a.Name.Local, "on"), a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#"):
					t.Errorf("%s: attribute %s=%q", lang, a.Name.Local, a.Value)
				}
			}
		}
		want := 0
		for _, s := range Stages {
			if !ids[s.ID] || !strings.Contains(page, s.Title.In(lang)) {
				t.Errorf("%s: no section for %s", lang, s.ID)
			}
			if len(s.Figures()) == 0 || len(s.Figures()) != len(stageFigures[s.ID]) {
				t.Errorf("%s: figures %v", s.ID, stageFigures[s.ID])
			}
			want += len(s.Figures())
		}
		if figures != want {
			t.Errorf("%s: %d figures; want %d", lang, figures, want)
		}
	}
}

// TestHTMLEscapes: what comes from the program cannot become markup.
func TestHTMLEscapes(t *testing.T) {
	var out strings.Builder
	m := &Moment{Stage: Stages[0], Symbol: "<b>main", File: "/<i>.go", Facts: []Fact{{"x", Value{Kind: Names, Names: []string{"</td><u>"}}}}}
	if err := WriteHTML(&out, []*Moment{m}, "en", ""); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<b>", "<i>", "<u>"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("%s comes through", bad)
		}
	}
}
