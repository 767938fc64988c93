package linux

// brokenPipe sends the thread the signal that says that nobody will read what it writes.
func (k *Kernel) brokenPipe(t *Thread) { k.send(t, userInfo(SIGPIPE, SI_USER)) }
