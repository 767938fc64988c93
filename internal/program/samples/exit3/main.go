// Exit3 ends with exit status 3.
package main

import (
	"fmt"
	"os"
)

func main() {
	defer fmt.Println("deferred calls do not run")
	fmt.Println("exiting")
	os.Exit(3)
}
