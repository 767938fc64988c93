// Command notebook runs the lessons natively and prints what their cells say, for the tests of the page: a JSON object from
// language and lesson, such as "en/pidle", to a list of outputs for each cell.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/rt0lab/rt0/lessons/script"
	"github.com/rt0lab/rt0/notebooks"
)

func main() {
	log.SetFlags(0)
	all, err := script.All()
	if err != nil {
		log.Fatal(err)
	}
	out := map[string][][]string{}
	for _, lang := range script.Langs {
		for _, l := range all {
			if out[lang+"/"+l.Name], err = run(l, lang); err != nil {
				log.Fatal(err)
			}
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatal(err)
	}
}

func run(l *script.Lesson, lang string) (said [][]string, err error) {
	file, err := notebooks.Make(context.Background(), l, lang)
	if err != nil {
		return nil, err
	}
	var nb struct {
		Cells []struct {
			Type    string   `json:"cell_type"`
			Source  []string `json:"source"`
			Outputs []struct {
				Text string         `json:"text"`
				Data map[string]any `json:"data"`
			} `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(file, &nb); err != nil {
		return nil, err
	}
	for _, c := range nb.Cells {
		// A cell that shows an exercise is none on the page: there stands the exercise itself.
		if c.Type != "code" || strings.HasPrefix(strings.Join(c.Source, ""), "lab.Exercise(") {
			continue
		}
		list := []string{}
		for _, o := range c.Outputs {
			text := o.Text
			if plain, ok := o.Data["text/plain"].(string); ok {
				text = plain
			}
			list = append(list, strings.TrimRight(text, " \n"))
		}
		said = append(said, list)
	}
	return said, nil
}
