package main

import (
	"encoding/json"
	"fmt"
	"log"
	"regexp"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/exercise"
	"github.com/rt0lab/rt0/lessons/script"
)

// A Course is all that the page shows of the lessons.
type Course struct {
	Lessons   []Lesson   `json:"lessons"`
	Exercises []Exercise `json:"exercises"`
}

// Words are a text in both languages.
type Words struct {
	En string `json:"en"`
	Zh string `json:"zh"`
}

// A Lesson is prose, cells and exercises in turn.
type Lesson struct {
	Number  int          `json:"number"`
	Name    string       `json:"name"`
	Title   Words        `json:"title"`
	Imports []string     `json:"imports"`
	Parts   []LessonPart `json:"parts"`
}

// A LessonPart is one of three: prose by language, the code of a cell, or the name of an exercise.
type LessonPart struct {
	Prose    map[string][]Prose `json:"prose,omitempty"`
	Code     string             `json:"code,omitempty"`
	Exercise string             `json:"exercise,omitempty"`
}

// An Exercise is what a reader sees of one. The answers stay in the machine, which checks them.
type Exercise struct {
	ID     string `json:"id"`
	Lesson string `json:"lesson"`
	Title  Words  `json:"title"`
	Text   Words  `json:"text"`
	Hint   Words  `json:"hint"`
	Start  string `json:"start"`
}

// lessons puts the course on the site, and the programs of other versions of Go that its cells boot.
func (s *site) lessons(index *Index) (string, error) {
	c, err := course()
	if err != nil {
		return "", err
	}
	for _, v := range lessonVersions(c) {
		if slices.ContainsFunc(index.Samples, func(p Sample) bool { return p.Name == program.Default && p.Go == "go"+v }) {
			continue
		}
		sample, err := s.sample(program.Default, v)
		if err != nil {
			log.Printf("left out: %s of Go %s, which a lesson boots: %v", program.Default, v, err)
			continue
		}
		index.Samples = append(index.Samples, sample)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return s.writeCompressed("lessons", ".json", b)
}

// showsExercise is a cell that does nothing but print an exercise: on the page the exercise itself stands there.
var showsExercise = regexp.MustCompile(`^lab\.Exercise\("([a-z0-9-]+)"\)\.Show\(\)\s*$`)

// course renders the lessons and finds out where the exercises belong: below the lesson that shows them; those that no lesson
// shows, behind the exercise before.
func course() (*Course, error) {
	all, err := script.All()
	if err != nil {
		return nil, err
	}
	c := &Course{}
	place := map[string]int{}
	for i, l := range all {
		out := Lesson{Number: l.Number, Name: l.Name, Title: Words{l.Title["en"], l.Title["zh"]}, Imports: l.Imports}
		for _, p := range l.Parts {
			part, err := lessonPart(p)
			if err != nil {
				return nil, fmt.Errorf("lesson %s: %w", l.Name, err)
			}
			if part.Exercise != "" {
				place[part.Exercise] = i
				withoutCells(out.Parts[len(out.Parts)-1])
			}
			out.Parts = append(out.Parts, part)
		}
		c.Lessons = append(c.Lessons, out)
	}
	last := 0
	for _, e := range exercise.All {
		i, shown := place[e.ID]
		if !shown {
			i = last
			c.Lessons[i].Parts = append(c.Lessons[i].Parts, LessonPart{Exercise: e.ID})
		}
		delete(place, e.ID)
		last = i
		c.Exercises = append(c.Exercises, Exercise{e.ID, c.Lessons[i].Name, words(e.Title), words(e.Text), words(e.Hint), strings.TrimRight(e.Start, "\n")})
	}
	for id := range place {
		return nil, fmt.Errorf("a lesson shows the exercise %q, which there is not", id)
	}
	return c, nil
}

// withoutCells takes away the sentences in front of an exercise that tell how to answer it in a cell: the page has a button.
func withoutCells(p LessonPart) {
	for lang, prose := range p.Prose {
		p.Prose[lang] = slices.DeleteFunc(prose, func(p Prose) bool {
			return slices.ContainsFunc(p.Children, func(c Prose) bool { return c.Tag == "code" && c.Children[0].Text == ".Check(…)" })
		})
	}
}

func words(t lessons.Text) Words { return Words{t.En, t.Zh} }

func lessonPart(p script.Part) (LessonPart, error) {
	if m := showsExercise.FindStringSubmatch(p.Code); m != nil {
		return LessonPart{Exercise: m[1]}, nil
	}
	if p.Code != "" {
		return LessonPart{Code: strings.TrimRight(p.Code, "\n")}, nil
	}
	prose := map[string][]Prose{}
	for _, lang := range script.Langs {
		rendered, err := renderProse(p.Prose[lang])
		if err != nil {
			return LessonPart{}, err
		}
		prose[lang] = rendered
	}
	return LessonPart{Prose: prose}, nil
}

// bootsVersion is where a cell or an exercise boots a program of another version of Go.
var bootsVersion = regexp.MustCompile(`lab\.Go\("([0-9.]+)"\)`)

// lessonVersions returns the versions of Go whose program the cells boot.
func lessonVersions(c *Course) []string {
	var out []string
	for _, l := range c.Lessons {
		for _, p := range l.Parts {
			for _, m := range bootsVersion.FindAllStringSubmatch(p.Code, -1) {
				out = append(out, m[1])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
