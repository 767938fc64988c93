package lessons

import (
	"bufio"
	"fmt"
	"io"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/plainjson"
	"github.com/rt0lab/rt0/internal/visible"
)

// WriteJSON writes the moments as one JSON array, an object a stage, each on a line of its own. Addresses are strings
// ("0x…"), counts are numbers, lists arrays. A stage that the program lacks has "missing", which says why, and the state in which
// the stage before ended. If the program ended before the stage, there is no state of it: instead it has "ended", an object
// that tells how and where the program ended, what it wrote and what to do.
func WriteJSON(w io.Writer, moments []*Moment) error {
	objects := make([]plainjson.Object, len(moments))
	for i, m := range moments {
		objects[i] = m.object()
	}
	return writeArray(w, objects)
}

// writeArray writes a JSON array, an element a line.
func writeArray(w io.Writer, objects []plainjson.Object) error {
	buf := bufio.NewWriter(w)
	buf.WriteString("[")
	for i, o := range objects {
		if i > 0 {
			buf.WriteString(",")
		}
		buf.WriteString("\n")
		buf.Write(visible.JSON(plainjson.Append(nil, o)))
	}
	buf.WriteString("\n]\n")
	return buf.Flush()
}

// MarshalJSON writes the moment as an object of `rt0 boot -format json`.
func (m *Moment) MarshalJSON() ([]byte, error) { return plainjson.Append(nil, m.object()), nil }

func (m *Moment) object() plainjson.Object {
	if m.Ended != nil {
		return plainjson.Pairs("id", m.Stage.ID, "title", m.Stage.Title.En, "go", m.Go, "missing", m.Missing.En, "ended", m.Ended.object())
	}
	o := plainjson.Pairs(
		"id", m.Stage.ID, "title", m.Stage.Title.En, "tick", m.Tick, "go", m.Go,
		"pc", hex(m.PC()), "symbol", m.Symbol, "file", m.File, "line", m.Line,
		"registers", registersObject(&m.Registers), "facts", factsObject(m.Facts),
	)
	if !m.Missing.Empty() {
		o = append(o, plainjson.Member{Name: "missing", Value: m.Missing.En})
	}
	return o
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }

func registersObject(r *emulator.Registers) plainjson.Object {
	o := plainjson.Object{}
	for i, name := range emulator.GPRNames {
		o = append(o, plainjson.Member{Name: name, Value: hex(r.GPR[i])})
	}
	return append(o, plainjson.Pairs("rip", hex(r.RIP), "rflags", hex(r.RFLAGS), "fsbase", hex(r.FSBase))...)
}

func factsObject(facts []Fact) plainjson.Object {
	o := plainjson.Object{}
	for _, f := range facts {
		var value any
		switch v := f.Value; v.Kind {
		case Address:
			value = hex(v.Word)
		case Number:
			value = v.Number
		case Numbers:
			value = append([]int64{}, v.Numbers...) // [] and not null when empty
		case Names:
			value = append([]string{}, v.Names...)
		}
		o = append(o, plainjson.Member{Name: f.Name, Value: value})
	}
	return o
}
