package kernel

import (
	"context"
	"testing"

	"github.com/rt0lab/rt0/internal/patience"
)

// slow is a Session whose cells run until they are interrupted.
type slow struct{ begun chan struct{} }

func (s slow) Execute(ctx context.Context, c *Cell) (*Bundle, error) {
	close(s.begun)
	<-ctx.Done()
	return nil, context.Cause(ctx)
}
func (slow) Value(context.Context, string) (*Bundle, error) { return nil, nil }
func (slow) Complete(string, int) Completion                { return Completion{} }
func (slow) Inspect(string, int, int) *Bundle               { return nil }
func (slow) IsComplete(code string) Completeness            { return Completeness{Status: "complete"} }
func (slow) Info() Info                                     { return Info{Implementation: "slow"} }
func (slow) Close()                                         {}

// TestDuringCell asks on the control channel while a cell runs: what the contract of Session allows then has an answer, and
// what needs the definitions of cells has none.
func TestDuringCell(t *testing.T) {
	s := slow{make(chan struct{})}
	answers, done := make(chan string, 10), make(chan struct{})
	h := NewHandler(s, func(ch Channel, m *Message) error {
		switch ch {
		case Control:
			answers <- m.Header.Type
		case Shell:
			close(done)
		}
		return nil
	}, Options{})
	defer h.Close()
	request := func(ch Channel, typ string) {
		h.Receive(ch, &Message{Header: Header{ID: typ, Type: typ}, Content: []byte(`{"code": "x", "cursor_pos": 1}`)})
	}
	request(Shell, "execute_request")
	<-s.begun
	for _, k := range []struct{ request, answer string }{
		{"is_complete_request", "is_complete_reply"},
		{"kernel_info_request", "kernel_info_reply"},
		{"complete_request", ""},
		{"inspect_request", ""},
		{"execute_request", ""},
	} {
		request(Control, k.request) // it is answered when this returns
		got := ""
		select {
		case got = <-answers:
		default:
		}
		if got != k.answer {
			t.Errorf("%s during a cell is answered by %q, want %q", k.request, got, k.answer)
		}
	}
	select {
	case <-done:
		t.Error("the cell has ended")
	default:
	}
	h.Interrupt()
	patience.Receive(t, "the end of the cell", done)
}
