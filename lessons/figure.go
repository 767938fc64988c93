package lessons

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/picture"
)

// The figures are functions of a moment alone, and of the one before it, against which they mark what changed. Each has a
// name under which commands and lessons ask for it.

// A Figure is a way of drawing a moment.
type Figure struct {
	Name  string
	Title Text
	// Desc tells what the figure shows, for those who do not see it.
	Desc Text
	draw func(c *picture.Canvas, now, before *Moment, lang string)
}

// Figures are all figures, in the order of the boot that they explain.
var Figures = []Figure{
	{"entry", Text{"the process stack at entry", "进程入口处的栈"},
		Text{"Boxes from low addresses to high: argc; the argv pointers and NULL; the envp pointers and NULL; the auxiliary vector, a row a pair; the strings and random bytes that they point to.",
			"方框自低地址到高地址：argc；argv 指针与 NULL；envp 指针与 NULL；auxv（每对一行）；以及它们所指的字符串和随机字节。"}, drawEntry},
	{"stack", Text{"the stack around SP", "SP 附近的栈"},
		Text{"Memory words on both sides of the stack pointer, with what is known of each; g0's bounds are marked where they lie in view.",
			"栈指针两侧的内存字以及各自的含义；g0 的边界若在视野内也会标出。"}, drawStack},
	{"registers", Text{"the registers", "寄存器"},
		Text{"All general registers with the instruction pointer, flags and FS base; those that changed since the moment before are marked.",
			"全部通用寄存器、指令指针、标志与 FS 基址；与前一时刻相比有变化的做了标记。"}, drawRegisters},
	{"tls", Text{"from FS to the current g", "从 FS 到当前 g"},
		Text{"FS points behind m0.tls[0]; the word at -8(FS) holds the current g; register R14 holds the same pointer once Go code runs.",
			"FS 指向 m0.tls[0] 之后；-8(FS) 处的字保存当前 g；Go 代码运行后 R14 也保存同一指针。"}, drawTLS},
	{"bind", Text{"g0, m0 and the Ps", "g0、m0 与各个 P"},
		Text{"Boxes for the current g's, the Ms and the Ps with their pointers to each other as arrows.",
			"g、M、P 各画一个方框，彼此之间的指针画成箭头。"}, drawGraph},
	{"allm", Text{"all Ms", "所有的 M"},
		Text{"The list allm, the youngest M first, linked by m.alllink.", "链表 allm，最新的 M 在前，由 m.alllink 相连。"}, drawAllM},
	{"allp", Text{"all Ps and the idle list", "所有的 P 与空闲链表"},
		Text{"The array allp with each P's status, M and queue, and the list sched.pidle, head first, linked by p.link.",
			"数组 allp（每个 P 的状态、M 与队列），以及链表 sched.pidle（表头在前，由 p.link 相连）。"}, drawAllP},
	{"goroutine", Text{"goroutine 1 and its stack", "goroutine 1 与它的栈"},
		Text{"A box with the status, the stack's bounds and the saved registers of goroutine 1; below it the last words of its stack, up to stack.hi.",
			"一个方框列出 goroutine 1 的状态、栈的边界与保存的寄存器；下面是它的栈直到 stack.hi 的最后几个字。"}, drawGoroutine},
	{"timeline", Text{"the boot so far", "迄今的启动过程"},
		Text{"A time axis in instructions with a lane for each thread; the ends of the stages are marked and listed.",
			"以指令数为时间轴，每个线程一条泳道；标出并列出各阶段的结束点。"}, drawTimeline},
}

// FigureNamed returns the figure of that name.
func FigureNamed(name string) (Figure, bool) {
	for _, f := range Figures {
		if f.Name == name {
			return f, true
		}
	}
	return Figure{}, false
}

// Draw draws the figure of a moment. What differs from before is marked; before may be nil.
func (f Figure) Draw(now, before *Moment, lang string) *picture.Canvas {
	c := &picture.Canvas{Title: f.Title.In(lang), Desc: f.Desc.In(lang), Stamp: now.Stamp()}
	f.draw(c, now, before, lang)
	return c
}

// Stamp says what the moment's figures were computed from.
func (m *Moment) Stamp() string {
	cpus := "CPUs"
	if m.CPUs == 1 {
		cpus = "CPU"
	}
	return fmt.Sprintf("%s · tick %s · %d %s · seed %d", m.Go, picture.Thousands(m.Tick), m.CPUs, cpus, m.Seed)
}

// changedIf returns the mark of what did or did not change.
func changedIf(yes bool) picture.Mark {
	if yes {
		return picture.Changed
	}
	return picture.Plain
}

func drawStack(c *picture.Canvas, now, before *Moment, lang string) {
	was := map[uint64]uint64{}
	if before != nil {
		for _, w := range before.Stack {
			if !w.Unreadable {
				was[w.Addr] = w.Value
			}
		}
	}
	pointers := map[uint64][]string{now.Registers.SP(): {"SP"}}
	lim := now.Limits
	if lim.G != "" {
		pointers[lim.Lowest.Addr] = append(pointers[lim.Lowest.Addr], lim.G+".stack.lo")
		pointers[lim.Hi] = append(pointers[lim.Hi], lim.G+".stack.hi")
	}
	var rows []picture.Word
	for _, w := range now.Stack {
		old, known := was[w.Addr]
		rows = append(rows, picture.Word{Addr: w.Addr, Value: w.Value, Unreadable: w.Unreadable, Note: w.Note.In(lang),
			Pointers: pointers[w.Addr], Mark: changedIf(known && old != w.Value)})
	}
	// The stack's lower end is mostly far out of view.
	if lim.G != "" && len(rows) > 0 && lim.Lowest.Addr < rows[0].Addr {
		low := picture.Word{Addr: lim.Lowest.Addr, Value: lim.Lowest.Value, Unreadable: lim.Lowest.Unreadable, Note: lim.Lowest.Note.In(lang),
			Pointers: pointers[lim.Lowest.Addr]}
		rows[0].Gap, rows[0].GapNote = true, picture.Thousands(rows[0].Addr-low.Addr-8)+Text{" bytes", " 字节"}.In(lang)
		rows = append([]picture.Word{low}, rows...)
	}
	c.Words(0, 0, rows)
}

func drawRegisters(c *picture.Canvas, now, before *Moment, lang string) {
	regs := named(&now.Registers)
	var old []register
	if before != nil {
		old = named(&before.Registers)
	}
	const columns, width = 2, 34
	rows := (len(regs) + columns - 1) / columns
	c.Box(0, 0, columns*width+2, rows+2, picture.Plain)
	for i, r := range regs {
		x, y := 2+i/rows*width, 1+i%rows
		changed := old != nil && old[i].value != r.value
		c.Text(x, y, r.name, picture.Muted)
		s := fmt.Sprintf("0x%016x", r.value)
		if changed {
			s += " *"
		}
		c.Text(x+8, y, s, changedIf(changed))
	}
}
