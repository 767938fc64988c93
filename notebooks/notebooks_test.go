package notebooks

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/lessons/script"
)

// parsed is what of a notebook is compared.
type parsed struct {
	Cells []struct {
		Type    string   `json:"cell_type"`
		ID      string   `json:"id"`
		Source  []string `json:"source"`
		Outputs []struct {
			Type string         `json:"output_type"`
			Data map[string]any `json:"data"`
		} `json:"outputs"`
	} `json:"cells"`
	NBFormat int `json:"nbformat"`
}

// TestNotebooksAreFresh makes every notebook anew and compares it with the file: the cells to the letter, the outputs by what
// they are. What the outputs hold depends on where the sample was built; the lessons' golden files compare that.
func TestNotebooksAreFresh(t *testing.T) {
	all, err := script.All()
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, l := range all {
		for _, lang := range script.Langs {
			files++
			name := File(l, lang)
			was, err := os.ReadFile(name)
			if err != nil {
				t.Fatalf("%v; go generate ./notebooks makes it", err)
			}
			now, err := Make(context.Background(), l, lang)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := outline(t, name, was), outline(t, name, now); a != b {
				t.Errorf("%s is stale: go generate ./notebooks. It has\n%s\nand should have\n%s", name, a, b)
			}
		}
	}
	kept, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range kept {
		if strings.HasSuffix(f.Name(), ".ipynb") {
			files--
		}
	}
	if files != 0 {
		t.Errorf("%d notebooks belong to no lesson", -files)
	}
}

// validID is what nbformat 4.5 demands of a cell's id.
var validID = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

// outline writes down what of a notebook is compared, and checks what nbformat demands.
func outline(t *testing.T, name string, text []byte) string {
	var nb parsed
	if err := json.Unmarshal(text, &nb); err != nil || nb.NBFormat != 4 {
		t.Fatalf("%s: nbformat %d, %v", name, nb.NBFormat, err)
	}
	var b strings.Builder
	seen := map[string]bool{}
	for _, c := range nb.Cells {
		if !validID.MatchString(c.ID) || seen[c.ID] {
			t.Errorf("%s: cell id %q", name, c.ID)
		}
		seen[c.ID] = true
		b.WriteString(c.Type + " " + c.ID + "\n" + strings.Join(c.Source, "") + "\n")
		for _, o := range c.Outputs {
			b.WriteString(o.Type + " " + strings.Join(slices.Sorted(maps.Keys(o.Data)), " ") + "\n")
			if text, _ := o.Data["text/plain"].(string); strings.HasPrefix(text, "&{") {
				t.Errorf("%s, cell %s: a value shows its insides: %.60s", name, c.ID, text)
			}
			if svg, ok := o.Data["image/svg+xml"]; ok {
				if o.Data["text/plain"] == nil || strings.Contains(svg.(string), "<script") {
					t.Errorf("%s: a picture without text, or with a script", name)
				}
			}
		}
	}
	if len(nb.Cells) < 4 {
		t.Errorf("%s has %d cells", name, len(nb.Cells))
	}
	return b.String()
}
