// Package trace tells what happens during a run, as it happens: calls as a tree, system calls with their arguments
// decoded, instructions with the registers they change. It keeps nothing but the calls that have not returned.
package trace
