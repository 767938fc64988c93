package notebooks

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/jupyter"
	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/lessons/script"
)

// validate reads notebooks as Jupyter does, and holds them to nbformat's schema, which wants an id of each cell.
const validate = `
import sys, nbformat
for name in sys.argv[1:]:
    nb = nbformat.read(name, as_version=nbformat.NO_CONVERT)
    nbformat.validate(nb, relax_add_props=False, repair_duplicate_cell_ids=False)
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5), name
    ids = [c.id for c in nb.cells]
    assert len(set(ids)) == len(ids), name
`

// TestConvert executes all notebooks anew with Jupyter's nbconvert and the installed kernel. No cell may fail; the notebooks
// that come out are valid, their cells have the ids that they had and show the pictures that they showed.
func TestConvert(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	if err := jupyter.Missing("nbclient", "nbconvert", "nbformat"); err != nil {
		t.Skip(err)
	}
	p, err := jupyter.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	all, err := script.All()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("convert", func(t *testing.T) { // returns when its parallel tests have ended
		for _, lang := range script.Langs {
			t.Run(lang, func(t *testing.T) {
				t.Parallel()
				convert(t, p, all, lang)
			})
		}
	})
}

func convert(t *testing.T, p *jupyter.Place, all []*script.Lesson, lang string) {
	run := func(args ...string) {
		t.Helper()
		if out, err := p.Run(patience.Limit, jupyter.Python, args...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	var files, executed []string
	for _, l := range all {
		file := File(l, lang)
		files = append(files, file)
		executed = append(executed, filepath.Join(p.Dir, "executed", file))
	}
	run(append([]string{"-c", validate}, files...)...)
	run(append([]string{"-m", "nbconvert", "--execute", "--ExecutePreprocessor.iopub_timeout=60", "--to", "notebook", "--output-dir", filepath.Join(p.Dir, "executed")}, files...)...)
	run(append([]string{"-c", validate}, executed...)...)
	run(append([]string{"-m", "nbconvert", "--to", "html", "--output-dir", filepath.Join(p.Dir, "pages")}, executed...)...)
	for i, file := range files {
		was, now := pictures(t, file), pictures(t, executed[i])
		if was != now || (was != "") != strings.Contains(all[i].Source, "lab.Show(") {
			t.Errorf("%s shows\n%swhen executed, and has\n%s", file, now, was)
		}
		page, err := os.ReadFile(filepath.Join(p.Dir, "pages", strings.TrimSuffix(file, ".ipynb")+".html"))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(now, "\n"); bytes.Count(page, []byte("<svg")) < n {
			t.Errorf("%s: the page has %d pictures of %d", file, bytes.Count(page, []byte("<svg")), n)
		}
	}
}

// pictures returns a line for each picture of a notebook: the cell's id and the title. Each must be well-formed, of some
// size, and have a text beside it.
func pictures(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			ID      string
			Outputs []struct {
				Type string `json:"output_type"`
				Data map[string]lineList
			}
		}
	}
	if err := json.Unmarshal(text, &nb); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var b strings.Builder
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			svg, ok := o.Data["image/svg+xml"]
			if o.Type == "error" {
				t.Errorf("%s, cell %s: an error", file, c.ID)
			}
			if !ok {
				continue
			}
			title, err := svgTitle(string(svg))
			if err != nil || len(o.Data["text/plain"]) == 0 {
				t.Errorf("%s, cell %s: %v, text %q", file, c.ID, err, o.Data["text/plain"])
			}
			b.WriteString(c.ID + " " + title + "\n")
		}
	}
	return b.String()
}

// A lineList is text that nbformat keeps as one string or as a list of lines.
type lineList string

func (l *lineList) UnmarshalJSON(text []byte) error {
	var list []string
	if json.Unmarshal(text, &list) == nil {
		*l = lineList(strings.Join(list, ""))
		return nil
	}
	return json.Unmarshal(text, (*string)(l))
}

// svgTitle reads a picture to its end and returns its title.
func svgTitle(svg string) (title string, err error) {
	d := xml.NewDecoder(strings.NewReader(svg))
	inTitle := false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return title, nil
		}
		if err != nil {
			return "", err
		}
		switch e := token.(type) {
		case xml.StartElement:
			inTitle = e.Name.Local == "title"
		case xml.EndElement:
			inTitle = false
		case xml.CharData:
			if inTitle && title == "" {
				title = string(e)
			}
		}
	}
}
