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

// NoteNoMemory is the note of a move to the end of a program that failed after its memory limit had no room for what a system call wanted.
const NoteNoMemory = "no-memory"

// inPage is the error of a boot in the reader's language, with the page's words for how to go on.
func inPage(err error, lang string) error {
	var t lessons.Text
	if ended, ok := errors.AsType[*lessons.EndedError](err); ok {
		if ended.Limit != 0 {
			ended.Advice = lessons.Text{En: "allow the program more in " + ticksField.En, Zh: "请在" + ticksField.Zh + "放宽"}
		}
		return ended.In(lang)
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
