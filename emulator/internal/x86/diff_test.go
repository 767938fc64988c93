package x86

import (
	"flag"
	"fmt"
	"math"
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
	diffCount = flag.Int("diff.cases", 25, "cases for each form of instruction in the differential test")
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
		{Start: diffCode, End: diffCode + (diffSlots+1)*slotStride, Prot: memory.Exec},
	} {
		if err := r.mem.Map(a); err != nil {
			t.Fatal(err)
		}
	}
	r.cpu = New(r.mem)
	r.mem.SetWatches([]memory.Watch{{Addr: diffCode, Len: (diffSlots + 1) * slotStride, Kinds: memory.Read}})
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

// run runs one case of the batch, at most turn instructions at a time.
func (r *rig) run(i int, d *diffCase, turn uint64) diffResult {
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
		ran, why := c.Run(min(left, turn))
		left -= ran
		if why == ExitWatch {
			res := r.result()
			res.readsCode = true
			return res
		}
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
	got := make([]diffResult, len(cases))
	r.load(cases, before)
	for i := 0; i < len(cases); i++ {
		got[i] = r.run(i, &cases[i], math.MaxUint64)
		damages := got[i].faulted && got[i].vector == TrapPF && nativeOnly(got[i].addr) // what runs the cases natively
		if damages || got[i].readsCode || untouchedOnAMD(&cases[i], &got[i]) {
			cases[i] = idle()
			r.load(cases, before)
			i = -1
		}
	}
	want, err := n.run(cases, data)
	if err != nil {
		return nil, err
	}
	var bad []mismatch
	for i := range cases {
		if what := differences(&cases[i], &got[i], &want[i], i); len(what) > 0 {
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

// idle returns a case that does nothing.
func idle() diffCase {
	in, _ := lowerBytes([]byte{0x90}, 0)
	return diffCase{code: []byte{0x90}, insts: []Inst{*in}, diffRegs: diffRegs{mxcsr: MXCSRDefault}}
}

// compareOne compares case i of a batch alone. It runs in its own slot: the others are filled with NOPs.
func compareOne(n *native, r *rig, cases []diffCase, i int, data []byte) ([]mismatch, error) {
	before := slices.Clone(data)
	batch := make([]diffCase, i+1)
	for j := range i {
		batch[j] = idle()
	}
	batch[i] = cases[i]
	if _, err := n.run(batch, data); err != nil {
		return nil, err
	}
	r.load(batch, before)
	r.run(i, &batch[i], math.MaxUint64)
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

// A batcher collects cases and compares them when there are enough.
type batcher struct {
	report
	host  *native
	rig   *rig
	s     diffSource
	data  []byte
	batch []diffCase
	cases int
}

func newBatcher(t *testing.T) *batcher {
	return &batcher{
		report: report{t: t, seen: make(map[x86asm.Op]int)},
		host:   needHost(t),
		rig:    newRig(t),
		s:      diffSource{rand.New(rand.NewPCG(*diffSeed, 0))},
		data:   make([]byte, diffDataSize),
	}
}

func (b *batcher) try(c diffCase) {
	if b.batch = append(b.batch, c); len(b.batch) == diffSlots {
		b.flush()
	}
}

func (b *batcher) flush() {
	b.s.fill(b.data)
	bad, err := compare(b.host, b.rig, b.batch, b.data)
	if err != nil {
		b.t.Fatal(err)
	}
	b.add(bad)
	b.cases += len(b.batch)
	b.batch = b.batch[:0]
}

// TestDifferential runs every form of every implemented instruction on the host's processor and in the machine and
// compares registers, flags, memory and faults.
func TestDifferential(t *testing.T) {
	b := newBatcher(t)
	all := forms()
	if len(all) < 1000 {
		t.Fatalf("only %d forms", len(all))
	}
	if testing.Short() {
		*diffCount = min(*diffCount, 4)
	}
	tried := make(map[x86asm.Op]int)
	for range *diffCount {
		for _, f := range all {
			if c, ok := b.s.build(len(b.batch), b.s.instance(f)); ok {
				tried[c.insts[0].Op]++
				b.try(c)
			}
		}
	}
	b.flush()
	b.done(b.cases)
	for _, f := range families {
		for _, row := range f.rows {
			if tried[row.op] == 0 && notTried[row.op] == "" && (!amd() || notTriedOnAMD[row.op] == "") {
				t.Errorf("%v (%s) was never tried", row.op, f.name)
			}
		}
	}
	t.Logf("%d cases of %d forms", b.cases, len(all))
}

// TestDifferentialSequences runs several instructions in a row, so that what one leaves for the next, flags above all, and
// what the loop does with neighbours is compared as well.
func TestDifferentialSequences(t *testing.T) {
	b := newBatcher(t)
	var integer, conditional []form
	for _, f := range forms() {
		_, jump := jccs[f.op]
		_, set := setccs[f.op]
		_, move := cmovs[f.op]
		switch {
		case jump || set || move:
			conditional = append(conditional, f)
		case !branches[f.op] && !stringOps[f.op] && inFamily(f.op, "arithmetic", "logic", "shift", "rotate", "multiply and divide",
			"bit", "move", "flag control", "sign extension", "compare and exchange") &&
			(strict() || undefinedFlags(&Inst{Op: f.op, Size: 8, NArgs: 2, Args: [4]Arg{1: {Kind: Imm, Imm: 2}}}, nil) == 0):
			integer = append(integer, f)
		}
	}
	for b.cases < 1000*(*diffCount) {
		var list []encoding
		for range 1 + b.s.IntN(5) {
			list = append(list, b.s.instance(integer[b.s.IntN(len(integer))]))
		}
		if b.s.IntN(4) != 0 {
			list = append(list, b.s.instance(conditional[b.s.IntN(len(conditional))]))
		}
		if c, ok := b.s.build(len(b.batch), list...); ok {
			b.try(c)
		}
	}
	b.done(b.cases)
	t.Logf("%d sequences", b.cases)
}

// inFamily says whether op is in one of the families.
func inFamily(op x86asm.Op, names ...string) bool {
	for _, f := range families {
		if slices.Contains(names, f.name) && slices.ContainsFunc(f.rows, func(r opcode) bool { return r.op == op }) {
			return true
		}
	}
	return false
}

// TestTurns runs sequences of instructions in turns of every length: however a run is cut, it does the same.
func TestTurns(t *testing.T) {
	s := diffSource{rand.New(rand.NewPCG(*diffSeed, 1))}
	r := newRig(t)
	all := forms()
	data := make([]byte, diffDataSize)
	for range 3000 {
		var list []encoding
		for range 2 + s.IntN(6) {
			list = append(list, s.instance(all[s.IntN(len(all))]))
		}
		c, ok := s.build(0, list...)
		if !ok {
			continue
		}
		s.fill(data)
		var want diffResult
		var memory, after [diffDataSize]byte
		for turn := uint64(len(c.insts)); turn > 0; turn-- {
			r.load([]diffCase{c}, data)
			got := r.run(0, &c, turn)
			r.mem.Peek(after[:], diffData)
			if turn == uint64(len(c.insts)) {
				want, memory = got, after
			} else if got != want || after != memory {
				m := mismatch{c: &c, what: differences(&c, &got, &want, 0)}
				t.Fatalf("in turns of %d ('host' is in one go):\n%s", turn, m.String())
			}
		}
	}
}

// TestReadsCode runs what reads the bytes around itself. They are others on the host, where the slot also loads and stores the
// registers, so nothing can be compared; such a case must be noticed whichever way it comes to the address.
func TestReadsCode(t *testing.T) {
	b := newBatcher(t)
	next := int(snippetAddr(0))
	for _, code := range []string{
		"\x48\x0f\x42\x25\x00\x00\x00\x00",     // cmovb rsp, [rip]
		"\x8b\x05\x20\x00\x00\x00",             // mov eax, [rip+32]
		"\x8b\x04\x25\x40\x02\x54\x2a",         // mov eax, [0x2a540240]
		"\x48\x8d\x35\x10\x00\x00\x00\xf3\xa4", // lea rsi, [rip+16]; rep movsb
		"\x0f\x10\x05\x00\x00\x00\x00",         // movups xmm0, [rip]
		"\xff\x35\x00\x00\x00\x00",             // push [rip]
	} {
		c := diffCase{code: []byte(code), diffRegs: diffRegs{mxcsr: MXCSRDefault, flags: FlagCF | FlagIF | flagReserved}}
		c.r[RSP], c.r[RDI], c.r[RCX] = diffData+4096, diffData, 8
		for at := 0; at < len(code); {
			in, ok := lowerBytes(append([]byte(code[at:]), make([]byte, 15)...), uint64(next+at))
			if !ok {
				t.Fatalf("%x does not decode", code[at:])
			}
			c.insts = append(c.insts, *in)
			at += int(in.Next - in.PC)
		}
		b.rig.load([]diffCase{c}, b.data)
		if res := b.rig.run(0, &c, math.MaxUint64); !res.readsCode {
			t.Errorf("%x: not noticed", code)
		}
		bad, err := compare(b.host, b.rig, []diffCase{c}, b.data)
		if err != nil {
			t.Fatal(err)
		}
		b.add(bad)
	}
}

// ripDisplacement returns the place of the displacement of an operand relative to RIP, or 0. Without being aimed elsewhere it
// would mostly lead into the code that runs the case.
func ripDisplacement(code []byte) (at, size int) {
	x, err := x86asm.Decode(code, 64)
	if err != nil {
		return 0, 0
	}
	for _, a := range x.Args {
		if m, ok := a.(x86asm.Mem); ok && m.Base == x86asm.RIP {
			return x.PCRelOff, x.PCRel
		}
	}
	return 0, 0
}

// FuzzInstruction compares any bytes that decode to instructions, with registers from the seed.
func FuzzInstruction(f *testing.F) {
	for _, code := range []string{
		"\x48\x01\xd8", "\xf0\x48\x0f\xb1\x0b", "\xf3\x48\xa5", "\xf2\xae", "\x48\x0f\xac\xd8\x05", "\x66\x0f\x3a\x63\xc1\x18",
		"\xf2\x0f\x58\xc1", "\x64\x48\x8b\x04\x25\xf8\xff\xff\xff", "\x48\xf7\xf9", "\x0f\xa3\x03", "\xe3\x05", "\xc8\x10\x00\x02",
		"\x48\x0f\x42\x25", "\x8b\x05\x20\x00\x00\x00", "\x48\x8d\x35\x10\x00\x00\x00\xf3\xa4",
	} {
		f.Add([]byte(code), uint64(1))
	}
	n := needHost(f)
	r := newRig(f)
	data := make([]byte, diffDataSize)
	f.Fuzz(func(t *testing.T, code []byte, seed uint64) {
		s := diffSource{rand.New(rand.NewPCG(seed, 2))}
		var list []encoding
		for at := 0; at < len(code) && len(list) < 6; {
			in, ok := lowerBytes(append(code[at:len(code):len(code)], make([]byte, 15)...), snippetAddr(0)+uint64(at))
			if !ok || branches[in.Op] && in.Args[0].Kind == Rel {
				break // a jump might lead into the code that runs the case
			}
			size := int(in.Next - in.PC)
			e := encoding{bytes: append(slices.Clone(code[at:min(at+size, len(code))]), make([]byte, 15)...)}
			e.disp, e.dispSize = ripDisplacement(e.bytes)
			list = append(list, e)
			if at += size; branches[in.Op] || !strict() && leavesUndefined(in) {
				break
			}
		}
		if len(list) == 0 {
			t.Skip("no instruction")
		}
		c, ok := s.build(0, list...)
		if !ok {
			t.Skip("not to be tried natively")
		}
		s.fill(data)
		bad, err := compare(n, r, []diffCase{c}, data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range bad {
			t.Error(bad[i].String())
		}
	})
}
