package x86

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

var (
	diffSeed  = flag.Uint64("diff.seed", 1, "seed of the differential tests")
	diffCount = flag.Int("diff.cases", 60, "cases for each form of instruction in the differential test")
)

// host is the host's processor, started when first used.
var host = sync.OnceValues(newNative)

// needHost returns the host's processor or skips the test.
func needHost(t testing.TB) *native {
	n, err := host()
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS COMPARED WITH A REAL PROCESSOR: %v", err)
	}
	return n
}

// A rig runs cases in the machine.
type rig struct {
	mem *memory.Space
	cpu *CPU
}

func newRig(t testing.TB) *rig {
	r := &rig{mem: memory.New(1 << 30)}
	for _, a := range []memory.Area{
		{Start: diffData, End: diffData + diffWritable, Prot: memory.Read | memory.Write},
		{Start: diffData + diffWritable, End: diffData + diffDataSize, Prot: memory.Read},
		{Start: diffCode, End: diffCode + (diffSlots+1)*slotStride, Prot: memory.Read | memory.Exec},
	} {
		if err := r.mem.Map(a); err != nil {
			t.Fatal(err)
		}
	}
	r.cpu = New(r.mem)
	return r
}

// load puts the batch's code and the data region's bytes into the machine's memory.
func (r *rig) load(cases []diffCase, data []byte) {
	code := make([]byte, len(cases)*slotStride)
	for i := range code {
		code[i] = 0x06 // no instruction in 64-bit mode: it ends a block
	}
	for i := range cases {
		copy(code[i*slotStride+snippetOffset:], cases[i].code)
	}
	r.mem.Poke(code, diffCode)
	r.mem.Poke(data, diffData)
}

// run runs one case of the batch.
func (r *rig) run(i int, d *diffCase) diffResult {
	for _, w := range d.writes {
		var b [8]byte
		for j := range b {
			b[j] = byte(w.value >> (8 * j))
		}
		r.mem.Poke(b[:], uint64(w.address))
	}
	c := r.cpu
	c.Context = NewContext()
	copy(c.R[:], d.r[:])
	c.R[FSBase], c.R[GSBase] = diffFSBase, diffGSBase
	c.X, c.MXCSR, c.RIP = d.x, d.mxcsr, snippetAddr(i)
	c.SetFlags(d.flags)
	for left := uint64(len(d.insts)); left > 0; {
		ran, why := c.Run(left)
		left -= ran
		if why == ExitTrap {
			res := r.result()
			res.faulted, res.vector, res.addr, res.mapped = true, c.Trap.Vector, c.Trap.Addr, c.Trap.Mapped
			return res
		}
	}
	return r.result()
}

func (r *rig) result() diffResult {
	c := r.cpu
	res := diffResult{x: c.X, flags: c.Flags(), mxcsr: c.MXCSR, rip: c.RIP}
	copy(res.r[:], c.R[:])
	return res
}

// A mismatch is a case in which the machine and the host differ.
type mismatch struct {
	slot int
	c    *diffCase
	what []string
}

// compare runs a batch on both, from the same bytes in the data region.
func compare(n *native, r *rig, cases []diffCase, data []byte) ([]mismatch, error) {
	before := slices.Clone(data)
	want, err := n.run(cases, data)
	if err != nil {
		return nil, err
	}
	r.load(cases, before)
	var bad []mismatch
	for i := range cases {
		got := r.run(i, &cases[i])
		if what := differences(&cases[i], &got, &want[i], i); len(what) > 0 {
			bad = append(bad, mismatch{i, &cases[i], what})
		}
	}
	after := make([]byte, len(data))
	r.mem.Peek(after, diffData)
	if slices.Equal(after, data) || len(bad) > 0 {
		return bad, nil
	}
	if len(cases) > 1 { // find the case that stored something else
		for i := range cases {
			copy(data, before)
			one, err := compareOne(n, r, cases, i, data)
			if err != nil || len(one) > 0 {
				return one, err
			}
		}
	}
	at := 0
	for after[at] == data[at] {
		at++
	}
	end := min(at+16, len(data))
	return []mismatch{{0, &cases[0], []string{fmt.Sprintf("memory at %#x: %x, host %x", diffData+at, after[at:end], data[at:end])}}}, nil
}

// compareOne compares case i of a batch alone. It runs in its own slot: the others are filled with NOPs.
func compareOne(n *native, r *rig, cases []diffCase, i int, data []byte) ([]mismatch, error) {
	before := slices.Clone(data)
	nop, _ := lowerBytes([]byte{0x90}, 0)
	batch := make([]diffCase, i+1)
	for j := range i {
		batch[j] = diffCase{code: []byte{0x90}, insts: []Inst{*nop}, diffRegs: diffRegs{mxcsr: MXCSRDefault}}
	}
	batch[i] = cases[i]
	if _, err := n.run(batch, data); err != nil {
		return nil, err
	}
	r.load(batch, before)
	r.run(i, &batch[i])
	after := make([]byte, len(data))
	r.mem.Peek(after, diffData)
	for at := range after {
		if after[at] != data[at] {
			end := min(at+16, len(data))
			return []mismatch{{i, &cases[i], []string{fmt.Sprintf("memory at %#x: %x, host %x, before %x", diffData+at, after[at:end], data[at:end], before[at:end])}}}, nil
		}
	}
	return nil, nil
}

// differences lists what differs between the machine's result and the host's.
func differences(c *diffCase, got, want *diffResult, slot int) (out []string) {
	note := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, allow := range allowances {
		allow(c, got, want)
	}
	gotRIP, wantRIP := got.rip, want.rip
	if c.branch && want.faulted && !got.faulted {
		// The branch itself went well; the host then met an INT3, or found nothing to execute where it arrived.
		switch {
		case want.vector == TrapBP:
			wantRIP--
		case want.vector == TrapPF && want.addr == want.rip:
		default:
			note("no fault, host %v at %#x", want.vector, want.rip)
		}
	} else if got.faulted != want.faulted || got.vector != want.vector {
		note("%s, host %s", ending(got), ending(want))
	} else if got.vector == TrapPF && got.faulted && (got.addr != want.addr || got.mapped != want.mapped) {
		note("fault at %#x (mapped %v), host at %#x (mapped %v)", got.addr, got.mapped, want.addr, want.mapped)
	}
	if gotRIP != wantRIP {
		note("rip %#x, host %#x", gotRIP-snippetAddr(slot), wantRIP-snippetAddr(slot))
	}
	for i := range got.r {
		if got.r[i] != want.r[i] {
			note("%s %#x, host %#x", RegNames[i], got.r[i], want.r[i])
		}
	}
	for i := range got.x {
		if got.x[i] != want.x[i] {
			note("xmm%d %016x, host %016x", i, got.x[i], want.x[i])
		}
	}
	const compared = FlagsArith | FlagDF | FlagTF | FlagAC | FlagID | FlagIF
	if d := (got.flags ^ want.flags) & compared; d != 0 {
		note("flags %s, host %s (differ in %s)", flagNames(got.flags), flagNames(want.flags), flagNames(d))
	}
	if got.mxcsr != want.mxcsr {
		note("mxcsr %#x, host %#x", got.mxcsr, want.mxcsr)
	}
	return out
}

func ending(r *diffResult) string {
	if r.faulted {
		return r.vector.String()
	}
	return "no fault"
}

func flagNames(f uint64) string {
	var b strings.Builder
	for _, n := range []struct {
		bit  uint64
		name string
	}{{FlagCF, "c"}, {FlagPF, "p"}, {FlagAF, "a"}, {FlagZF, "z"}, {FlagSF, "s"}, {FlagDF, "d"}, {FlagOF, "o"}} {
		if f&n.bit != 0 {
			b.WriteString(n.name)
		}
	}
	return "[" + b.String() + "]"
}

// String describes the case such that it can be tried again.
func (m *mismatch) String() string {
	var b strings.Builder
	pc := snippetAddr(m.slot)
	for i := range m.c.insts {
		in := &m.c.insts[i]
		code := m.c.code[in.PC-m.c.insts[0].PC:][:in.Next-in.PC]
		x, _ := x86asm.Decode(code, 64)
		fmt.Fprintf(&b, "%x %s; ", code, x86asm.GNUSyntax(x, pc, nil))
		pc += in.Next - in.PC
	}
	for _, w := range m.what {
		fmt.Fprintf(&b, "\n      %s", w)
	}
	fmt.Fprintf(&b, "\n      before: flags %s mxcsr %#x", flagNames(m.c.flags), m.c.mxcsr)
	used := map[uint8]bool{}
	for i := range m.c.insts {
		for _, a := range m.c.insts[i].Args {
			switch a.Kind {
			case GPR, High:
				used[a.Reg] = true
			case Mem:
				used[a.Base], used[a.Index] = true, true
			case XMMReg:
				used[32+a.Reg] = true
			}
		}
	}
	for i := range 16 {
		if used[uint8(i)] || i == RAX || i == RCX || i == RDX {
			fmt.Fprintf(&b, " %s=%#x", RegNames[i], m.c.r[i])
		}
	}
	for i := range 16 {
		if used[uint8(32+i)] {
			fmt.Fprintf(&b, " xmm%d=%016x", i, m.c.x[i])
		}
	}
	for _, w := range m.c.writes {
		fmt.Fprintf(&b, " [%#x]=%#x", w.address, w.value)
	}
	return b.String()
}

// A report collects mismatches, a few for each mnemonic.
type report struct {
	t    *testing.T
	seen map[x86asm.Op]int
	bad  int
}

func (p *report) add(l []mismatch) {
	for i := range l {
		p.bad++
		op := l[i].c.insts[len(l[i].c.insts)-1].Op
		if p.seen[op]++; p.seen[op] <= 3 {
			p.t.Errorf("%s", l[i].String())
		}
	}
}

func (p *report) done(cases int) {
	if p.bad > 0 {
		p.t.Errorf("%d of %d cases differ: %v", p.bad, cases, p.seen)
	}
}

// TestDifferential runs every form of every implemented instruction on the host's processor and in the machine and
// compares registers, flags, memory and faults.
func TestDifferential(t *testing.T) {
	n := needHost(t)
	s := diffSource{rand.New(rand.NewPCG(*diffSeed, 0))}
	all := forms()
	if len(all) < 1000 {
		t.Fatalf("only %d forms", len(all))
	}
	tried := make(map[x86asm.Op]int)
	r, p := newRig(t), &report{t: t, seen: make(map[x86asm.Op]int)}
	data := make([]byte, diffDataSize)
	var batch []diffCase
	cases := 0
	flush := func() {
		for i := 0; i < len(data); i += 8 {
			v := s.lane64()
			for j := range 8 {
				data[i+j] = byte(v >> (8 * j))
			}
		}
		bad, err := compare(n, r, batch, data)
		if err != nil {
			for i := range batch {
				t.Log((&mismatch{slot: i, c: &batch[i]}).String())
			}
			t.Fatal(err)
		}
		p.add(bad)
		cases += len(batch)
		batch = batch[:0]
	}
	for range *diffCount {
		for _, f := range all {
			c, ok := s.build(len(batch), s.instance(f))
			if !ok {
				continue
			}
			tried[c.insts[0].Op]++
			if batch = append(batch, c); len(batch) == diffSlots {
				flush()
			}
		}
	}
	flush()
	p.done(cases)
	for _, f := range families {
		for _, row := range f.rows {
			if tried[row.op] == 0 && notTried[row.op] == "" {
				t.Errorf("%v (%s) was never tried", row.op, f.name)
			}
		}
	}
	t.Logf("%d cases of %d forms", cases, len(all))
}
