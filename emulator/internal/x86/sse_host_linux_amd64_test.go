package x86

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/arch/x86/x86asm"
)

var (
	sseUpdate = flag.Bool("sse.update", false, "write testdata/sse anew from what the host's processor does")
	sseCount  = flag.Int("sse.cases", 200, "cases for each SSE instruction in TestSSEHost")
)

// floatFamilies are those whose operands are floating-point numbers.
var floatFamilies = map[string]bool{"sse float": true, "sse float compare": true, "sse convert": true, "sse approximation": true}

// otherFamilies are the rest of those that the golden files cover.
var otherFamilies = map[string]bool{"sse move": true, "sse logic": true, "sse integer": true, "sse integer compare": true,
	"sse shift": true, "sse shuffle": true, "sse4.2 string compare": true, "sse4.2 integer": true,
	"aes": true, "sha": true, "pclmulqdq": true}

// registerForms returns the forms of the families between registers, without prefixes that change nothing.
func registerForms(names map[string]bool) []form {
	shortest := make(map[x86asm.Op]int)
	var out []form
	for _, fam := range families {
		if names[fam.name] {
			for _, r := range fam.rows {
				shortest[r.op] = 99
			}
		}
	}
	all := forms()
	for _, f := range all {
		if n, ok := shortest[f.op]; ok && !f.memory {
			shortest[f.op] = min(n, len(f.prefix))
		}
	}
	for _, f := range all {
		n, ok := shortest[f.op]
		if !ok || f.memory || len(f.prefix) != n || f.op == x86asm.MASKMOVDQU {
			continue
		}
		in, ok := lowerBytes(f.encode(0, 0xca, nil), 0)
		general := ok && (in.Args[0].Kind == GPR || in.Args[1].Kind == GPR || strings.HasPrefix(f.op.String(), "PCMPESTR"))
		if f.wide && !general {
			continue
		}
		out = append(out, f)
	}
	return out
}

// sseCase makes a case of f with xmm1 (or rcx) as the destination and xmm2 (or rdx) as the source.
func (s diffSource) sseCase(f form, float bool) diffCase {
	modrm := byte(0xca)
	if f.fixed {
		modrm = 0xc1 | f.reg<<3
	}
	code := f.encode(0, modrm, []byte{byte(s.Uint64())})
	in, ok := lowerBytes(code, 0)
	if !ok {
		return diffCase{}
	}
	c := diffCase{code: code[:in.Next], insts: []Inst{*in}}
	c.flags, c.mxcsr = goldenFlags, MXCSRDefault
	if float {
		c.mxcsr = s.mxcsr()
	}
	for i := range c.x[:3] {
		if i == 0 && in.Args[2].Kind != XMMReg {
			continue // xmm0 is no operand
		}
		for h := range 2 {
			switch {
			case !float:
				c.x[i][h] = s.lane64()
			case s.IntN(2) == 0:
				c.x[i][h] = s.float(&double)
			default:
				c.x[i][h] = s.float(&single) | s.float(&single)<<32
			}
		}
	}
	for _, a := range in.Args {
		if a.Kind == GPR || a.Kind == High {
			c.r[a.Reg&3] = s.word()
		}
	}
	if strings.HasPrefix(f.op.String(), "PCMPESTR") {
		c.r[RAX], c.r[RDX] = uint64(s.IntN(40))-20, uint64(s.IntN(40))-20
	}
	if strings.HasPrefix(f.op.String(), "PCMP") && s.IntN(2) == 0 { // strings over a small alphabet
		for i := range uint(16) {
			c.x[1].setLane(8, i, uint64(s.IntN(4)))
			c.x[2].setLane(8, i, uint64(s.IntN(4)))
		}
	}
	return c
}

// mxcsr returns one of the states that matter: often the usual one, else every mode.
func (s diffSource) mxcsr() uint32 {
	mx := uint32(MXCSRDefault)
	if s.IntN(2) == 0 {
		mx |= mxPE
	}
	switch s.IntN(8) {
	case 0, 1:
		mx |= uint32(s.IntN(4)) << mxRC
	case 2:
		mx |= mxFTZ
	case 3:
		mx |= mxDAZ
	case 4:
		mx |= uint32(s.Uint64()) & (mxFTZ | mxDAZ | 3<<mxRC)
	case 5:
		mx = uint32(s.Uint64()) & (mxDefined &^ mxFlags)
	}
	return mx
}

// float returns a number of format f: special, or with an exponent at which something happens and a mantissa of few bits,
// so that sums and products fall halfway between two numbers, overflow, become denormal or integers.
func (s diffSource) float(f *format) uint64 {
	fracs := uint64(1)<<f.frac - 1
	frac := s.Uint64() & fracs
	switch s.IntN(7) {
	case 0:
		frac = 0
	case 1:
		frac = fracs
	case 2:
		frac = 1 << s.IntN(int(f.frac))
	case 3:
		frac = fracs &^ (fracs >> s.IntN(int(f.frac)))
	case 4:
		frac = s.Uint64() & 3
	case 5:
		frac &= fracs << s.IntN(int(f.frac))
	}
	exp := f.emax
	switch s.IntN(10) {
	case 0:
		exp = 2*f.emax + 1 // infinity and NaNs
	case 1:
		exp = 2*f.emax - s.IntN(3)
	case 2:
		exp = s.IntN(3)
	case 3:
		exp += []int{30, 31, 32, 62, 63, 64}[s.IntN(6)]
	case 4:
		exp /= 2
		exp += s.IntN(60) - 30
	case 5:
		exp += f.emax/2 + s.IntN(60) - 30
	case 6:
		exp += s.IntN(130) - 65
	case 7:
		return f.signed(s.IntN(2) == 0, 0)
	default:
		exp += s.IntN(8) - 4
	}
	exp = max(0, min(exp, 2*f.emax+1))
	return f.signed(s.IntN(2) == 0, uint64(exp)<<f.frac|frac)
}

// TestSSEHost compares the SSE instructions with the host's processor, on operands made for them.
func TestSSEHost(t *testing.T) {
	n := needHost(t)
	s := diffSource{rand.New(rand.NewPCG(*diffSeed, 1))}
	r, p := newRig(t), &report{t: t, seen: make(map[x86asm.Op]int)}
	data := make([]byte, diffDataSize)
	cases := 0
	for _, kind := range []struct {
		names map[string]bool
		float bool
		count int
	}{{floatFamilies, true, 1}, {otherFamilies, false, 4}} {
		all := registerForms(kind.names)
		var batch []diffCase
		for i := range *sseCount / kind.count * len(all) {
			batch = append(batch, s.sseCase(all[i%len(all)], kind.float))
			if len(batch) == diffSlots {
				bad, err := compare(n, r, batch, data)
				if err != nil {
					t.Fatal(err)
				}
				p.add(bad)
				cases += len(batch)
				batch = batch[:0]
			}
		}
	}
	p.done(cases)
	t.Logf("%d cases", cases)
	if *sseUpdate {
		writeGolden(t, n, "float.txt", floatFamilies, true, 20)
		writeGolden(t, n, "integer.txt", otherFamilies, false, 4)
	}
}

// writeGolden writes a file of count cases for each form.
func writeGolden(t *testing.T, n *native, name string, names map[string]bool, float bool, count int) {
	s := diffSource{rand.New(rand.NewPCG(2, 3))}
	var out strings.Builder
	data := make([]byte, diffDataSize)
	for _, f := range registerForms(names) {
		var batch []diffCase
		for range count {
			batch = append(batch, s.sseCase(f, float))
		}
		results, err := n.run(batch, data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			c, res := &batch[i], &results[i]
			if res.faulted && res.vector != TrapXM {
				continue // MOVLPD and MOVHPD between registers are no instructions
			}
			const compared = FlagsArith | FlagIF | flagReserved
			before := goldenState{x: [3]XMM(c.x[:3]), r: [3]uint64(c.r[:3]), flags: c.flags, mxcsr: c.mxcsr}
			after := goldenState{x: [3]XMM(res.x[:3]), r: [3]uint64(res.r[:3]), flags: res.flags & compared, mxcsr: res.mxcsr, faulted: res.faulted}
			fmt.Fprintf(&out, "%x %v | %s | %s\n", c.code, c.insts[0].Op, before.fields(&goldenState{flags: goldenFlags}), after.fields(&before))
		}
	}
	path := filepath.Join("testdata", "sse", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}
