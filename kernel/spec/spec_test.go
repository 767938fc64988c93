package spec

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestInstall(t *testing.T) {
	data := t.TempDir()
	if _, err := Install(data, "rt0"); err == nil {
		t.Error("a relative path is accepted")
	}
	for _, binary := range []string{"/old/rt0", "/new/rt0"} {
		dir, err := Install(data, binary)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
		if err != nil {
			t.Fatal(err)
		}
		var k kernelJSON
		if err := json.Unmarshal(text, &k); err != nil {
			t.Fatal(err)
		}
		if k.Argv[0] != binary || k.Language != "go" || k.InterruptMode != "message" || k.Argv[3] != "{connection_file}" {
			t.Errorf("%s", text)
		}
		logo, err := os.Open(filepath.Join(dir, "logo-64x64.png"))
		if err != nil {
			t.Fatal(err)
		}
		if img, err := png.Decode(logo); err != nil || img.Bounds().Dx() != 64 {
			t.Errorf("logo: %v", err)
		}
		logo.Close()
		if list, _ := os.ReadDir(dir); len(list) != 4 {
			t.Errorf("%d files; 4 belong there", len(list))
		}
	}
	if _, was, err := Uninstall(data); err != nil || !was {
		t.Errorf("uninstall: %v %v", was, err)
	}
	if _, was, err := Uninstall(data); err != nil || was {
		t.Errorf("uninstall again: %v %v", was, err)
	}
}
