package supervise

import (
	"os"
	"time"

	"github.com/rt0lab/rt0/kernel"
)

// RunCells is the whole work of the cells' process: session's cells, for the kernel that has started it, until that ends.
// limit is as in Serve.
func RunCells(session kernel.Restorer, limit uint64) error {
	in, out, err := inherited()
	if err != nil {
		return err
	}
	restrict(limit)
	Serve(session, in, out, limit)
	time.Sleep(lastBreath) // commands that a cell has started are ended by their contexts
	endSession(os.Getpid())
	return nil
}

// lastBreath is how long what the end of the kernel has canceled may take to end.
const lastBreath = 50 * time.Millisecond
