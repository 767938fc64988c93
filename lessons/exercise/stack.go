package exercise

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rt0lab/rt0/lessons"
)

// The exercises in this file are about the process stack and what rt0_go does with it.

// stackMachines differ in what Linux leaves on the stack, so that a guess that fits one does not fit all.
var stackMachines = []machine{
	{cpus: 1},
	{cpus: 2, args: []string{"one", "two", "three"}, seed: 7},
	{cpus: 4, env: []string{"HOME=/root", "LANG=zh_CN.UTF-8"}, seed: 3},
}

var spMoves = &Exercise{
	ID:    "sp-moves",
	Title: lessons.Text{En: "how far does SP move?", Zh: "SP 移动了多远？"},
	Text: lessons.Text{
		En: "rt0_go begins with SUBQ $40, SP and ANDQ $~15, SP. By how many bytes has SP moved after both? The ABI says that SP is a " +
			"multiple of 16 when the program starts.",
		Zh: "rt0_go 开头是 SUBQ $40, SP 和 ANDQ $~15, SP。两条指令之后，SP 一共移动了多少字节？ABI 规定程序开始时 SP 是 16 的倍数。",
	},
	Hint:     lessons.Text{En: "40 is not a multiple of 16. Which way does AND round?", Zh: "40 不是 16 的倍数。AND 向哪边取整？"},
	After:    lessons.Text{En: "40 down, then 8 more to the next multiple of 16.", Zh: "先减 40，再向下 8 到 16 的倍数。"},
	Start:    "const moved = 0\n",
	Solution: "const moved = 48\n",
	Names:    []string{"moved"},
	check: func(a *answer) error {
		moved, err := a.number("moved")
		if err != nil {
			return err
		}
		for _, c := range stackMachines {
			_, entry, err := a.moment(c, "entry")
			if err != nil {
				return err
			}
			_, aligned, err := a.moment(c, "alignment")
			if err != nil {
				return err
			}
			from, to := entry.Registers.SP(), aligned.Registers.SP()
			if int64(from-to) == moved {
				continue
			}
			switch moved {
			case 40:
				return wrong("40 is what SUBQ takes away; but %#x - 40 is no multiple of 16, so ANDQ moves SP further.",
					"40 只是 SUBQ 减去的；%#x - 40 不是 16 的倍数，ANDQ 还会继续移动 SP。", from)
			case 32:
				return wrong("ANDQ clears bits, so it rounds down; you have rounded up.", "ANDQ 清掉低位，是向下取整；你向上取整了。")
			case -int64(from - to):
				return wrong("The distance is right. Say it as a positive number.", "距离对了。请写成正数。")
			}
			return wrong("SP is %#x before and not %#x after. Subtract 40 from it and clear the low four bits.",
				"之前 SP 是 %#x，之后并不是 %#x。先减 40，再清掉低 4 位。", from, from-uint64(moved))
		}
		return nil
	},
}

var argcSlot = &Exercise{
	ID:    "argc-slot",
	Title: lessons.Text{En: "where is argc?", Zh: "argc 在哪里？"},
	Text: lessons.Text{
		En: "rt0_go copies argc and argv to the stack after it has aligned SP. At which offset from SP lies the copy of argc on amd64 " +
			"with today's Go? Many notes say 120(SP).",
		Zh: "rt0_go 对齐 SP 之后把 argc 和 argv 复制到栈上。在 amd64 上，用现在的 Go，argc 的副本位于 SP 的什么偏移处？很多笔记说是 120(SP)。",
	},
	Hint: lessons.Text{
		En: "Look instead of believing: go to the stage alignment and draw the stack, or read asm_amd64.s, not asm_386.s.",
		Zh: "与其相信，不如去看：到 alignment 阶段画出栈，或者读 asm_amd64.s，而不是 asm_386.s。",
	},
	After: lessons.Text{
		En: "The words below it are free: rt0_go passes arguments to the functions that it calls there.",
		Zh: "它下面的字是空着的：rt0_go 在那里给它调用的函数传参数。",
	},
	Start:    "const offset = 120\n",
	Solution: "const offset = 24\n",
	Names:    []string{"offset"},
	check: func(a *answer) error {
		offset, err := a.number("offset")
		if err != nil {
			return err
		}
		for _, c := range stackMachines {
			t, mo, err := a.moment(c, "alignment")
			if err != nil {
				return err
			}
			i := slices.IndexFunc(mo.Stack, func(w lessons.StackWord) bool { return w.Note.En == argcCopy })
			if i < 0 {
				return errors.New("this program does not tell where it copies argc")
			}
			sp := mo.Registers.SP()
			at := sp + uint64(offset)
			switch {
			case at == mo.Stack[i].Addr:
				continue
			case offset == 120 || offset == 124:
				return wrong("%d(SP) is right for 386 (asm_386.s). On amd64 the word there is something else.",
					"%d(SP) 对 386（asm_386.s）是对的。在 amd64 上那里是别的东西。", offset)
			case offset == 16:
				return wrong("16(SP) was right up to Go 1.17; this is %s.", "16(SP) 在 Go 1.17 及以前是对的；这里是 %s。", mo.Go)
			case at == mo.Stack[i].Addr+8:
				return wrong("That is the copy of argv; argc lies below it.", "那是 argv 的副本；argc 在它下面。")
			case at == t.Moments[0].Registers.SP():
				return wrong("That is argc as Linux left it. rt0_go has made a copy further down.",
					"那是 Linux 留下的 argc。rt0_go 在更低处做了一份副本。")
			}
			return wrong("SP is %#x; there is no copy of argc at %#x.", "SP 是 %#x；%#x 处没有 argc 的副本。", sp, at)
		}
		return nil
	},
}

// argcCopy is how a moment's stack notes the copy.
const argcCopy = "argc, copied"

var g0Stack = &Exercise{
	ID:    "g0-stack",
	Title: lessons.Text{En: "predict g0.stack.lo", Zh: "预测 g0.stack.lo"},
	Text: lessons.Text{
		En: "Write a function that foretells g0.stack.lo, the end of the stack that g0 claims, from SP at the very first instruction. " +
			"It is tried on machines with different arguments, environments and seeds.",
		Zh: "写一个函数：由第一条指令处的 SP 预言 g0.stack.lo，也就是 g0 认领的栈的末端。它会在参数、环境变量、种子各不相同的机器上检验。",
	},
	Hint: lessons.Text{
		En: "g0 claims 64 KiB below SP; but rt0_go has moved SP before (exercise sp-moves).",
		Zh: "g0 认领 SP 以下的 64 KiB；但在那之前 rt0_go 已经移动过 SP（见练习 sp-moves）。",
	},
	After: lessons.Text{
		En: "It is a claim on what Linux gave: nothing is allocated, and nothing checks that the 64 KiB are there.",
		Zh: "这只是对 Linux 所给的栈的认领：没有分配任何东西，也没有检查这 64 KiB 是否真的存在。",
	},
	Start: `func lo(sp uint64) uint64 {
	return sp
}
`,
	Solution: `func lo(sp uint64) uint64 {
	return (sp-40)&^15 - 64*1024
}
`,
	check: func(a *answer) error {
		for _, c := range stackMachines {
			_, mo, err := a.moment(c, "g0stack")
			if err != nil {
				return err
			}
			_, first, err := a.moment(c, "osstack")
			if err != nil {
				return err
			}
			if mo.Runtime.G0 == nil || !mo.Runtime.G0.StackLo.OK() {
				return errors.New("this program does not tell g0.stack.lo")
			}
			sp, want := first.Registers.SP(), mo.Runtime.G0.StackLo.Uint
			n, err := a.number(fmt.Sprintf("lo(%d)", sp))
			if err != nil {
				return err
			}
			got := uint64(n)
			if got == want {
				continue
			}
			en, zh := fmt.Sprintf("For SP = %#x you foretell %#x, but g0.stack.lo is %#x.", sp, got, want),
				fmt.Sprintf("SP = %#x 时你预言 %#x，而 g0.stack.lo 是 %#x。", sp, got, want)
			switch got {
			case sp - 64<<10:
				en += " You start from SP at entry; when g0 claims its stack, rt0_go has already moved SP."
				zh += "你从入口处的 SP 算起；而 g0 认领栈时，rt0_go 已经移动过 SP。"
			case want + 104, sp - 64<<10 + 104:
				en += " The +104 is of Go 1.20 and before, and of 386."
				zh += "+104 属于 Go 1.20 及以前，以及 386。"
			case want + 64<<10:
				en += " That is g0.stack.hi: where the stack begins. It grows down."
				zh += "那是 g0.stack.hi，栈开始的地方。栈向下生长。"
			}
			return &Wrong{Text: lessons.Text{En: en, Zh: zh}}
		}
		return nil
	},
}
