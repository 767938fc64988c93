// What the page knows, as signals, and what it can do. Panes only read signals and call these functions.
import { computed, signal } from "@preact/signals";
import { json, unpacked } from "./fetch";
import { fromLink, start, toLink, type Moment } from "./link";
import { Canceled, Machine } from "./machine";
import type { Index, Lang, Move, Outline, Reply, Request, Sample, View, Write } from "./protocol";
import { inLang, words, type Word } from "./words";

const remembered = localStorage.getItem("rt0.lang");
export const lang = signal<Lang>(remembered === "en" || remembered === "zh" ? remembered : navigator.language.startsWith("zh") ? "zh" : "en");
export const index = signal<Index | null>(null);
export const moment = signal<Moment>(start);
export const outline = signal<Outline | null>(null);
export const view = signal<View | null>(null);
export const hash = signal("");
/** What is being waited for, and can be stopped. */
export const busy = signal<Word | "">("");
export const problem = signal("");
/** The answer to "who wrote this?", and the tick at which it was asked. */
export const wrote = signal<{ expr: string; write: Write; from: number } | null>(null);
/** The figure that the reader chose; "" follows the stage. */
export const chosen = signal("");
export const sources = signal<Record<string, string>>({});

export const t = (w: Word): string => inLang(words[w], lang.value);
export const figure = computed(() => {
  if (chosen.value) return chosen.value;
  const stage = outline.value?.stages[view.value?.stage ?? 0];
  return stage?.figures?.find((f) => f !== "stack" && f !== "registers") ?? "bind";
});
/** Whether the program is the reader's own file, which no link can name. */
export const ownFile = signal("");

let machine: Machine | null = null;
let cancel: (() => void) | null = null;
let queue: Promise<unknown> = Promise.resolve();

/** Sends requests one after the other, and shows what fails. */
function ask(request: Request, doing: Word, program: Uint8Array | null = null): Promise<Reply | null> {
  const run = async (): Promise<Reply | null> => {
    if (!machine) return null;
    const shown = setTimeout(() => (busy.value = doing), 150);
    try {
      const begun = performance.now();
      const sent = machine.send(request, program);
      cancel = sent.cancel;
      const reply = await sent.reply;
      if (request.method === "boot") performance.measure("boot", { start: begun });
      problem.value = "";
      return reply;
    } catch (e) {
      problem.value = e instanceof Canceled ? t("stopped") : message(e);
      return null;
    } finally {
      clearTimeout(shown);
      busy.value = "";
      cancel = null;
    }
  };
  const result = queue.then(run);
  queue = result;
  return result;
}

const message = (e: unknown): string => (e instanceof Error ? e.message : String(e));
export const stop = (): void => cancel?.();

/** The figures that a view needs: for the stage that it will show when a stage is what one goes to. */
function drawings(m?: Move): Pick<Request, "figures" | "lang"> {
  const names = new Set(["stack", figure.value, "allp"]);
  if (!chosen.value && outline.value) {
    const stages = outline.value.stages;
    const to = m?.to === "stage" ? stages.find((s) => s.id === m.stage) : m?.to === "tick" ? stages[stageAt(m.tick ?? 0)] : undefined;
    for (const f of to?.figures?.filter((f) => f !== "registers").slice(0, 2) ?? []) names.add(f);
  }
  return { figures: [...names], lang: lang.value };
}

export function stageAt(tick: number): number {
  let last = 0;
  outline.value?.stages.forEach((s, i) => {
    if (!s.missing.en && s.tick <= tick) last = i;
  });
  return last;
}

async function show(r: Reply | null): Promise<void> {
  if (!r?.view) return;
  view.value = r.view;
  moment.value = { ...moment.value, tick: r.view.tick };
  if (!r.view.pictures.some((p) => p.name === figure.value)) {
    const again = await ask({ method: "view", ...drawings() }, "loading");
    if (again?.view && again.view.tick === view.value.tick) view.value = again.view;
  }
  settle();
}

let settling: ReturnType<typeof setTimeout> | undefined;
/** When the reader pauses: the address gets the moment, and the hash is computed. */
function settle(): void {
  hash.value = "";
  clearTimeout(settling);
  settling = setTimeout(async () => {
    if (!ownFile.value) history.replaceState(null, "", toLink(moment.value));
    const tick = view.value?.tick;
    const r = await ask({ method: "hash" }, "loading");
    if (r?.hash && view.value?.tick === tick) hash.value = r.hash;
  }, 250);
}

export const go = async (m: Move): Promise<void> => show(await ask({ method: "move", move: m, ...drawings(m) }, "loading"));

let wanted: number | null = null;
let scrubbing = false;
/** Follows the slider: while one seek is under way only the newest wish is remembered. */
export async function scrub(tick: number): Promise<void> {
  wanted = tick;
  if (scrubbing) return;
  scrubbing = true;
  while (wanted !== null) {
    const m: Move = { to: "tick", tick: wanted };
    wanted = null;
    await go(m);
  }
  scrubbing = false;
}

export function goStage(delta: 1 | -1): void {
  const v = view.value, o = outline.value;
  if (!v || !o) return;
  const ends = o.stages.filter((s) => !s.missing.en && (delta > 0 ? s.tick > v.tick : s.tick < v.tick));
  const to = delta > 0 ? ends[0] : ends[ends.length - 1];
  if (to) void go({ to: "stage", stage: to.id });
}

/** Finds the last write to what the expression names and goes there. */
export async function whoWrote(expr: string): Promise<void> {
  const from = view.value?.tick ?? 0;
  const r = await ask({ method: "whoWrote", expr }, "whoWrote");
  if (!r?.write) {
    if (problem.value.includes("nothing has written it")) problem.value = `${expr}: ${t("unwritten")}`;
    return;
  }
  wrote.value = { expr, write: r.write, from };
  await go({ to: "tick", tick: r.write.tick });
}

export async function setLang(l: Lang): Promise<void> {
  lang.value = l;
  localStorage.setItem("rt0.lang", l);
  document.documentElement.lang = l;
  document.title = `rt0: ${t("title")}`;
  await show(await ask({ method: "view", ...drawings() }, "loading"));
}

export async function choose(name: string): Promise<void> {
  chosen.value = name;
  await show(await ask({ method: "view", ...drawings() }, "loading"));
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
  throw new Error(`There is no program ${m.sample}${m.go ? " of " + m.go : ""} here; there are ${all.map((s) => `${s.name} (${s.go})`).join(", ")}.`);
}

/** Boots what the moment says and goes to its tick. With a file of the reader's own, that instead of the sample. */
export async function boot(m: Moment, own?: { name: string; bytes: Uint8Array }): Promise<void> {
  problem.value = "";
  try {
    const sample = own ? null : sampleOf(m);
    const bytes = own?.bytes ?? (await program(sample!));
    const config = { name: own?.name ?? m.sample, args: m.args, env: m.env, cpus: m.cpus, seed: m.seed };
    const r = await ask({ method: "boot", config, move: { to: "tick", tick: m.tick }, ...drawings() }, "booting", bytes);
    if (!r?.outline) return;
    outline.value = r.outline;
    wrote.value = null;
    ownFile.value = own?.name ?? "";
    moment.value = { ...m, go: sample?.go ?? "" };
    sources.value = {};
    await show(r);
    if (sample) sources.value = await json<Record<string, string>>(sample.sources);
  } catch (e) {
    problem.value = message(e);
  }
}

/** `rt0 boot -format json` of this machine, for those who compare. */
export const bootJSON = async (): Promise<string> => (await ask({ method: "json" }, "loading"))?.json ?? "";

/** Keeps all that this page has fetched for a visit without a network, where the browser lets it. */
async function keep(): Promise<void> {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  try {
    await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
    await navigator.serviceWorker.ready;
    // What came before the service worker did comes again, from the browser's own cache.
    const urls = performance.getEntriesByType("resource").map((e) => e.name).filter((u) => u.startsWith(location.origin));
    await (await caches.open(CACHE_NAME)).addAll([...new Set([location.href.replace(/#.*/, ""), ...urls])]);
    document.documentElement.dataset["kept"] = "true";
  } catch {
    // Offline use is an extra: the page works without it.
  }
}

export async function load(): Promise<void> {
  document.documentElement.lang = lang.value;
  let wish = start, damaged = "";
  try {
    wish = fromLink(location.hash) ?? start;
  } catch (e) {
    damaged = message(e);
  }
  try {
    index.value = await json<Index>("index.json");
    const module = Machine.load(index.value.machine);
    try {
      await Promise.all([program(sampleOf(wish)), module]);
    } catch (e) {
      await module; // without the machine nothing goes; without the sample, the first one
      damaged ||= message(e);
      wish = start;
    }
    machine = await module;
    await boot(wish);
    if (damaged) problem.value = damaged;
    void keep();
  } catch (e) {
    problem.value = message(e);
  }
}

addEventListener("hashchange", () => {
  try {
    const m = fromLink(location.hash);
    if (m && toLink(m) !== toLink(moment.value)) void boot(m);
  } catch (e) {
    problem.value = message(e);
  }
});
