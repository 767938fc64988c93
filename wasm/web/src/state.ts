// What the page knows, as signals, and what it can do. Panes only read signals and call these functions.
import { batch, computed, effect, signal } from "@preact/signals";
import { counterpart, stageAt } from "./axis";
import { breaks, resolved, runnable } from "./breaks";
import { json, unpacked } from "./fetch";
import { keepPage } from "./kept";
import { lessonShown } from "./layout";
import { fromLink, start, toLink, type Follow, type Linked, type Moment } from "./link";
import { Machine } from "./machine";
import type { Index, Lang, Move, Request, Sample, Write } from "./protocol";
import { message, Run } from "./run";
import { inLang, words, type Word } from "./words";

const remembered = localStorage.getItem("rt0.lang");
export const lang = signal<Lang>(remembered === "en" || remembered === "zh" ? remembered : navigator.language.startsWith("zh") ? "zh" : "en");
export const t = (w: Word): string => inLang(words[w], lang.value);

export const index = signal<Index | null>(null);
/** What is being waited for, and can be stopped. */
export const busy = signal<Word | "">("");
export const problem = signal("");
/** The answer to "who wrote this?", and the tick at which it was asked. */
export const wrote = signal<{ what: string; write: Write; from: number } | null>(null);
/** The figure that the reader chose; "" follows the stage. */
export const chosen = signal("");
/** The name of the lesson beside the machine; "" is the one that was open last. */
export const lesson = signal("");

/** The page's first machine, the one beside it if two are compared, and the one of them that the panes show. */
const first = signal<Run | null>(null);
export const beside = signal<Run | null>(null);
export const shown = signal<Run | null>(null);
export const follow = signal<Follow>("stage");
export const main = computed(() => first.value);

export const view = computed(() => shown.value?.view.value ?? null);
export const outline = computed(() => shown.value?.outline.value ?? null);
export const moment = computed(() => shown.value?.moment.value ?? start);
export const hash = computed(() => shown.value?.hash.value ?? "");
export const lanes = computed(() => shown.value?.lanes.value ?? null);
export const listing = computed(() => shown.value?.listing.value ?? null);
export const sources = computed(() => shown.value?.sources.value ?? {});
/** The name of the reader's own file, "" if the program is a sample. */
export const ownFile = computed(() => shown.value?.own.value?.name ?? "");

export const figure = computed(() => chosen.value || stageFigure(outline.value?.stages[view.value?.stage ?? 0]?.figures));
/** The stack and the registers have panes of their own. */
const stageFigure = (figures: string[] | null | undefined): string => figures?.find((f) => f !== "stack" && f !== "registers") ?? "bind";

/** The figures that a view needs: for the stage that it will show when a stage is what one goes to. */
function drawings(run: Run, m?: Move): Pick<Request, "figures" | "lang"> {
  const o = run.outline.peek();
  let stage = run.view.peek()?.stage ?? 0;
  if (o && m?.to === "stage") stage = o.stages.findIndex((s) => s.id === m.stage);
  if (o && m?.to === "tick") stage = stageAt(o, m.tick ?? 0);
  return { figures: [chosen.peek() || stageFigure(o?.stages[stage]?.figures)], lang: lang.peek() };
}

const surroundings = {
  drawings, breaks: () => runnable.peek(),
  busy: (doing: Word | "") => { busy.value = doing; },
  problem: (text: string) => { problem.value = text === "stopped" || text === "lost" ? t(text) : text; },
  moved: (run: Run) => { if (run === shown.peek()) void followOn(); },
  settled: () => showLink(),
};

export const stop = (): void => {
  first.peek()?.stop();
  beside.peek()?.stop();
};

export const go = async (m: Move): Promise<void> => shown.peek()?.go(m);
export const scrub = async (tick: number): Promise<void> => shown.peek()?.scrub(tick);

export function goStage(delta: 1 | -1): void {
  const v = view.peek(), o = outline.peek();
  if (!v || !o) return;
  const ends = o.stages.filter((s) => !s.missing.en && (delta > 0 ? s.tick > v.tick : s.tick < v.tick));
  const to = delta > 0 ? ends[0] : ends[ends.length - 1];
  if (to) void go({ to: "stage", stage: to.id });
}

export function runToBreak(back: boolean): void {
  if (runnable.peek().length === 0) problem.value = t("noBreaks");
  else void go({ to: "breakpoint", back });
}

// What breakpoints mean, each machine tells anew.
effect(() => {
  const list = breaks.value, run = shown.value;
  if (list.length === 0 || !run?.outline.value) {
    resolved.value = [];
    return;
  }
  void run.ask({ method: "resolve", breaks: list.map(({ place, if: condition }) => ({ place, if: condition })) }, "loading", null, true)
    .then((r) => { if (r?.resolved && breaks.peek() === list && shown.peek() === run) resolved.value = r.resolved; });
});

/** Finds the last write to the memory that expr means, or the last change of a register, and goes there. */
export async function whoWrote(what: string, expr: string, register = false): Promise<void> {
  const run = shown.peek(), from = view.peek()?.tick ?? 0;
  const r = await run?.ask({ method: register ? "whoChanged" : "whoWrote", expr }, "searching");
  if (!r?.write) {
    if (/nothing has written it|no instruction has changed it/.test(problem.value)) problem.value = `${what}: ${t(register ? "unchanged" : "unwritten")}`;
    return;
  }
  await go({ to: "tick", tick: r.write.tick });
  wrote.value = { what, write: r.write, from }; // when the page is there
}

export async function setLang(l: Lang): Promise<void> {
  lang.value = l;
  localStorage.setItem("rt0.lang", l);
  await Promise.all([first.peek()?.refresh(), beside.peek()?.refresh()]);
}

effect(() => {
  document.documentElement.lang = lang.value === "zh" ? "zh-CN" : "en";
  document.title = `rt0: ${t("title")}`;
});

export async function choose(name: string): Promise<void> {
  chosen.value = name;
  await Promise.all([first.peek()?.refresh(), beside.peek()?.refresh()]);
}

const files = new Map<string, Promise<Uint8Array>>();
function program(s: Sample): Promise<Uint8Array> {
  let p = files.get(s.file);
  if (!p) {
    p = unpacked(s.file);
    files.set(s.file, p);
    p.catch(() => files.delete(s.file));
  }
  return p;
}

function sampleOf(m: Moment): Sample {
  const all = index.value?.samples ?? [];
  const s = all.find((s) => s.name === m.sample && (!m.go || s.go === m.go));
  if (s) return s;
  const versions = all.filter((s) => s.name === m.sample).map((s) => s.go);
  if (versions.length > 0) throw new Error(`There is no ${m.sample} of ${m.go} here; there is that of ${versions.join(", ")}.`);
  throw new Error(`There is no program ${m.sample.slice(0, 60)} here; there are ${[...new Set(all.map((s) => s.name))].join(", ")}.`);
}

/** Whether two moments are of the same run. */
const sameRun = (a: Moment, b: Moment): boolean => toLink({ ...a, tick: 0 }) === toLink({ ...b, tick: 0 });

/** Boots what the moment says and goes to its tick. With a file of the reader's own, that instead of the sample. */
export async function boot(m: Moment, own: { name: string; bytes: Uint8Array } | null = null, run: Run | null = shown.peek()): Promise<boolean> {
  if (!run) return false;
  problem.value = "";
  try {
    const sample = own ? null : sampleOf(m);
    const exact = { ...m, go: sample?.go ?? "" };
    if (sample && run.outline.peek() && !run.own.peek() && sameRun(exact, run.moment.peek())) {
      if (m.tick !== run.view.peek()?.tick) await run.go({ to: "tick", tick: m.tick });
      return true;
    }
    const bytes = own?.bytes ?? (await program(sample!));
    const config = { name: own?.name ?? m.sample, args: m.args, env: m.env, cpus: m.cpus, seed: m.seed, mem: m.mem, maxticks: m.maxTicks };
    if (!(await run.boot(config, exact, bytes, own))) return false;
    wrote.value = null;
    if (sample) run.sources.value = await json<Record<string, string>>(sample.sources);
    return true;
  } catch (e) {
    problem.value = message(e);
    return false;
  }
}

/** Boots a second machine beside the first. Nothing changes if it cannot be booted. */
export async function bootBeside(m: Moment, own: { name: string; bytes: Uint8Array } | null = null): Promise<void> {
  const machine = loaded;
  if (!machine || !first.peek()) return;
  const run = beside.peek() ?? new Run(machine.another(), surroundings);
  if (!(await boot(m, own, run))) {
    if (!beside.peek()) run.dispose();
    return;
  }
  beside.value = run;
  showLink();
  void followOn();
}

export function closeBeside(): void {
  const run = beside.peek();
  batch(() => {
    beside.value = null;
    shown.value = first.peek();
  });
  run?.dispose();
  showLink();
}

/** Shows the other of two machines in the panes. */
export function swap(): void {
  if (beside.peek()) shown.value = shown.peek() === first.peek() ? beside.peek() : first.peek();
}

let following = false, moved = false;
/** Brings the machine that the panes do not show to where the other is. */
async function followOn(): Promise<void> {
  moved = true;
  if (following) return;
  following = true;
  while (moved) {
    moved = false;
    const lead = shown.peek(), to = lead === first.peek() ? beside.peek() : first.peek();
    const v = lead?.view.peek(), w = to?.view.peek(), o = lead?.outline.peek(), p = to?.outline.peek();
    if (!to || !v || !w || !o || !p) break;
    const tick = follow.peek() === "tick" ? v.tick : counterpart(v.tick, o, v.furthest, p, w.furthest);
    if (tick !== w.tick) await to.go({ to: "tick", tick });
  }
  following = false;
}

export function setFollow(f: Follow): void {
  follow.value = f;
  showLink();
  void followOn();
}

/** Puts the moment into the address, unless a program of the reader's own is part of it. */
function showLink(): void {
  const run = first.peek(), other = beside.peek();
  if (!run?.view.peek() || run.own.peek() || other?.own.peek()) return;
  history.replaceState(null, "", toLink({ ...run.moment.peek(), breaks: breaks.peek(), lesson: lessonShown.peek() ? lesson.peek() : "", beside: other?.moment.peek() ?? null, follow: follow.peek() }));
}
effect(() => {
  void [breaks.value, lesson.value, lessonShown.value];
  showLink();
});

/** `rt0 boot -format json` of this machine, for those who compare. */
export const bootJSON = async (): Promise<string> => (await shown.peek()?.ask({ method: "json" }, "loading"))?.json ?? "";

/** Does what a link says. */
async function open(l: Linked): Promise<void> {
  batch(() => {
    breaks.value = l.breaks;
    lesson.value = l.lesson;
    follow.value = l.follow;
    shown.value = first.peek();
  });
  if (!(await boot(l))) return;
  if (l.beside) await bootBeside({ ...l.beside, tick: l.tick });
  else if (beside.peek()) closeBeside();
}

const nothing: Linked = { ...start, breaks: [], lesson: "", beside: null, follow: "stage" };
let loaded: Machine | null = null;

export async function load(): Promise<void> {
  let wish = nothing, damaged = "";
  try {
    wish = fromLink(location.hash) ?? nothing;
  } catch (e) {
    damaged = message(e);
  }
  try {
    index.value = await json<Index>("index.json");
    loaded = Machine.load(index.value.machine);
    try {
      await program(sampleOf(wish));
    } catch (e) {
      damaged ||= message(e); // without the sample, the first one
      wish = nothing;
    }
    first.value = shown.value = new Run(loaded, surroundings);
    await open(wish);
    if (!view.peek()) { // what the link says cannot be booted
      damaged = problem.peek();
      await open(nothing);
    }
    if (damaged) problem.value = damaged;
    void keepPage(index.value);
  } catch (e) {
    problem.value = message(e);
  }
}

addEventListener("hashchange", () => {
  try {
    const l = fromLink(location.hash);
    if (l) void open(l);
  } catch (e) {
    problem.value = message(e);
  }
});
