// Httpself is a web server and its client in one process, over the loopback interface.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/upper", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		io.WriteString(w, strings.ToUpper(string(body)))
	})
	go http.Serve(listener, mux)

	url := "http://" + listener.Addr().String()
	for _, text := range []string{"hello", strings.Repeat("long ", 20000)} {
		response, err := http.Post(url+"/upper", "text/plain", strings.NewReader(text))
		if err != nil {
			return err
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return err
		}
		fmt.Println(response.Status, len(body), string(body[:5]))
	}
	response, err := http.Get(url + "/nowhere")
	if err != nil {
		return err
	}
	response.Body.Close()
	fmt.Println(response.Status)
	return nil
}
