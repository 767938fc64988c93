package boot

// A puintptr is a pointer to a p which the garbage collector does not see: in the runtime the address as an integer, here
// its place in a table, counted from 1. As in the runtime 0 is nil. A muintptr and a guintptr are the same for an m and a g.
type puintptr uintptr

type muintptr uintptr

type guintptr uintptr

// knownPs are the ps to which a puintptr has ever pointed.
var knownPs []*p

func (pp puintptr) ptr() *p {
	if pp == 0 {
		return nil
	}
	return knownPs[pp-1]
}

func (pp *puintptr) set(to *p) {
	if to == nil {
		*pp = 0
		return
	}
	for i, known := range knownPs {
		if known == to {
			*pp = puintptr(i + 1)
			return
		}
	}
	knownPs = append(knownPs, to)
	*pp = puintptr(len(knownPs))
}

// knownMs are the ms to which a muintptr has ever pointed.
var knownMs []*m

func (mp muintptr) ptr() *m {
	if mp == 0 {
		return nil
	}
	return knownMs[mp-1]
}

func (mp *muintptr) set(to *m) {
	if to == nil {
		*mp = 0
		return
	}
	for i, known := range knownMs {
		if known == to {
			*mp = muintptr(i + 1)
			return
		}
	}
	knownMs = append(knownMs, to)
	*mp = muintptr(len(knownMs))
}

// knownGs are the gs to which a guintptr has ever pointed.
var knownGs []*g

func (gp guintptr) ptr() *g {
	if gp == 0 {
		return nil
	}
	return knownGs[gp-1]
}

func (gp *guintptr) set(to *g) {
	if to == nil {
		*gp = 0
		return
	}
	for i, known := range knownGs {
		if known == to {
			*gp = guintptr(i + 1)
			return
		}
	}
	knownGs = append(knownGs, to)
	*gp = guintptr(len(knownGs))
}
