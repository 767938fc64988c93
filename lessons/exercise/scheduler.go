package exercise

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/emulator/symbols"
	"github.com/rt0lab/rt0/lessons"
)

// The exercises in this file are about the scheduler's data: who holds g, who writes the lists, what decides their lengths.

var gRegister = &Exercise{
	ID:    "g-register",
	Title: lessons.Text{En: "which register holds g?", Zh: "哪个寄存器保存 g？"},
	Text: lessons.Text{
		En: "Go code on amd64 keeps the current g in a general register, besides the word at -8(FS). Which register is it, and which " +
			"is the first stage at whose end it holds g and goes on to do so until main.main?",
		Zh: "amd64 上的 Go 代码除了 -8(FS) 处的字以外，还用一个通用寄存器保存当前 g。是哪个寄存器？从哪个阶段结束时起，它一直保存着 g，直到 main.main？",
	},
	Hint: lessons.Text{
		En: "Draw \"tls\" at the end of each stage. Assembly code needs no g register: it is loaded on the way into the first function " +
			"that is compiled from Go.",
		Zh: "在每个阶段结束时画出 \"tls\"。汇编代码不需要 g 寄存器：进入第一个由 Go 编译而来的函数时才装入它。",
	},
	After: lessons.Text{
		En: "The wrapper of runtime.check (from ABI0 to ABIInternal) loads it; before that only FS leads to g.",
		Zh: "runtime.check 的包装函数（从 ABI0 到 ABIInternal）装入了它；在那之前只能经 FS 找到 g。",
	},
	Start:    "const register = \"\"\nconst stage = \"\"\n",
	Solution: "const register = \"r14\"\nconst stage = \"args\"\n",
	Names:    []string{"register", "stage"},
	check:    checkRegister,
}

func checkRegister(a *answer) error {
	register, err := a.text("register")
	if err != nil {
		return err
	}
	stage, err := a.text("stage")
	if err != nil {
		return err
	}
	register, stage = strings.ToLower(register), strings.ToLower(stage)
	i := slices.Index(emulator.GPRNames[:], register)
	switch {
	case register == "fs" || register == "fsbase":
		return wrong("FS does not hold g: it points behind the word that does. Which general register holds g itself?",
			"FS 不保存 g：它指向保存 g 的那个字之后。哪个通用寄存器保存 g 本身？")
	case i < 0:
		return wrong("%q is no general register; they are %s.", "%q 不是通用寄存器；它们是 %s。", register, strings.Join(emulator.GPRNames[:], ", "))
	}
	if _, ok := lessons.StageNamed(stage); !ok {
		return wrong("%q is no stage; rt0 boot lists them.", "%q 不是阶段；rt0 boot 会列出它们。", stage)
	}
	t, err := a.bench.tour(a.ctx, machine{cpus: 4})
	if err != nil {
		return err
	}
	since, lost := "", ""
	for _, mo := range t.Moments {
		if !mo.Missing.Empty() || mo.Registers.FSBase == 0 {
			continue
		}
		g, err := currentG(a, t, mo)
		if err != nil {
			return err
		}
		switch holds := g != 0 && mo.Registers.GPR[i] == g; {
		case holds && since == "":
			since = mo.Stage.ID
		case !holds:
			if since != "" {
				lost = mo.Stage.ID
			}
			since = ""
		}
	}
	switch {
	case lost != "":
		return wrong("%s holds g for a while, but no longer at the end of stage %s.", "%s 有一段时间保存着 g，但在阶段 %s 结束时已不再是。", register, lost)
	case since == lessons.Stages[len(lessons.Stages)-1].ID:
		return wrong("%s holds g at main.main by chance: at the end of the stage before it does not.",
			"%s 在 main.main 处只是碰巧保存着 g：前一个阶段结束时并不是。", register)
	case since == "":
		return wrong("%s does not hold g at main.main.", "在 main.main 处 %s 并不保存 g。", register)
	case stage == since:
		return nil
	case stage == "bind":
		return wrong("The register is right. But at the end of bind it is still 0: the assembly has put g into m0.tls[0] only.",
			"寄存器对了。但在 bind 结束时它还是 0：汇编只把 g 放进了 m0.tls[0]。")
	}
	return wrong("The register is right; the stage is not %s. Look at it at the end of each stage.", "寄存器对了，但阶段不是 %s。请在每个阶段结束时看看它。", stage)
}

// currentG reads the word at -8(FS) at a moment.
func currentG(a *answer, t *lessons.Tour, mo *lessons.Moment) (uint64, error) {
	if err := t.Machine.SeekContext(a.ctx, mo.Tick); err != nil {
		return 0, err
	}
	var w [8]byte
	if err := t.Machine.ReadMemory(w[:], mo.Registers.FSBase-8); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(w[:]), nil
}

var whoWrotePidle = &Exercise{
	ID:    "who-wrote-pidle",
	Title: lessons.Text{En: "who wrote sched.pidle?", Zh: "谁写了 sched.pidle？"},
	Text: lessons.Text{
		En: "At the end of stage pidle sched.pidle is not nil. In which function is the instruction that wrote it last? Give its full " +
			"name, such as runtime.schedinit.",
		Zh: "阶段 pidle 结束时 sched.pidle 不是 nil。最后写它的指令在哪个函数里？请给出完整的名字，例如 runtime.schedinit。",
	},
	Hint: lessons.Text{
		En: "Ask the machine: go to pidle and print m.WhoWrote(\"sched.pidle\").",
		Zh: "问机器：到 pidle 阶段，打印 m.WhoWrote(\"sched.pidle\")。",
	},
	After: lessons.Text{
		En: "A machine that can go back answers who wrote what without having watched beforehand.",
		Zh: "能回到过去的机器，不必事先监视就能回答谁写了什么。",
	},
	Start:    "const function = \"runtime.\"\n",
	Solution: "const function = \"runtime.pidleput\"\n",
	Names:    []string{"function"},
	check: func(a *answer) error {
		name, err := a.text("function")
		if err != nil {
			return err
		}
		t, mo, err := a.moment(machine{cpus: 4}, "pidle")
		if err != nil {
			return err
		}
		if err := t.Machine.SeekContext(a.ctx, mo.Tick); err != nil {
			return err
		}
		w, err := history.New(t.Machine).LastWrite(a.ctx, "sched.pidle")
		if err != nil {
			return err
		}
		table := t.Runtime.Table()
		f, _ := table.Func(w.PC)
		inlined := slices.ContainsFunc(table.Frames(w.PC), func(fr symbols.Frame) bool { return fr.Func == name })
		full := "runtime." + strings.TrimPrefix(name, "runtime.")
		known, ok := table.FuncNamed(full)
		switch {
		case name == f.Name || inlined:
			return nil
		case full == f.Name:
			return wrong("Give the full name, with the package.", "请给出完整的名字，包括包名。")
		case !ok:
			return wrong("The program has no function %q.", "程序里没有函数 %q。", name)
		case full == "runtime.procresize", full == "runtime.schedinit":
			return wrong("%s is on the stack at that moment, but the instruction is in a function that it has called.",
				"那一刻 %s 确实在调用栈上，但那条指令在它调用的函数里。", known.Name)
		}
		return wrong("The program has %s, but the instruction that wrote is elsewhere.", "程序里有 %s，但写入的指令在别处。", known.Name)
	},
}

var gomaxprocs = &Exercise{
	ID:    "gomaxprocs",
	Title: lessons.Text{En: "make GOMAXPROCS disagree with the CPU count", Zh: "让 GOMAXPROCS 与 CPU 数不一致"},
	Text: lessons.Text{
		En: "Usually there are as many Ps as CPUs. Choose a number of CPUs and an environment with which a program boots where " +
			"gomaxprocs is not the number of CPUs that the runtime has counted.",
		Zh: "通常 P 与 CPU 一样多。选择 CPU 数和环境变量，让程序启动之后 gomaxprocs 不等于运行时数到的 CPU 数。",
	},
	Hint: lessons.Text{
		En: "schedinit reads one variable of the environment before it calls procresize.",
		Zh: "schedinit 在调用 procresize 之前会读一个环境变量。",
	},
	After: lessons.Text{
		En: "GOMAXPROCS limits how many threads run Go code at once. It neither adds CPUs nor limits threads.",
		Zh: "GOMAXPROCS 限制同时运行 Go 代码的线程数。它既不增加 CPU，也不限制线程数。",
	},
	Start:    "var cpus = 4\nvar env = []string{}\n",
	Solution: "var cpus = 4\nvar env = []string{\"GOMAXPROCS=2\"}\n",
	Names:    []string{"cpus", "env"},
	check: func(a *answer) error {
		cpus, err := a.number("cpus")
		if err != nil {
			return err
		}
		env, err := a.texts("env")
		if err != nil {
			return err
		}
		if cpus < 1 || cpus > maxCPUs {
			return wrong("cpus must be from 1 to %d.", "cpus 应当在 1 到 %d 之间。", maxCPUs)
		}
		asked := ""
		for _, e := range env {
			name, _, ok := strings.Cut(e, "=")
			switch {
			case !ok || name == "":
				return wrong("%q is no variable of the environment: write \"NAME=value\".", "%q 不是环境变量：请写成 \"NAME=value\"。", e)
			case name == "GOMAXPROCS":
				asked = e
			}
		}
		t, mo, err := a.moment(machine{cpus: int(cpus), env: env}, "pidle")
		if err != nil {
			return err
		}
		procs, ok := mo.Fact("gomaxprocs")
		counted, known := mo.Fact("ncpu")
		if !ok || !known {
			return fmt.Errorf("this program does not tell gomaxprocs: it was built by %s", t.Moments[0].Go)
		}
		switch n := procs.Value.Number; {
		case n != counted.Value.Number:
			return nil
		case asked == "":
			return wrong("There are %d CPUs and gomaxprocs is %d. More or fewer CPUs change both.", "有 %d 个 CPU，gomaxprocs 是 %d。改变 CPU 数，两者会一起变。", cpus, n)
		default:
			return wrong("The runtime read %s, and gomaxprocs is %d all the same: what is no number above 0 is ignored, and a number equal to that of the CPUs changes nothing.",
				"运行时读了 %s，gomaxprocs 仍是 %d：不是大于 0 的数就会被忽略，而与 CPU 数相同的数也不会有变化。", asked, n)
		}
	},
}

// maxCPUs is how many CPUs an answer may ask for: enough to see what happens, and soon booted.
const maxCPUs = 256

var allm = &Exercise{
	ID:    "allm-order",
	Title: lessons.Text{En: "predict the order of allm", Zh: "预测 allm 的顺序"},
	Text: lessons.Text{
		En: "When main.main begins there are several Ms; their ids count from 0 in the order in which they were made. Write a function " +
			"that returns the ids of n Ms in the order of the list allm, from its head.",
		Zh: "main.main 开始时已有若干个 M，id 按创建的先后从 0 数起。写一个函数：按链表 allm 从表头起的顺序，返回 n 个 M 的 id。",
	},
	Hint: lessons.Text{
		En: "mcommoninit sets alllink to the old head and then makes the new m the head.",
		Zh: "mcommoninit 先让 alllink 指向旧表头，再让新的 m 成为表头。",
	},
	After: lessons.Text{
		En: "m0 was first and is last: a list that grows at its head shows its history backwards.",
		Zh: "m0 最先创建，却排在最后：在表头生长的链表把历史倒着展示。",
	},
	Start: `func order(n int) []int {
	ids := []int{}
	return ids
}
`,
	Solution: `func order(n int) []int {
	ids := []int{}
	for id := n - 1; id >= 0; id-- {
		ids = append(ids, id)
	}
	return ids
}
`,
	check: func(a *answer) error {
		for _, cpus := range []int{1, 2, 4, 8} {
			_, mo, err := a.moment(machine{cpus: cpus}, "main")
			if err != nil {
				return err
			}
			want := mo.Runtime.AllM.IDs
			got, err := a.integers(fmt.Sprintf("order(%d)", len(want)))
			if err != nil {
				return err
			}
			if slices.Equal(got, want) {
				continue
			}
			backwards := slices.Clone(got)
			slices.Reverse(backwards)
			switch {
			case len(got) != len(want):
				return wrong("With %d CPUs there are %d Ms; you return %d ids.", "%d 个 CPU 时有 %d 个 M；你返回了 %d 个 id。", cpus, len(want), len(got))
			case slices.Equal(backwards, want):
				return wrong("With %d CPUs you foretell %v: that is the order in which they were made. At which end does the list grow?",
					"%d 个 CPU 时你预言 %v：那是创建的顺序。链表在哪一头生长？", cpus, got)
			}
			return wrong("With %d CPUs you foretell %v, but allm is %v.", "%d 个 CPU 时你预言 %v，而 allm 是 %v。", cpus, got, want)
		}
		return nil
	},
}
