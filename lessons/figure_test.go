package lessons

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/lessons/picture"
)

// TestFigures draws every figure at every stage, as text and as SVG, in both languages. RT0_PICTURES names a folder in
// which to leave them for a person to look at.
func TestFigures(t *testing.T) {
	dir := os.Getenv("RT0_PICTURES")
	_, moments := bootHello(t, "", 4)
	for i, m := range moments {
		for _, f := range Figures {
			for _, lang := range []string{"en", "zh"} {
				c := f.Draw(m, m.Before, lang)
				svg, text := c.SVG(), c.Render(picture.TextOptions{})
				d := xml.NewDecoder(strings.NewReader(svg))
				for {
					if _, err := d.Token(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						t.Fatalf("%s of %s is not well-formed: %v", f.Name, m.Stage.ID, err)
					}
				}
				if !strings.Contains(text, m.Go) {
					t.Errorf("%s of %s has no stamp", f.Name, m.Stage.ID)
				}
				if dir != "" && lang == "en" {
					name := filepath.Join(dir, string(rune('a'+i))+"-"+m.Stage.ID+"-"+f.Name)
					os.WriteFile(name+".svg", []byte(svg), 0o644)
					os.WriteFile(name+".txt", []byte(text), 0o644)
				}
			}
		}
	}
}
