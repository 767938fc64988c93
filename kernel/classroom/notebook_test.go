package classroom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rt0lab/rt0/internal/jupyter"
	"github.com/rt0lab/rt0/internal/patience"
)

// box is a rectangle on the screen, in CSS pixels.
type box struct{ X, Right, Width, Height float64 }

// TestClassicNotebook opens a lesson in the classic Notebook with a real browser, runs all its cells, and wants each picture
// to be there, whole, and within the page's column. The screenshot is in build/screenshots.
func TestClassicNotebook(t *testing.T) {
	if err := jupyter.Missing("notebook", "/usr/bin/jupyter-notebook", "/usr/bin/node", "/usr/bin/chromium"); err != nil {
		t.Skip(err)
	}
	p, err := jupyter.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	web := filepath.Join(p.Source, "wasm", "web")
	if _, err := os.Stat(filepath.Join(web, "node_modules", "playwright-core")); err != nil {
		t.Skipf("%v; make tools installs it, if there is npm", err)
	}
	const file = "13_pidle.en.ipynb"
	text, err := os.ReadFile(filepath.Join(p.Source, "notebooks", file))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(p.Dir, "notebooks")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, file), text, 0o600); err != nil {
		t.Fatal(err)
	}
	ports, err := jupyter.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	end, err := p.Start(patience.Limit, "/usr/bin/jupyter-notebook", "--allow-root", "--no-browser", "--ip=127.0.0.1", fmt.Sprint("--port=", ports[0]),
		"--NotebookApp.port_retries=0", "--NotebookApp.token=secret", "--NotebookApp.notebook_dir="+folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if out, err := end(); err != nil || t.Failed() {
			t.Logf("jupyter notebook: %v\n%s", err, out)
		}
	}()
	url := fmt.Sprintf("http://127.0.0.1:%d/", ports[0])
	answers(t, url)
	picture := filepath.Join(p.Source, "build", "screenshots", "classic-notebook.png")
	if err := os.MkdirAll(filepath.Dir(picture), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := p.Output(patience.Limit, "/usr/bin/node", filepath.Join("testdata", "classic.mjs"), web, url+"?token=secret", file, picture)
	if err != nil {
		t.Fatal(err)
	}
	var seen struct {
		Kernel   string
		Logo     int
		Pictures []struct {
			box
			Title   string
			Area    box
			Scrolls bool
		}
		Failed, Prompts int
		Errors          []string
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if seen.Kernel != "Go (rt0)" || seen.Logo != 64 || seen.Failed != 0 || len(seen.Errors) > 0 {
		t.Errorf("the page: %s", out)
	}
	if len(seen.Pictures) != 2 {
		t.Errorf("%d pictures; the lesson shows 2", len(seen.Pictures))
	}
	for _, k := range seen.Pictures {
		if k.Title == "" || k.Width < 400 || k.Height < 100 || k.Scrolls || k.X < k.Area.X || k.Right > k.Area.Right {
			t.Errorf("a picture is not whole: %+v", k)
		}
	}
}

// answers waits for a server.
func answers(t *testing.T, url string) {
	t.Helper()
	patience.Until(t, "the server answers", func() bool {
		client := http.Client{Timeout: patience.Limit}
		r, err := client.Get(url)
		if err == nil {
			r.Body.Close()
		}
		return err == nil
	})
}
