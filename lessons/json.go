package lessons

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/rt0lab/rt0/emulator"
)

// WriteJSON writes the moments as one JSON array, an object a stage, each on lines of its own. Addresses are strings
// ("0x…"), counts are numbers, lists arrays. A stage that the program lacks has "missing", which says why.
func WriteJSON(w io.Writer, moments []*Moment) error {
	var b bytes.Buffer
	b.WriteString("[")
	for i, m := range moments {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		one, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("stage %s: %w", m.Stage.ID, err)
		}
		b.Write(one)
	}
	b.WriteString("\n]\n")
	_, err := w.Write(b.Bytes())
	return err
}

// MarshalJSON writes the moment as an object of `rt0 boot -format json`.
func (m *Moment) MarshalJSON() ([]byte, error) {
	missing := m.Missing.En
	return json.Marshal(struct {
		ID        string    `json:"id"`
		Title     string    `json:"title"`
		Tick      uint64    `json:"tick"`
		Go        string    `json:"go"`
		PC        string    `json:"pc"`
		Symbol    string    `json:"symbol"`
		File      string    `json:"file"`
		Line      int       `json:"line"`
		Registers registers `json:"registers"`
		Facts     facts     `json:"facts"`
		Missing   string    `json:"missing,omitempty"`
	}{m.Stage.ID, m.Stage.Title.En, m.Tick, m.Go, hex(m.PC()), m.Symbol, m.File, m.Line, registers(m.Registers), m.Facts, missing})
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }

// registers and facts are written in their own order, which encoding/json's maps would lose.
type registers emulator.Registers

func (r registers) MarshalJSON() ([]byte, error) {
	var o object
	for i, name := range emulator.GPRNames {
		o.add(name, hex(r.GPR[i]))
	}
	o.add("rip", hex(r.RIP))
	o.add("rflags", hex(r.RFLAGS))
	o.add("fsbase", hex(r.FSBase))
	return o.end()
}

type facts []Fact

func (fs facts) MarshalJSON() ([]byte, error) {
	var o object
	for _, f := range fs {
		switch v := f.Value; v.Kind {
		case Address:
			o.add(f.Name, hex(v.Word))
		case Number:
			o.add(f.Name, v.Number)
		case Numbers:
			o.add(f.Name, append([]int64{}, v.Numbers...)) // [] and not null when empty
		case Names:
			o.add(f.Name, append([]string{}, v.Names...))
		}
	}
	return o.end()
}

// An object is a JSON object under construction.
type object struct {
	b   bytes.Buffer
	err error
}

func (o *object) add(name string, value any) {
	if o.b.Len() == 0 {
		o.b.WriteByte('{')
	} else {
		o.b.WriteByte(',')
	}
	for i, part := range []any{name, value} {
		p, err := marshal(part)
		if err != nil {
			o.err = err
		}
		o.b.Write(p)
		if i == 0 {
			o.b.WriteByte(':')
		}
	}
}

// marshal writes a value without the escapes of HTML: "&g0" stays readable.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (o *object) end() ([]byte, error) {
	if o.b.Len() == 0 {
		o.b.WriteByte('{')
	}
	o.b.WriteByte('}')
	return o.b.Bytes(), o.err
}
