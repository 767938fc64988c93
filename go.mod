module github.com/rt0lab/rt0

go 1.26.0

require golang.org/x/arch v0.32.0
