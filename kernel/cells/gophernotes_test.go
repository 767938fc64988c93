package cells

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// An ipynb is a notebook file, as far as it matters here. An empty text among the outputs is there, whatever it is.
type ipynb struct {
	Cells []struct {
		Type    string `json:"cell_type"`
		Source  []string
		Outputs []struct {
			Type string `json:"output_type"`
			Text []string
			Data map[string]any
		}
	}
}

// TestGophernotes runs notebooks that were written for gophernotes, unchanged, and compares what they show.
func TestGophernotes(t *testing.T) {
	files, err := filepath.Glob("testdata/gophernotes/*.ipynb")
	if err != nil || len(files) == 0 {
		t.Fatal("no notebooks", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var book ipynb
			if err := json.Unmarshal(text, &book); err != nil {
				t.Fatal(err)
			}
			dir, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			defer os.Chdir(dir)
			n := newNotebook(t)
			for _, c := range book.Cells {
				if c.Type != "code" {
					continue
				}
				code := strings.Join(c.Source, "")
				r := n.run(code)
				if r.failure != "" || r.err != "" {
					t.Fatalf("%s: %s%s", code, r.traceback, r.err)
				}
				stdout := ""
				var want []map[string]any
				for _, o := range c.Outputs {
					if o.Type == "stream" {
						stdout += strings.Join(o.Text, "")
						continue
					}
					want = append(want, o.Data)
				}
				if command := strings.HasPrefix(code, "%"); !command && r.out != stdout { // where the folder is depends
					t.Errorf("%s: prints %q, want %q", code, r.out, stdout)
				}
				got := n.bundles()
				if len(got) != len(want) {
					t.Errorf("%s: shows %v, want %v", code, got, want)
					continue
				}
				for i := range want {
					checkBundle(t, code, got[i], want[i])
				}
			}
		})
	}
}

// bundles returns what the cell has shown, its value at the end.
func (n *notebook) bundles() (list []map[string]any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, m := range n.seen {
		if m.Header.Type == "display_data" || m.Header.Type == "execute_result" {
			var c struct{ Data map[string]any }
			json.Unmarshal(m.Content, &c)
			list = append(list, c.Data)
		}
	}
	return list
}

func checkBundle(t *testing.T, code string, got, want map[string]any) {
	t.Helper()
	if g, w := sortedKeys(got), sortedKeys(want); !reflect.DeepEqual(g, w) {
		t.Errorf("%s: formats %v, want %v", code, g, w)
		return
	}
	for mime, w := range want {
		if g := got[mime]; w != "" && !reflect.DeepEqual(g, w) || g == "" {
			t.Errorf("%s: %s is %v, want %v", code, mime, g, w)
		}
	}
}
