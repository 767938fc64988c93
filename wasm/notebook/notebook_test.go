package notebook

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/kernel"
)

func TestWire(t *testing.T) {
	m, err := Decode(`{"header":{"msg_id":"1","msg_type":"execute_request","session":"s","username":"u","date":"d","version":"5.4"},
		"parent_header":{},"metadata":{"a":1},"content":{"code":"1+1"},"more":true}`, [][]byte{{1}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.ID != "1" || m.Header.Type != "execute_request" || m.Parent != (kernel.Header{}) || string(m.Content) != `{"code":"1+1"}` || len(m.Buffers) != 1 {
		t.Errorf("%+v", m)
	}
	text, err := Encode(&kernel.Message{Header: m.Header})
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal([]byte(text), &back); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"header", "parent_header", "metadata", "content"} {
		if _, ok := back[part].(map[string]any); !ok {
			t.Errorf("%s is %v; clients want an object", part, back[part])
		}
	}
	for _, bad := range []string{"", "{", "[]", `{"header":{}}`, `{"header":3}`, `null`} {
		if m, err := Decode(bad, nil); err == nil {
			t.Errorf("%s is taken for %+v", bad, m)
		}
	}
}

// A site has files, and counts how often they are fetched.
type site struct {
	files   map[string][]byte
	fetched map[string]int
}

func (s *site) fetch(_ context.Context, path string) ([]byte, error) {
	s.fetched[path]++
	if b, ok := s.files[path]; ok {
		return b, nil
	}
	return nil, errors.New("404 Not Found")
}

func packed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

func TestPrograms(t *testing.T) {
	s := &site{fetched: map[string]int{}, files: map[string][]byte{
		"index.json": []byte(`{"samples":[{"name":"hello","go":"go1.26.8","file":"a.gz"},{"name":"hello","go":"go1.21.13","file":"b.gz"},{"name":"timers","go":"go1.26.8","file":"c.gz"}]}`),
		"a.gz":       packed("new"), "b.gz": []byte("old, unpacked by the host"), "c.gz": packed("timers")[:12],
	}}
	p := &Programs{Fetch: s.fetch}
	for _, c := range []struct{ name, version, file, failure string }{
		{"hello", "", "new", ""},
		{"hello", "1.26.8", "new", ""},
		{"hello", "go1.21.13", "old, unpacked by the host", ""},
		{"hello", "1.20", "", "it has 1.26.8, 1.21.13"},
		{"nope", "", "", "there are the samples hello, timers"},
		{"/tmp/cell.go", "", "", "no Go toolchain"},
		{"timers", "", "", "timers of Go 1.26.8: c.gz"},
	} {
		got, err := p.Find(t.Context(), c.name, c.version)
		switch {
		case c.failure != "":
			if err == nil || !strings.Contains(err.Error(), c.failure) {
				t.Errorf("%s %s: %v", c.name, c.version, err)
			}
		case err != nil || string(got.File) != c.file || got.Name != c.name || got.Path != "/bin/"+c.name:
			t.Errorf("%s %s: %+v %v", c.name, c.version, got, err)
		}
	}
	if s.fetched["index.json"] != 1 || s.fetched["a.gz"] != 1 {
		t.Errorf("fetched again: %v", s.fetched)
	}
	p.Own("mine", []byte("elf"))
	if got, err := p.Find(t.Context(), "mine", ""); err != nil || string(got.File) != "elf" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestSiteThatIsDown(t *testing.T) {
	s := &site{fetched: map[string]int{}}
	p := &Programs{Fetch: s.fetch}
	if _, err := p.Find(t.Context(), "hello", ""); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("%v", err)
	}
	s.files = map[string][]byte{"index.json": []byte(`{"samples":[{"name":"hello","go":"go1.26.8","file":"a"}]}`), "a": []byte("x")}
	if _, err := p.Find(t.Context(), "hello", ""); err != nil {
		t.Errorf("it is up again: %v", err)
	}
}
