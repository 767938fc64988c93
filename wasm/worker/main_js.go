// Command worker is the machine in a Web Worker: package playground behind postMessage. The worker's script gives it two
// globals: rt0Reply, to be called with an answer, and rt0Yield, which calls back when the browser has had its turn.
package main

import (
	"context"
	"syscall/js"
	"time"

	"github.com/rt0lab/rt0/wasm/playground"
)

// A job is a request on its way.
type job struct {
	id      int
	ctx     context.Context
	text    string
	program []byte
}

func main() {
	jobs := make(chan job, 64)
	cancels := map[int]context.CancelFunc{}
	// The callbacks run between turns of this program's goroutines, so the map needs no lock.
	js.Global().Set("rt0Request", js.FuncOf(func(_ js.Value, args []js.Value) any {
		j := job{id: args[0].Int(), text: args[1].String()}
		if data := args[2]; data.Truthy() {
			j.program = make([]byte, data.Length())
			js.CopyBytesToGo(j.program, data)
		}
		ctx, cancel := context.WithCancel(context.Background())
		j.ctx, cancels[j.id] = &polite{ctx, time.Now().UnixNano()}, cancel
		select {
		case jobs <- j:
		default:
			delete(cancels, j.id)
			reply(j.id, playground.Reply{}, "too many requests at once")
		}
		return nil
	}))
	js.Global().Set("rt0Cancel", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if cancel, ok := cancels[args[0].Int()]; ok {
			cancel()
		}
		return nil
	}))
	js.Global().Call("rt0Ready")
	server := &playground.Server{}
	for j := range jobs {
		r, err := handle(server, j)
		if cancel, ok := cancels[j.id]; ok {
			cancel()
			delete(cancels, j.id)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		reply(j.id, r, text)
	}
}

func handle(server *playground.Server, j job) (playground.Reply, error) {
	req, err := playground.Decode(j.text)
	if err != nil {
		return playground.Reply{}, err
	}
	return server.Handle(j.ctx, req, j.program)
}

// reply posts an answer: its JSON, or the error.
func reply(id int, r playground.Reply, problem string) {
	js.Global().Call("rt0Reply", id, playground.Encode(r), problem)
}

// slice is how long work goes on before the browser gets a turn, in which it can deliver a cancellation.
const slice = int64(8 * time.Millisecond)

// polite is a context that gives the browser a turn now and then when it is asked whether it is canceled, which long work
// does all the time. (A timer would do, too, but browsers round those up to seconds.)
type polite struct {
	context.Context
	last int64 // when it had its turn, in ns since 1970
}

func (p *polite) Err() error {
	if time.Now().UnixNano()-p.last > slice {
		resumed := make(chan struct{})
		f := js.FuncOf(func(js.Value, []js.Value) any {
			close(resumed)
			return nil
		})
		js.Global().Call("rt0Yield", f)
		<-resumed
		f.Release()
		p.last = time.Now().UnixNano()
	}
	return p.Context.Err()
}
