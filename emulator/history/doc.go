// Package history moves through the run of an emulator.Machine in both directions: by instruction, by line, by call, to
// breakpoints, watchpoints, system calls, ticks and to anything that a caller can recognise.
//
// A machine is a function of its Config, so the past need not be recorded: to go back means to restore an earlier
// snapshot and to run forward again. A Session does that for every kind of move with one search (see search.go): from the
// nearest snapshot before the present it notes all places that match, and takes the last; if there is none it looks
// between the snapshot before that and this one, and so on to the start.
//
// # Ticks
//
// A tick numbers a moment: the state at tick t is that before the instruction numbered t retires. An instruction "of tick
// t" is the one that takes the machine from tick t to tick t+1. Moves forwards and backwards between two ticks pass the
// same states, byte for byte.
package history
