package cells

import (
	"go/ast"
	"go/token"
	"runtime"
	"strconv"
	"time"
)

// A cell that is stopped while it is in a call into the standard library, such as that of a WaitGroup's Wait, is given up: the
// call cannot be ended. The next cell waits a second for it. When it returns later, no more of its own cell may run. The
// interpreter sees to that in functions. The statements at the top of all cells share one frame, in which those of the old cell
// would go on; so each that calls something is followed by a call that ends the goroutine of a cell that was given up.

// patience is how long a cell waits for the one before, if that was given up. Tests are less patient.
var patience = time.Second

// aliveName is the function that statements at the top of a cell are followed by.
const aliveName = "rt0Alive"

// interruptible returns a list of statements at the top of a cell with those calls.
func (c *compilation) interruptible(list []ast.Stmt) []ast.Stmt {
	var out []ast.Stmt
	for _, s := range list {
		if !calls(s) { // compiling the call takes longer than most statements
			out = append(out, s)
			continue
		}
		pos := s.Pos()
		number := &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: strconv.FormatUint(c.number, 10)}
		out = append(out, s, &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{NamePos: pos, Name: aliveName}, Lparen: pos, Args: []ast.Expr{number}, Rparen: pos}})
	}
	return out
}

// calls says whether a statement calls anything but what only notes a value of the cell's.
func calls(s ast.Stmt) (yes bool) {
	ast.Inspect(s, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			id, ok := call.Fun.(*ast.Ident)
			yes = yes || !ok || id.Name != keepName && id.Name != plainName
		}
		return !yes
	})
	return yes
}

// endIfGivenUp ends its goroutine if the piece of code with that number is not the one that runs.
func (s *Session) endIfGivenUp(number uint64) {
	if number != s.running.Load() {
		runtime.Goexit()
	}
}
