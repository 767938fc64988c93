package x86

// The shapes that SSE instructions come in. Each takes the function that computes and returns one that gets the operands,
// calls it and writes the destination, in this order, so that a fault leaves the registers as they were.

// dst returns the destination register.
func (c *CPU) dst(in *Inst) *XMM { return &c.X[in.Args[0].Reg&15] }

// low returns the low size bytes (1 to 8) of operand i, a register of either kind or memory. Memory need not be aligned.
func (c *CPU) low(in *Inst, i int, size uint8) uint64 {
	a := &in.Args[i]
	switch a.Kind {
	case XMMReg:
		return c.X[a.Reg&15][0] & sizeMask(size)
	case GPR:
		return c.R[a.Reg&15] & sizeMask(size)
	}
	return c.Load(c.Addr(a), size)
}

// imm8 returns the immediate operand i.
func imm8(in *Inst, i int) uint8 { return uint8(in.Args[i].Imm) }

// unaryX: dst = f(src).
func unaryX(f func(b XMM) XMM) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) { *c.dst(in) = f(c.GetX(in, 1, true)) }
}

// binaryX: dst = f(dst, src).
func binaryX(f func(a, b XMM) XMM) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		d := c.dst(in)
		*d = f(*d, b)
	}
}

// immX: dst = f(dst, src, imm8).
func immX(f func(a, b XMM, imm uint8) XMM) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		d := c.dst(in)
		*d = f(*d, b, imm8(in, 2))
	}
}

// lanes returns f applied to each pair of lanes of width bits. f gets lanes zero-extended; of its result the low width
// bits count.
func lanes(width uint, f func(a, b uint64) uint64) func(a, b XMM) XMM {
	mask := ^uint64(0) >> (64 - width)
	return func(a, b XMM) (r XMM) {
		for h := range r {
			for s := uint(0); s < 64; s += width {
				r[h] |= f(a[h]>>s&mask, b[h]>>s&mask) & mask << s
			}
		}
		return r
	}
}

// signedLanes returns f on lanes of width bits as signed numbers.
func signedLanes(width uint, f func(a, b int64) int64) func(a, b XMM) XMM {
	s := 64 - width
	return lanes(width, func(a, b uint64) uint64 { return uint64(f(int64(a<<s)>>s, int64(b<<s)>>s)) })
}

// lane returns lane i of x, counted in lanes of width bits from the low end.
func (x *XMM) lane(width, i uint) uint64 {
	at := i * width
	return x[at>>6&1] >> (at & 63) & (^uint64(0) >> (64 - width))
}

// setLane writes the low width bits of v to lane i.
func (x *XMM) setLane(width, i uint, v uint64) {
	at := i * width
	m := ^uint64(0) >> (64 - width) << (at & 63)
	h := at >> 6 & 1
	x[h] = x[h]&^m | v<<(at&63)&m
}
