// Timers sleeps, ticks and times out: by the guest's clock, which jumps ahead when everyone waits.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

func main() {
	start := time.Now()
	time.Sleep(20 * time.Millisecond)
	fmt.Println("slept long enough:", time.Since(start) >= 20*time.Millisecond)

	ticker := time.NewTicker(5 * time.Millisecond)
	for i := 0; i < 4; i++ {
		<-ticker.C
	}
	ticker.Stop()
	fmt.Println("ticked long enough:", time.Since(start) >= 40*time.Millisecond)

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	select {
	case <-ctx.Done():
		fmt.Println("timed out:", errors.Is(ctx.Err(), context.DeadlineExceeded))
	case <-time.After(10 * time.Second):
		fmt.Println("the time-out never came")
	}

	late := time.AfterFunc(time.Hour, func() { fmt.Println("never printed") })
	fmt.Println("stopped in time:", late.Stop())
}
