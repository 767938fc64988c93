package exercise

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/model"
	"github.com/rt0lab/rt0/lessons/picture"
)

// An answer is what a reader has given, and the bench on which it is checked.
type answer struct {
	ctx   context.Context
	bench *Bench
	code  string
}

// eval returns the value of an expression over the answer's declarations.
func (a *answer) eval(expr string) (reflect.Value, error) {
	v, err := model.Eval(a.ctx, a.code, expr)
	if err != nil {
		if a.ctx.Err() != nil {
			return reflect.Value{}, a.ctx.Err()
		}
		return reflect.Value{}, wrong("Your code does not run: %v.", "你的代码无法运行：%v。", err)
	}
	return reflect.ValueOf(v), nil
}

// number evaluates an expression that must be an integer.
func (a *answer) number(expr string) (int64, error) {
	v, err := a.eval(expr)
	if err != nil {
		return 0, err
	}
	if n, ok := integer(v); ok {
		return n, nil
	}
	return 0, wrong("%s must be an integer.", "%s 应当是整数。", expr)
}

func integer(v reflect.Value) (int64, bool) {
	switch {
	case !v.IsValid():
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), true
	}
	return 0, false
}

// text evaluates an expression that must be a string.
func (a *answer) text(expr string) (string, error) {
	v, err := a.eval(expr)
	if err != nil {
		return "", err
	}
	if !v.IsValid() || v.Kind() != reflect.String {
		return "", wrong("%s must be a string.", "%s 应当是字符串。", expr)
	}
	return strings.TrimSpace(v.String()), nil
}

// texts evaluates an expression that must be a list of strings.
func (a *answer) texts(expr string) ([]string, error) {
	v, err := a.eval(expr)
	if err != nil {
		return nil, err
	}
	if v.IsValid() {
		if list, ok := v.Interface().([]string); ok {
			return list, nil
		}
	}
	return nil, wrong("%s must be a []string.", "%s 应当是 []string。", expr)
}

// integers evaluates an expression that must be a list of integers.
func (a *answer) integers(expr string) ([]int64, error) {
	v, err := a.eval(expr)
	if err != nil {
		return nil, err
	}
	if v.IsValid() && v.Kind() == reflect.Slice {
		list := make([]int64, v.Len())
		ok := true
		for i := range list {
			var is bool
			list[i], is = integer(v.Index(i))
			ok = ok && is
		}
		if ok {
			return list, nil
		}
	}
	return nil, wrong("%s must be a list of integers.", "%s 应当是整数列表。", expr)
}

// A nudge is what to say besides when the first difference is in a field whose path ends so.
type nudge struct {
	suffix string
	text   lessons.Text
}

// compare holds the model, changed by the answer, to machines built by a version of Go.
func (a *answer) compare(version string, nudges ...nudge) error {
	for _, cpus := range []int{1, 2, 4, 8} {
		t, err := a.bench.tour(a.ctx, machine{version: version, cpus: cpus})
		if err != nil {
			return err
		}
		d, err := model.Compare(a.ctx, a.code, t)
		var own *model.Error
		switch {
		case a.ctx.Err() != nil:
			return a.ctx.Err()
		case errors.As(err, &own):
			return wrong("The model with your code does not run (CPUs: %d): %v.", "带上你的代码，模型无法运行（CPU 数 %d）：%v。", own.Input.CPUs, own.Err)
		case err != nil:
			return err
		case d == nil:
			continue
		}
		w := &Wrong{Text: d.Text(), Figure: func(lang string) *picture.Canvas { return d.Draw(lang) }}
		for _, n := range nudges {
			if strings.HasSuffix(d.Path, n.suffix) {
				w.Text.En += " " + n.text.En
				w.Text.Zh += n.text.Zh
				break
			}
		}
		return w
	}
	return nil
}

// moment boots a machine and returns it at the end of a stage.
func (a *answer) moment(c machine, stage string) (*lessons.Tour, *lessons.Moment, error) {
	t, err := a.bench.tour(a.ctx, c)
	if err != nil {
		return nil, nil, err
	}
	mo, err := t.Moment(stage)
	if err != nil {
		return nil, nil, fmt.Errorf("this program cannot show it: %w", err)
	}
	return t, mo, nil
}
