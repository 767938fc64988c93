package linux

import "errors"

// errBlocked is what a system call's handler returns after it called block.
var errBlocked = errors.New("blocked")
