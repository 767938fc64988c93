// Command worker is the machine in a Web Worker: package playground behind postMessage. The worker's script gives it these
// globals:
//
//	rt0Reply(id, reply, error, last)  an answer; those before the last tell how a boot gets on
//	rt0Yield(resume)                  calls back when the browser has had its turn
//
// and calls rt0Request and rt0Cancel, which are there when it is told by rt0Ready.
package main

import (
	"runtime/debug"
	"syscall/js"

	"github.com/rt0lab/rt0/wasm/playground"
)

// gcPercent lets the heap grow to five times of what is in use between collections: there is one thread for them and for the
// machine, and what a boot leaves behind is some tens of megabytes.
const gcPercent = 400

// A job is a request on its way.
type job struct {
	*turn
	text    string
	program []byte
}

func main() {
	jobs := make(chan job, 64)
	turns := map[int]*turn{}
	// The callbacks run between turns of this program's goroutines, so the map needs no lock.
	js.Global().Set("rt0Request", js.FuncOf(func(_ js.Value, args []js.Value) any {
		j := job{turn: newTurn(args[0].Int()), text: args[1].String()}
		if data := args[2]; data.Truthy() {
			j.program = make([]byte, data.Length())
			js.CopyBytesToGo(j.program, data)
		}
		select {
		case jobs <- j:
			turns[j.id] = j.turn
		default:
			answer(j.id, "", "too many requests at once", true)
		}
		return nil
	}))
	js.Global().Set("rt0Cancel", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if t, ok := turns[args[0].Int()]; ok {
			t.cancel()
		}
		return nil
	}))
	debug.SetGCPercent(gcPercent)
	js.Global().Call("rt0Ready")
	server := &playground.Server{}
	for j := range jobs {
		if len(jobs) > 0 {
			j.yield() // what waits may have been canceled meanwhile
		}
		r, err := handle(server, j)
		delete(turns, j.id)
		if err != nil {
			answer(j.id, "", err.Error(), true)
			continue
		}
		answer(j.id, playground.Encode(r), "", true)
	}
}

func handle(server *playground.Server, j job) (playground.Reply, error) {
	req, err := playground.Decode(j.text)
	if err != nil {
		return playground.Reply{}, err
	}
	server.Early = func(r playground.Reply) { answer(j.id, playground.Encode(r), "", false) }
	return server.Handle(j.turn, req, j.program)
}

func answer(id int, reply, problem string, last bool) {
	js.Global().Call("rt0Reply", id, reply, problem, last)
}
