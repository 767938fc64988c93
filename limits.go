package main

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
)

// memFlag is -mem, of all commands that run a machine.
func memFlag() cli.Flag {
	return &cli.StringFlag{Name: "mem", Value: "4G", Usage: "`SIZE` the most that the guest can have of all that takes memory, files and pipes included, such as 256M"}
}

// maxTicksFlag is -max-ticks, of all commands that run a machine; otherwise says when they stop without it.
func maxTicksFlag(otherwise string) cli.Flag {
	return &cli.Uint64Flag{Name: "max-ticks", HideDefault: true,
		Usage: "`N` stop after so many instructions; work beyond 1 MiB in one counts too (default: " + otherwise + ")"}
}

// limits puts what these flags say into cfg.
func limits(c *cli.Command, cfg *emulator.Config) (err error) {
	if cfg.MemLimit, err = parseSize(c.String("mem")); err != nil {
		return fmt.Errorf("-mem: %w", err)
	}
	cfg.MaxTicks = c.Uint64("max-ticks")
	return nil
}

// What the host may take for a guest besides twice its limit, in bytes: rt0 itself, and the snapshots of a machine that can
// go back. rt0's program text and what the operating system counts besides are ownSize; Go's runtime cannot be told of them.
const (
	hostSize    = 64 << 20
	historySize = 128 << 20
	ownSize     = 32 << 20
)

// holdMemory has Go's runtime collect garbage early enough for rt0 to take no more than twice -mem and a constant. Left to
// itself it lets the heap grow to twice what is in use. A lower GOMEMLIMIT of the user's stays.
func holdMemory(cfg *emulator.Config) {
	if cfg.MemLimit > math.MaxInt64/4 {
		return
	}
	limit := 2*int64(cfg.MemLimit) + hostSize - ownSize
	if cfg.CheckpointEvery != emulator.NoCheckpoints {
		limit += historySize
	}
	if limit < debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(limit)
	}
}
