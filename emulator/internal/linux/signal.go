package linux

// signalState is what the process's threads share of signals.
type signalState struct{}

// threadSignals is what each thread has of its own.
type threadSignals struct{}

// signalDue says whether a signal is pending that the thread does not block.
func (k *Kernel) signalDue(t *Thread) bool { return false }

// deliver makes the thread take a pending signal.
func (k *Kernel) deliver(t *Thread) {}

// trap turns the processor's exception into a signal.
func (k *Kernel) trap(t *Thread) { k.exit(ExitStatus{Signal: 11}) }
