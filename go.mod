module github.com/rt0lab/rt0

go 1.26.0

require golang.org/x/arch v0.32.0

require github.com/urfave/cli/v3 v3.14.0

require (
	github.com/go-zeromq/zmq4 v0.17.0
	github.com/traefik/yaegi v0.16.1
)

require (
	github.com/go-zeromq/goczmq/v4 v4.2.2 // indirect
	golang.org/x/sync v0.7.0 // indirect
	golang.org/x/text v0.15.0 // indirect
)

require (
	github.com/google/go-dap v0.12.0
	github.com/yuin/goldmark v1.8.7
)
