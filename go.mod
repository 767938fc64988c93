module github.com/rt0lab/rt0

go 1.26.0

require golang.org/x/arch v0.32.0

require github.com/urfave/cli/v3 v3.14.0

require github.com/traefik/yaegi v0.16.1
