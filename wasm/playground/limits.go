package playground

import (
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/lessons"
)

// The page has no -mem and no -max-ticks: what tells the reader to allow more names the fields of its form. Their labels are
// wasm/web/src/words.ts's.
var (
	memoryField = lessons.Text{En: "“What if …”, under “Memory”", Zh: "“假如……”的“内存”中"}
	ticksField  = lessons.Text{En: "“What if …”, under “Instruction limit”", Zh: "“假如……”的“指令数上限”中"}
)

// NoteNoMemory is the note of a move to the end of a program that failed after a system call of its had got no memory.
const NoteNoMemory = "no-memory"

// noMemory is Linux's ENOMEM. (Package syscall has other numbers where the page runs.)
const noMemory = 12

// refusedBy says whether a system call has got no memory by the tick.
func (l *log) refusedBy(tick uint64) bool { return l.refused != nil && l.refused.Tick <= tick }

// moreMemory says what to do for a program that ended early after the call c had got no memory. limit is in bytes.
func moreMemory(c emulator.Syscall, limit uint64) lessons.Text {
	return lessons.Text{
		En: fmt.Sprintf("%s had got no memory (ENOMEM) at tick %d: allow the program more than %s in %s", c.Name, c.Tick, size(limit), memoryField.En),
		Zh: fmt.Sprintf("此前 %s 在时刻 %d 没有得到内存（ENOMEM）：请在%s给程序多于 %s 的内存", c.Name, c.Tick, memoryField.Zh, size(limit)),
	}
}

// inPage is the error of a boot in the reader's language, with the page's words for how to go on.
func inPage(err error, lang string) error {
	var t lessons.Text
	if ended, ok := errors.AsType[*lessons.EndedError](err); ok {
		return ended.In(lang)
	} else if e, ok := errors.AsType[*lessons.TicksError](err); ok {
		t = lessons.Text{
			En: fmt.Sprintf("main.main was not reached within %d instructions; allow the program more in %s", e.Tick, ticksField.En),
			Zh: fmt.Sprintf("执行 %d 条指令后仍未到达 main.main；请在%s放宽", e.Tick, ticksField.Zh),
		}
	} else if e, ok := errors.AsType[*emulator.MemLimitError](err); ok {
		t = lessons.Text{
			En: fmt.Sprintf("this program cannot be loaded: %s needs %s, and all of the program may take %s; allow it more in %s", e.Part, size(e.Need), size(e.Limit), memoryField.En),
			Zh: fmt.Sprintf("无法装载该程序：%s 需要 %s，而整个程序最多可用 %s；请在%s放宽", e.Part, size(e.Need), size(e.Limit), memoryField.Zh),
		}
	} else {
		return err
	}
	return errors.New(t.In(lang))
}

// size is a number of bytes in MiB, rounded up.
func size(n uint64) string {
	mib := n >> 20
	if n%(1<<20) != 0 {
		mib++
	}
	return fmt.Sprintf("%d MiB", mib)
}
