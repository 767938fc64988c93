package gdbserver

import (
	"bytes"
	"errors"
	"slices"

	"github.com/rt0lab/rt0/emulator"
)

// A pointKind is the T of a Z packet.
type pointKind byte

const (
	softwareBreakpoint pointKind = '0'
	hardwareBreakpoint pointKind = '1'
	writeWatchpoint    pointKind = '2'
	readWatchpoint     pointKind = '3'
	accessWatchpoint   pointKind = '4'
)

// A point is a breakpoint or a watchpoint that the client has set. Neither is ever written into guest memory: the
// machine compares addresses, so a program cannot see that it is watched.
type point struct {
	kind pointKind
	addr uint64
	// length of a watched range in bytes; for a breakpoint, the length of the instruction that a client would patch in,
	// which means nothing here.
	length uint64
}

// stopPoints are a session's points, in the order in which they were set.
type stopPoints []point

// maxPoints bounds what a client can make the machine compare at each block.
const maxPoints = 4096

// maxWatch is the longest range in bytes that can be watched.
const maxWatch = 1 << 20

var errManyPoints = errors.New("4096 breakpoints and watchpoints are set: remove some first")

// parsePoint reads "T,ADDR,KIND", leaving out the condition or commands that may follow a semicolon.
func parsePoint(args []byte) (point, bool) {
	if len(args) < 2 || args[1] != ',' {
		return point{}, false
	}
	pair, _, _ := bytes.Cut(args[2:], []byte{';'})
	addr, length, ok := parsePair(pair)
	return point{pointKind(args[0]), addr, length}, ok
}

// insertPoint carries out Z.
func (c *session) insertPoint(dst, args []byte) ([]byte, error) {
	p, ok := parsePoint(args)
	if !ok {
		return dst, errMalformed
	}
	switch p.kind {
	case softwareBreakpoint, hardwareBreakpoint:
		if _, ok := c.memory(p.addr, 1); !ok {
			return dst, errnoEFAULT
		}
	case writeWatchpoint, readWatchpoint, accessWatchpoint:
		if p.length == 0 || p.length > maxWatch {
			return dst, errnoEINVAL
		}
		// What is not mapped now may have been, or may come to be.
		if end := p.addr + p.length; end < p.addr || end > addressSpaceEnd {
			return dst, errnoEFAULT
		}
	default:
		return dst, nil
	}
	if !slices.Contains(c.stops, p) { // "set" twice is set once
		if len(c.stops) == maxPoints {
			return dst, errManyPoints
		}
		c.stops = append(c.stops, p)
	}
	return append(dst, "OK"...), nil
}

// removePoint carries out z. Removing what is not set is no error, as the protocol asks.
func (c *session) removePoint(dst, args []byte) ([]byte, error) {
	p, ok := parsePoint(args)
	if !ok {
		return dst, errMalformed
	}
	if p.kind < softwareBreakpoint || p.kind > accessWatchpoint {
		return dst, nil
	}
	if i := slices.Index(c.stops, p); i >= 0 {
		c.stops = slices.Delete(c.stops, i, i+1)
	}
	return append(dst, "OK"...), nil
}

// applyPoints gives the points to the debuggee before a move. Clients take all of theirs out when the program stops and put
// them back before it goes on, so most of the time there is nothing new.
func (c *session) applyPoints() error {
	if !c.stale && slices.Equal(c.stops, c.applied) {
		return nil
	}
	c.applied, c.stale = slices.Clone(c.stops), false
	return c.debuggee.SetPoints(c.stops.breakpoints(), c.stops.watches())
}

func (s stopPoints) breakpoints() []uint64 {
	var addrs []uint64
	for _, p := range s {
		if p.kind <= hardwareBreakpoint {
			addrs = append(addrs, p.addr)
		}
	}
	return addrs
}

func (s stopPoints) watches() []emulator.Watch {
	var watches []emulator.Watch
	for _, p := range s {
		if p.kind >= writeWatchpoint {
			watches = append(watches, emulator.Watch{
				Addr: p.addr, Len: p.length, Read: p.kind != writeWatchpoint, Write: p.kind != readWatchpoint,
			})
		}
	}
	return watches
}

// breakpointAt returns the breakpoint at the address, if there is one.
func (s stopPoints) breakpointAt(addr uint64) (point, bool) {
	for _, p := range s {
		if p.kind <= hardwareBreakpoint && p.addr == addr {
			return p, true
		}
	}
	return point{}, false
}

// watchFor returns the watchpoint that an access hit and the first watched byte that it touched.
func (s stopPoints) watchFor(a *emulator.Access) (p point, addr uint64, ok bool) {
	for _, p := range s {
		wants := p.kind == accessWatchpoint || p.kind == writeWatchpoint && a.Write || p.kind == readWatchpoint && !a.Write
		if wants && a.Addr < p.addr+p.length && p.addr < a.Addr+uint64(a.Size) {
			return p, max(a.Addr, p.addr), true
		}
	}
	return point{}, 0, false
}
