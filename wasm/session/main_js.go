// Command session is a notebook's session in a Web Worker: the Jupyter handler and the interpreter behind postMessage. The
// worker's script gives it these globals:
//
//	rt0Send(channel, text, buffers)  a message for the page
//	rt0Moment(text)                  where cells have left a machine
//	rt0Yield(resume)                 calls back when the browser has had its turn
//	rt0Fetch(path)                   a promise of the bytes of a file of the site
//
// and calls rt0Receive, rt0SetMoment and rt0Interrupt, which are there when it is told by rt0Ready.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"syscall/js"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/kernel/cells"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/library"
	"github.com/rt0lab/rt0/wasm/notebook"
)

func main() {
	log.SetFlags(0)
	version := "page"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	lab.DefaultMem = 512 << 20 // as the page's machine has, playground.DefaultMem
	programs := &notebook.Programs{Fetch: fetch}
	thread := &thread{}
	session, err := cells.New(cells.Options{
		Version: version, Symbols: library.Symbols, Program: programs.Find, Turn: thread.turn,
		Moved: func(m lab.Moment) {
			if text, err := json.Marshal(m); err == nil {
				js.Global().Call("rt0Moment", string(text))
			}
		},
	})
	if err != nil {
		log.Fatal(err) // the page learns that the worker has ended
	}
	h := kernel.NewHandler(session, send, kernel.Options{Log: log.New(os.Stderr, "rt0 session: ", 0)})
	thread.stop = h.Interrupt

	// These run between turns of this program's goroutines, on one of their own.
	js.Global().Set("rt0Receive", js.FuncOf(func(_ js.Value, args []js.Value) any {
		m, err := notebook.Decode(args[1].String(), buffers(args[2]))
		if err != nil {
			log.Print(err)
			return nil
		}
		h.Receive(kernel.Channel(args[0].String()), m)
		return nil
	}))
	js.Global().Set("rt0SetMoment", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var m lab.Moment
		if err := json.Unmarshal([]byte(args[0].String()), &m); err != nil {
			log.Print("moment: ", err)
			return nil
		}
		if args[1].Truthy() {
			programs.Own(m.Sample, bytes(args[1]))
		}
		session.SetMoment(m)
		return nil
	}))
	js.Global().Call("rt0Ready")
	<-h.Done()
}

// send posts a message to the page.
func send(ch kernel.Channel, m *kernel.Message) error {
	text, err := notebook.Encode(m)
	if err != nil {
		return err
	}
	list := js.Global().Get("Array").New()
	for _, b := range m.Buffers {
		data := js.Global().Get("Uint8Array").New(len(b))
		js.CopyBytesToJS(data, b)
		list.Call("push", data.Get("buffer"))
	}
	js.Global().Call("rt0Send", string(ch), text, list)
	return nil
}

// bytes copies a Uint8Array.
func bytes(v js.Value) []byte {
	b := make([]byte, v.Length())
	js.CopyBytesToGo(b, v)
	return b
}

// buffers copies a list of ArrayBuffers.
func buffers(list js.Value) (out [][]byte) {
	if !list.Truthy() {
		return nil
	}
	for i := range list.Length() {
		out = append(out, bytes(js.Global().Get("Uint8Array").New(list.Index(i))))
	}
	return out
}

// fetch gets a file of the site.
func fetch(ctx context.Context, path string) ([]byte, error) {
	done := make(chan struct{})
	var file []byte
	var fail error
	resolve := js.FuncOf(func(_ js.Value, args []js.Value) any {
		file = bytes(args[0])
		close(done)
		return nil
	})
	reject := js.FuncOf(func(_ js.Value, args []js.Value) any {
		fail = errors.New(args[0].Call("toString").String())
		close(done)
		return nil
	})
	js.Global().Call("rt0Fetch", path).Call("then", resolve, reject)
	select {
	case <-done:
		resolve.Release()
		reject.Release()
	case <-ctx.Done(): // the answer still comes, so the functions stay
		return nil, context.Cause(ctx)
	}
	if fail != nil {
		return nil, fmt.Errorf("%s cannot be loaded: %w", path, fail)
	}
	return file, nil
}
