package symbols

// SPDelta returns how many bytes lie between SP, before the instruction at the address, and the return address of the
// function. It comes from the Go line table (pcsp), which the runtime unwinds stacks with, so even stripped programs have
// it; ok is false for code that is not in that table.
func (t *Table) SPDelta(addr uint64) (delta int64, ok bool) {
	if t.pcln == nil {
		return 0, false
	}
	addr -= t.bias
	i, ok := t.pcln.index(addr)
	if !ok {
		return 0, false
	}
	delta, ok = t.pcln.value(u32(t.pcln.record(i), 12), t.pcln.entry(i), addr)
	return delta, ok && delta >= 0
}
