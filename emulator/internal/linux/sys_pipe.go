package linux

func init() {
	register(
		supported(22, "pipe", simple(func(k *Kernel, a args) error { return k.pipe(a[0], 0) }), Ptr),
		supported(293, "pipe2", simple(func(k *Kernel, a args) error { return k.pipe(a[0], uint32(a[1])) }), Ptr, openFlags),
	)
}

// pipe makes a pipe and stores its two descriptors at addr.
func (k *Kernel) pipe(addr uint64, flags uint32) error {
	r, w, err := k.files.Pipe(flags)
	if err != nil {
		return err
	}
	return k.storeFDs(addr, r, w)
}

// storeFDs stores a new pair of descriptors, or closes them if it cannot.
func (k *Kernel) storeFDs(addr uint64, a, b int) error {
	err := k.store64(addr, uint64(uint32(a))|uint64(b)<<32)
	if err != nil {
		k.files.Close(a)
		k.files.Close(b)
	}
	return err
}
