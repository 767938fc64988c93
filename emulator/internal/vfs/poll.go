package vfs

// ready returns the events that poll tells of an open file now.
func (f *Files) ready(o *openFile) uint32 {
	const always = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM
	switch o.kind {
	case kindPath:
		return POLLNVAL
	case kindPipe:
		return f.pipeReady(o)
	case kindSocket:
		return f.socketReady(o.obj)
	case kindEvent:
		return f.eventReady(o)
	case kindTimer:
		if f.expired(o.obj) {
			return EPOLLIN
		}
		return 0
	case kindEpoll:
		return f.epollReady(o.obj)
	}
	return always
}

// Poll returns the events among want that hold for fd now, or POLLNVAL if it is not open. When none holds, id is the object
// to wait for, or 0 if nothing will ever happen to it.
func (f *Files) Poll(fd int, want uint32) (events uint32, id ID) {
	o, err := f.file(fd)
	if err != nil {
		return POLLNVAL, 0
	}
	return f.ready(o) & (want | EPOLLERR | EPOLLHUP | POLLNVAL), o.obj
}
