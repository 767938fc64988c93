// Package gdbserver serves the GDB remote serial protocol, so that an unmodified gdb can debug a program in the emulator,
// forwards and backwards. The protocol is described in the GDB manual, appendix "Remote Protocol".
//
// # Time
//
// The run of a program is a fixed history: what it does is a function of the machine's Config. The client moves through
// that history, with c, s and vCont towards the end and with bs and bc towards the beginning, and sees at each tick the
// state that is the program's there. Moving does not change it.
//
// # The past cannot be edited
//
// So registers and memory are read-only: G, P, M, X, "continue at another address" and signals to deliver are refused, or
// left out, with an error that says why. A write would make a second history, in which no tick means what it did, and
// after which a step back could not return to where one came from. What follows from that: `set var`, `jump`, `return`,
// and calls of functions from gdb's expressions do not work. Breakpoints and watchpoints do: they are never written into
// memory, the machine compares addresses.
//
// There is one exception that is none: P may set the stack pointer and the program counter, in the client's view alone.
// Clients do that to unwind a stack that no thread is on, such as a parked goroutine's, and set them back. A move from a
// view that was not set back is refused, once, and ends the view.
//
// # Stepping one thread
//
// Threads take turns as their history has it, and a client cannot hold one while another runs. To step thread T means to
// go on until T has retired one instruction (or, with a range, has left it); the others retire what lies between, and
// stop the step if they meet a breakpoint or a watchpoint. To step T back means to go to before the last instruction that
// T retired. vCont is read so: the first action that steps names T; without one it is a continue. A range step stops at a
// breakpoint within the range.
//
// # The ends of history
//
// At tick 0 backward moves end with replaylog:begin. Where the process ends, a stop comes first, at its last tick:
// replaylog:end, or the signal that kills it. From there one can go back. Only going on from there brings W or X, because
// a client that has heard of the end forgets the program. When every thread waits and nothing can wake one, the stop is
// replaylog:end too.
//
// # Connections
//
// There is one client at a time, from its first packet on: a connection that says nothing, or half a packet, takes nothing.
// Who comes second is told that the program is taken. When the client leaves or its connection breaks, the machine stays at
// its tick, without the client's breakpoints, and the next client continues from there. Only k and vKill end the server.
package gdbserver
