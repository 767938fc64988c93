package lessons

import "strings"

// A Text is a text in the languages of the lessons.
type Text struct{ En, Zh string }

// same is a text that reads alike in all languages: names and numbers.
func same(s string) Text { return Text{s, s} }

// In returns the text in the language: "zh", else English.
func (t Text) In(lang string) string {
	if lang == "zh" {
		return t.Zh
	}
	return t.En
}

// Empty says that there is no text.
func (t Text) Empty() bool { return t.En == "" && t.Zh == "" }

// fill puts facts into a text: {name} becomes the value of that fact. A part in [[double brackets]] falls away, brackets and all, if
// a fact named in it is not there, so that a text stays true for programs that lack something.
func fill(text string, m *Moment) string {
	var out strings.Builder
	for text != "" {
		open := strings.Index(text, "[[")
		end := strings.Index(text, "]]")
		if open < 0 || end < open {
			break
		}
		s, _ := fillPart(text[:open], m)
		out.WriteString(s)
		if s, all := fillPart(text[open+2:end], m); all {
			out.WriteString(s)
		}
		text = text[end+2:]
	}
	s, _ := fillPart(text, m)
	out.WriteString(s)
	return out.String()
}

// fillPart fills a part and says whether all its facts are there. A missing one reads "?".
func fillPart(text string, m *Moment) (string, bool) {
	var out strings.Builder
	all := true
	for {
		open := strings.IndexByte(text, '{')
		end := strings.IndexByte(text, '}')
		if open < 0 || end < open {
			out.WriteString(text)
			return out.String(), all
		}
		out.WriteString(text[:open])
		if f, ok := m.Fact(text[open+1 : end]); ok {
			out.WriteString(f.Value.String())
		} else {
			out.WriteByte('?')
			all = false
		}
		text = text[end+1:]
	}
}

// Story tells in one line what happened in the stage that ended last, with the moment's own numbers.
func (m *Moment) Story(lang string) string { return fill(m.Stage.Story.In(lang), m) }
