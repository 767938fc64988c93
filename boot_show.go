package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/picture"
)

// figureHelp lists the figures.
func figureHelp() string {
	var b strings.Builder
	for _, f := range lessons.Figures {
		fmt.Fprintf(&b, "   %-12s %s\n", f.Name, f.Title.En)
	}
	return b.String()
}

// bootOptions are the flags of rt0 boot that say what to show.
type bootOptions struct {
	stage  string // an ID, or nothing for all
	cpus   []int
	format string
	figure string // a figure's name, or nothing for those of the stage
	diff   string // the version of Go with which to compare, if any
	text   lessons.Options
}

func newBootOptions(c *cli.Command) (b bootOptions, err error) {
	b.stage, b.format, b.text.Lang = c.String("stage"), c.String("format"), c.String("lang")
	b.figure, b.diff = c.String("figure"), c.String("diff")
	if _, ok := lessons.StageNamed(b.stage); !ok && b.stage != "" {
		var ids []string
		for _, s := range lessons.Stages {
			ids = append(ids, s.ID)
		}
		return b, fmt.Errorf("-stage %s: no such stage; choose one of %s", b.stage, strings.Join(ids, ", "))
	}
	if !slices.Contains([]string{"en", "zh"}, b.text.Lang) {
		return b, fmt.Errorf("-lang %s: no such language; choose en or zh", b.text.Lang)
	}
	if !slices.Contains([]string{"text", "json", "html", "svg"}, b.format) {
		return b, fmt.Errorf("-format %s: no such format; choose text, json, html or svg", b.format)
	}
	if _, ok := lessons.FigureNamed(b.figure); !ok && b.figure != "" {
		var names []string
		for _, f := range lessons.Figures {
			names = append(names, f.Name)
		}
		return b, fmt.Errorf("-figure %s: no such figure; choose one of %s", b.figure, strings.Join(names, ", "))
	}
	if b.cpus, err = parseCPUs(c.String("cpus")); err != nil {
		return b, err
	}
	return b, b.agree()
}

// agree finds flags that do not go together.
func (b *bootOptions) agree() error {
	switch {
	case b.figure != "" && b.format == "json":
		return errors.New("-figure draws, and json has no pictures; choose -format text, html or svg")
	case b.diff != "" && (b.format == "html" || b.format == "svg"):
		return fmt.Errorf("-diff makes a table; choose -format text or json, not %s", b.format)
	case b.diff != "" && b.figure != "":
		return errors.New("-diff makes a table, and -figure draws; leave one out")
	case len(b.cpus) > 1 && (b.format == "html" || b.format == "svg"):
		return fmt.Errorf("-format %s makes one document; give one number of -cpus", b.format)
	}
	return nil
}

// errShown ends a boot of which no more stages are wanted.
var errShown = errors.New("shown")

// moments runs a boot until all stages that are wanted have ended. Where the boot fails midway it returns those until then
// and the error.
func (b *bootOptions) moments(ctx context.Context, m *emulator.Machine) (moments []*lessons.Moment, err error) {
	var refusal lessons.Refusal
	m.OnSyscall(refusal.Note)
	defer m.OnSyscall(nil)
	onePicture := b.stage == "" && (b.format == "svg" || b.format == "text" && b.figure != "")
	err = lessons.EachStage(ctx, m, func(mo *lessons.Moment) error {
		switch {
		case onePicture: // the last stage has all
			if mo.Missing.Empty() {
				moments = []*lessons.Moment{mo}
			}
		case b.stage == "":
			moments = append(moments, mo)
		case b.stage == mo.Stage.ID:
			moments = append(moments, mo)
			if mo.Ended == nil {
				return errShown
			} // else how the boot ends is the error
		}
		return nil
	})
	if errors.Is(err, errShown) {
		err = nil
	}
	refusal.Advise(err, m.Config().MemLimit, lessons.Text{En: "with -mem", Zh: "用 -mem "})
	if ended, ok := errors.AsType[*lessons.EndedError](err); ok {
		err = ended.In(b.text.Lang)
		if ended.Limit != 0 {
			err = &statusError{statusTicks, err}
		}
	}
	return moments, err
}

// show runs a boot and writes its stages. Where the boot fails midway, those until then are written.
func (b *bootOptions) show(ctx context.Context, w io.Writer, m *emulator.Machine) error {
	moments, boot := b.moments(ctx, m)
	if boot != nil && len(moments) == 0 {
		return boot
	}
	if boot != nil && moments[0].Ended != nil && (b.format == "svg" || b.figure != "") {
		return boot // there is no picture of a stage that was not reached
	}
	if err := b.write(w, moments); err != nil {
		return err
	}
	return boot
}

func (b *bootOptions) write(w io.Writer, moments []*lessons.Moment) error {
	lang := b.text.Lang
	switch {
	case b.format == "json":
		return lessons.WriteJSON(w, moments)
	case b.format == "html":
		return lessons.WriteHTML(w, moments, lang, b.figure)
	case b.format == "text" && b.figure == "":
		return lessons.WriteText(w, moments, b.text)
	}
	c, err := b.picture(moments[0])
	if err != nil {
		return err
	}
	if b.format == "svg" {
		_, err = io.WriteString(w, c.SVG())
	} else {
		_, err = io.WriteString(w, c.Render(picture.TextOptions{Color: b.text.Color, ASCII: !unicodeTerminal()}))
	}
	return err
}

// picture draws the figure that is asked for, else the most telling one of the stage.
func (b *bootOptions) picture(m *lessons.Moment) (*picture.Canvas, error) {
	if !m.Missing.Empty() {
		return nil, fmt.Errorf("-stage %s: %s", m.Stage.ID, m.Missing.In(b.text.Lang))
	}
	f, ok := lessons.FigureNamed(b.figure)
	if !ok {
		f = m.Stage.Figures()[0]
	}
	return f.Draw(m, m.Before, b.text.Lang), nil
}

// showDiff runs two boots and writes their stages side by side, as far as both come.
func (b *bootOptions) showDiff(ctx context.Context, w io.Writer, m, n *emulator.Machine) error {
	as, errA := b.moments(ctx, m)
	bs, errB := b.moments(ctx, n)
	boot := errors.Join(errA, errB)
	if len(as) == 0 || len(bs) == 0 {
		return boot
	}
	write := lessons.WriteDiffJSON
	if b.format == "text" {
		write = func(w io.Writer, as, bs []*lessons.Moment) error { return lessons.WriteDiff(w, as, bs, b.text) }
	}
	if err := write(w, as, bs); err != nil {
		return err
	}
	return boot
}
