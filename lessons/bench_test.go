package lessons

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/budget"
	"github.com/rt0lab/rt0/internal/testprog"
	"github.com/rt0lab/rt0/lessons/picture"
)

// BenchmarkDrawing holds every picture to 5 ms, with the look into memory that it takes at a moment nobody has looked at.
func BenchmarkDrawing(b *testing.B) {
	m := machine(b, testprog.Build(b, runtime.Version(), testprog.Hello), 8)
	tour, err := NewTour(context.Background(), m)
	if err != nil {
		b.Fatal(err)
	}
	last := tour.Moments[len(tour.Moments)-1]
	if err := m.Seek(last.Tick - 10); err != nil { // in no stage's moment, so that Look has to look
		b.Fatal(err)
	}
	for _, f := range Figures {
		b.Run(f.Name, func(b *testing.B) {
			for b.Loop() {
				c := f.Draw(tour.Look(), last.Before, "en")
				if c.SVG() == "" || c.Render(picture.TextOptions{}) == "" {
					b.Fatal("it is empty")
				}
			}
			budget.Each(b, 5*time.Millisecond)
		})
	}
}
