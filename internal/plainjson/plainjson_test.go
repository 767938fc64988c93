package plainjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

type inner struct {
	A int    `json:"a"`
	B string `json:"b,omitempty"`
}

type outer struct {
	Text   string `json:"text"`
	N      uint64
	Small  int8       `json:"small"`
	Yes    bool       `json:"yes"`
	List   []inner    `json:"list"`
	None   []string   `json:"none,omitempty"`
	Nil    []int      `json:"nil"`
	P      *inner     `json:"p"`
	Q      *int       `json:"q,omitempty"`
	Triple [][3]int64 `json:"triple"`
	Hidden int        `json:"-"`
	own    int
}

var seven = 7

var samples = []any{
	outer{},
	outer{Text: "a\"b\\c\n\t\b\f\r\x00\x1f\x7f<script>&amp;\u2028\u2029\xff\xc3(é变量🙂", N: 1<<64 - 1, Small: -128, Yes: true,
		List: []inner{{}, {A: -1, B: "x"}}, None: []string{""}, Nil: []int{}, P: &inner{A: 3}, Q: &seven, Triple: [][3]int64{{1, 2, 3}}},
	[]string(nil), []string{}, "", 0, true, (*inner)(nil),
}

func TestAgainstStandard(t *testing.T) {
	for _, v := range samples {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got := Append(nil, v)
		if !bytes.Equal(got, want) {
			t.Errorf("wrote\n%s\nwant\n%s", got, want)
		}
		typ := reflect.TypeOf(v)
		if o, ok := v.(outer); ok { // arrays are not read, and encoding/json has no other use for them here
			o.Triple = nil
			want, _ = json.Marshal(o)
		}
		back, std := reflect.New(typ), reflect.New(typ)
		if err := Decode(string(want), back.Interface()); err != nil {
			t.Errorf("read %s: %v", want, err)
		}
		if err := json.Unmarshal(want, std.Interface()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back.Interface(), std.Interface()) {
			t.Errorf("read %+v; want %+v", back.Elem(), std.Elem())
		}
	}
	got := Append(nil, Pairs("b", 1, "a", []string{"x"}, "&", Object{}))
	if want := `{"b":1,"a":["x"],"\u0026":{}}`; string(got) != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// FuzzDecode: what encoding/json refuses is refused, and what both take means the same.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"text":"\u00e9\ud83d\ude42\ud83d","N":12,"list":[{"a":-1},{"b":"\/\\"}],"p":{"a":1},"q":5,"yes":true,"none":null}`,
		``, `{`, `{"text"`, `{"text":`, `{"text":"`, `{"text":"\`, `{"text":"\u12"}`, `{"unknown":1}`, `{"N":-1}`, `{"N":1.5}`, `{"N":01}`,
		`{"small":128}`, `{} x`, `{"list":[1]}`, `{"list":[{},]}`, `{"yes":1}`, " {\n}\t", "{\"text\":\"\x01\"}", `{"N":1e3}`, `null`,
		"{\"text\":\"\xff\x80\"}", "{\"text\":\"\xe2\x82\\u00ac\xac\"}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got, want outer
		err := Decode(text, &got)
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		stdErr := d.Decode(&want)
		if stdErr == nil && d.More() {
			return // more than one value, which Decode refuses
		}
		if err == nil && stdErr != nil {
			t.Fatalf("%q is taken; encoding/json: %v", text, stdErr)
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q means %+v; want %+v", text, got, want)
		}
	})
}

func TestRefuses(t *testing.T) {
	for _, text := range []string{"", "{", `{"unknown":1}`, `{"N":-1}`, `{"N":01}`, `{"text":1}`, `{} {}`, `{"text":"` + "\n" + `"}`,
		strings.Repeat(`{"list":[`, 1e5)} {
		if err := Decode(text, new(outer)); err == nil {
			t.Errorf("%.40q is taken", text)
		}
	}
}
