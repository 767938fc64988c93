// Everything that moves the machine or opens something, with its keys: the source of the buttons, the keyboard and the help sheet.
import { signal } from "@preact/signals";
import { toggle } from "./breaks";
import { lessonOpen } from "./layout";
import { pc } from "./run";
import { beside, go, goStage, lang, runToBreak, setLang, swap, view } from "./state";
import type { Word } from "./words";

export interface Command { keys: string[]; what: Word; run(): void }
/** A kind of move, both ways. */
export interface Pair { name: Word; back: Command; ahead: Command }

const pair = (name: Word, back: [string[], Word, () => void], ahead: [string[], Word, () => void]): Pair =>
  ({ name, back: { keys: back[0], what: back[1], run: back[2] }, ahead: { keys: ahead[0], what: ahead[1], run: ahead[2] } });

export const moves: Pair[] = [
  pair("ofStage", [["p", "ArrowUp"], "prevStage", () => goStage(-1)], [["n", "ArrowDown"], "nextStage", () => goStage(1)]),
  pair("ofStep", [["ArrowLeft"], "back", () => void go({ to: "instruction", back: true })], [["ArrowRight"], "step", () => void go({ to: "instruction" })]),
  pair("ofLine", [["L"], "lineBack", () => void go({ to: "line", back: true })], [["l"], "line", () => void go({ to: "line" })]),
  pair("ofOver", [["O"], "overBack", () => void go({ to: "over", back: true })], [["o"], "over", () => void go({ to: "over" })]),
  pair("ofOut", [["U"], "outBack", () => void go({ to: "out", back: true })], [["u"], "out", () => void go({ to: "out" })]),
  pair("ofCall", [["C"], "callBack", () => void go({ to: "syscall", back: true })], [["c"], "callNext", () => void go({ to: "syscall" })]),
  pair("ofBreak", [["R"], "breakBack", () => runToBreak(true)], [["r"], "breakNext", () => runToBreak(false)]),
  pair("ofEnds", [["Home"], "start", () => void go({ to: "tick", tick: 0 })], [["End"], "end", () => void go({ to: "end" })]),
];

/** Which sheet lies over the page. */
export const sheet = signal<"" | "help" | "whatIf">("");
/** Whether this page has lessons to show. */
export const hasLessons = signal(false);

export const others: Command[] = [
  { keys: ["b"], what: "breakHere", run: () => { if (view.peek()) toggle(pc(view.peek()!)); } },
  { keys: ["g"], what: "goTo", run: () => document.querySelector<HTMLInputElement>(".runto input")?.focus() },
  { keys: ["w"], what: "whatIf", run: () => { sheet.value = "whatIf"; } },
  { keys: ["x"], what: "swap", run: () => { if (beside.peek()) swap(); } },
  { keys: ["e"], what: "lesson", run: () => { if (hasLessons.peek()) lessonOpen.value = !lessonOpen.peek(); } },
  { keys: ["z"], what: "language", run: () => void setLang(lang.peek() === "en" ? "zh" : "en") },
  { keys: ["?"], what: "help", run: () => { sheet.value = "help"; } },
];

const byKey = new Map([...moves.flatMap((m) => [m.back, m.ahead]), ...others].flatMap((c) => c.keys.map((k) => [k, c] as const)));

/** Keys work everywhere but where one types or chooses. On the slider they do what they do elsewhere. */
export function onKey(e: KeyboardEvent): void {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || sheet.peek()) return;
  const at = e.target as HTMLElement;
  if (at.isContentEditable || at.closest?.(".lesson") || at.matches?.("textarea, select, input:not([type=range], [type=checkbox], [type=radio])")) return;
  if (/^(Arrow(Up|Down)|Home|End|Page(Up|Down))$/.test(e.key) && at.closest?.(".scroll, pre, [role=tablist], [role=radiogroup]")) return; // they scroll or choose there
  if (/^Arrow/.test(e.key) && at.closest?.("[role=tablist], [type=radio]")) return;
  const c = byKey.get(e.key);
  if (!c) return;
  e.preventDefault();
  c.run();
}

const nice: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
export const keyName = (k: string): string => nice[k] ?? k;
export const hint = (c: Command): string => c.keys.map(keyName).join(", ");
