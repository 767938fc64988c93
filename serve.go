package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/internal/listen"
	"github.com/rt0lab/rt0/internal/site"
)

// builtSite is where `make web` puts the page.
var builtSite = filepath.Join("build", "web")

func serveCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "serve",
		Usage:     "serve the web page, where the boot can be watched in a browser",
		UsageText: "rt0 serve [FLAG...]",
		Description: "The page is built by `make web` and needs no server of its own: any static host can hold the folder. The machine runs in\n" +
			"the browser; nothing is sent anywhere. ^C ends the command.\n\n" +
			"Exit status: 0 after ^C, 125 when rt0 itself failed or was used wrongly.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "addr", Value: "127.0.0.1:8080", Usage: "`HOST:PORT` where to listen, on this computer only without HOST; port 0 takes a free one"},
			&cli.StringFlag{Name: "dir", Value: builtSite, Usage: "`DIR` the folder that make web has built"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return fmt.Errorf("%s: no argument is wanted here", c.Args().First())
			}
			pages, err := site.Open(c.String("dir"))
			if err != nil {
				return fmt.Errorf("-dir %s: %w", c.String("dir"), err)
			}
			defer pages.Close()
			l, err := listen.TCP("-addr", c.String("addr"))
			if err != nil {
				return err
			}
			if exposed := listen.Exposed(l); exposed != "" {
				fmt.Fprintln(std.err, "rt0 serve:", exposed)
			}
			fmt.Fprintf(std.out, "http://%s/\n", listen.Reachable(l))
			return serve(ctx, l, newServer(pages))
		},
	}
}

// newServer returns a server that closes the connections of clients that say nothing. It waits for requests without a body, so
// that there is little to read.
func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// serve answers until ctx is canceled, which is how serving is meant to end.
func serve(ctx context.Context, l net.Listener, server *http.Server) error {
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
