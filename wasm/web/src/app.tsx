import { computed, effect, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { hasLessons, others, hint } from "./commands";
import { Compare } from "./compare";
import { Controls } from "./controls";
import { lessonOpen, phone, tab, type Tab } from "./layout";
import { LessonPlace } from "./lesson-place";
import { Breakpoints } from "./panes/breakpoints";
import { Code } from "./panes/code";
import { Facts } from "./panes/facts";
import { Graph } from "./panes/graph";
import { Calls, Output } from "./panes/log";
import { Pictures } from "./panes/pictures";
import { Registers } from "./panes/registers";
import { Source } from "./panes/source";
import { Stack } from "./panes/stack";
import { Stages } from "./panes/stages";
import { Threads } from "./panes/threads";
import { visible } from "./safe";
import { beside, busy, go, hash, lang, moment, outline, ownFile, problem, setLang, stop, t, view, wrote } from "./state";
import { Help } from "./sheet";
import { Timeline } from "./timeline";
import { WhatIf, dropping } from "./whatif";
import { inLang, shortFile, thousands, type Word } from "./words";

const stamp = computed(() => (view.value ? `${ownFile.value || moment.value.sample} · ${view.value.stamp}` : ""));
const booted = computed(() => view.value !== null && outline.value !== null);
const tick = computed(() => view.value?.tick ?? 0);

function Problem() {
  if (!problem.value) return null;
  return <p class="problem" role="alert"><span>{visible(problem.value.split("\n")[0]!)}</span><button onClick={() => (problem.value = "")}>{t("close")}</button></p>;
}

function Busy() {
  return busy.value ? <p class="busy" role="status"><span>{t(busy.value)}</span> <button onClick={stop}>{t("stop")}</button></p> : null;
}

function Wrote() {
  const w = wrote.value;
  if (!w) return null;
  const { write } = w;
  return (
    <p class="notice wrote" role="status">
      <span><b>{visible(write.func)}</b> ({visible(shortFile(write.file))}:{write.line}) {t("wrote")} <code>{visible(w.what)}</code>: <code>{write.old || t("noMemory")} → {write.new}</code>, {t("tick")} {thousands(write.tick)}</span>
      <button onClick={() => { wrote.value = null; void go({ to: "tick", tick: w.from }); }}>{t("goBack")}</button>
      <button onClick={() => (wrote.value = null)}>{t("close")}</button>
    </p>
  );
}

const notes: Record<string, Word> = { exit: "noteExit", start: "noteStart", deadlock: "noteDeadlock", "max-ticks": "noteMaxTicks", "no-memory": "noteNoMemory" };
const note = computed(() => view.value?.note ?? "");
function Note() {
  const word = notes[note.value];
  return note.value ? <p class="notice" role="status"><span>{word ? t(word) : `${t("stopped")}: ${note.value}`}</span></p> : null;
}

const story = computed(() => view.value?.story ?? { en: "", zh: "" });
const stage = computed(() => view.value?.stage ?? 0);
const atStage = computed(() => view.value?.atStage ?? false);
function Story() {
  const s = outline.value!.stages[stage.value]!;
  return (
    <div class="story">
      <h2>{stage.value + 1}. {inLang(s.title, lang.value)}{atStage.value ? "" : " …"}</h2>
      <p>{inLang(story.value, lang.value)}</p>
    </div>
  );
}

/** What is said aloud when the reader has paused; a slider that is dragged says nothing. */
const said = signal("");
let saying: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  const v = view.value, o = outline.value;
  clearTimeout(saying);
  if (v && o) saying = setTimeout(() => { said.value = `${v.stage + 1}. ${inLang(o.stages[v.stage]!.title, lang.peek())}, ${t("tick")} ${v.tick}, ${visible(v.symbol)}`; }, 900);
});
const Said = () => <p class="unseen" role="status">{said.value}</p>;

function HeadButton({ what, children, pressed }: { what: Word; children?: ComponentChildren; pressed?: boolean }) {
  const c = others.find((c) => c.what === what)!;
  return <button data-command={what} title={`${t(what)} (${hint(c)})`} aria-pressed={pressed} onClick={c.run}>{children ?? t(what)}</button>;
}

function Head() {
  return (
    <header class="head">
      <h1><b>rt0</b> <span>{t("title")}</span></h1>
      <p class="stamp">{visible(stamp.value)}</p>
      <div class="tools">
        <HeadButton what="whatIf" />
        {hasLessons.value && !phone.value && <HeadButton what="lesson" pressed={lessonOpen.value} />}
        <HeadButton what="help"><span aria-hidden="true">?</span><span class="unseen">{t("help")}</span></HeadButton>
        <button class="lang" lang={lang.value === "en" ? "zh-CN" : "en"} onClick={() => void setLang(lang.value === "en" ? "zh" : "en")}>{t("language")}</button>
      </div>
    </header>
  );
}

const tabs: [Tab, Word][] = [["code", "tabCode"], ["state", "tabState"], ["graph", "tabGraph"], ["log", "tabLog"], ["stages", "tabStages"], ["compare", "tabCompare"], ["lesson", "lesson"]];

function Tabs() {
  const shown = tabs.filter(([name]) => (name !== "lesson" || hasLessons.value) && (name !== "compare" || beside.value));
  const walk = (e: KeyboardEvent): void => {
    const delta = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (delta === 0) return;
    e.preventDefault();
    const i = (shown.findIndex(([name]) => name === tab.value) + delta + shown.length) % shown.length;
    tab.value = shown[i]![0];
    document.getElementById("tab-" + tab.value)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t("panes")} onKeyDown={walk}>
      {shown.map(([name, word]) => (
        <button key={name} id={"tab-" + name} role="tab" aria-selected={tab.value === name} aria-controls="tab-panel" tabIndex={tab.value === name ? 0 : -1} onClick={() => { tab.value = name; scrollTo(0, 0); }}>{t(word)}</button>
      ))}
    </div>
  );
}

function Narrow() {
  if (tab.value === "compare" && !beside.value) tab.value = "code";
  const panes: Record<Tab, ComponentChildren> = {
    code: <><Code /><Source /></>, state: <><Registers /><Stack /><Facts /></>, graph: <><Graph /><Pictures /></>,
    log: <><Output /><Threads /><Calls /></>, stages: <><Stages /><Breakpoints /></>, compare: <Compare />, lesson: <LessonPlace />,
  };
  return (
    <>
      <div class="narrow" id="tab-panel" role="tabpanel" aria-labelledby={"tab-" + tab.value}>{tab.value === "code" && <Story />}{panes[tab.value]}</div>
      <Tabs />
    </>
  );
}

function Wide() {
  return (
    <div class={"wide" + (lessonOpen.value ? " with-lesson" : "")}>
      {lessonOpen.value && <LessonPlace />}
      <div class="decks">
        <div class="deck one">
          <div class="column nav"><Stages /><Breakpoints /></div>
          <div class="column run"><Code /><Source /></div>
          <div class="column cpu"><Registers /><Stack /></div>
          <div class="column known"><Facts /></div>
        </div>
        <div class="deck two">
          <div class="column"><Graph /><Calls /></div>
          <div class="column"><Pictures /><Threads /><Output /></div>
        </div>
      </div>
    </div>
  );
}

/** How high the part that stays in sight is, for what comes to lie below it. */
const steer = new ResizeObserver(([e]) => document.documentElement.style.setProperty("--steer", `${Math.ceil(e!.target.getBoundingClientRect().height)}px`));

function Machine() {
  return (
    <main id="machine" tabIndex={-1} data-tick={tick.value} data-hash={hash.value}>
      <div class="steer" ref={(e) => (e ? steer.observe(e) : steer.disconnect())}><Timeline withLanes={!phone.value} /><Controls /></div>
      <Wrote />
      <Note />
      {!phone.value && <Story />}
      {beside.value && !phone.value && <Compare />}
      {phone.value ? <Narrow /> : <Wide />}
      <Hash />
    </main>
  );
}

const Hash = () => <footer>{t("hash")}: <code>{hash.value || "…"}</code></footer>;

export function App() {
  return (
    <>
      <a class="skip" href="#machine" onClick={(e) => { e.preventDefault(); document.getElementById("machine")?.focus(); }}>{t("skip")}</a>
      <Head />
      <Problem />
      <Busy />
      {booted.value ? <Machine /> : <main><p class="loading" role="status">{problem.value ? "" : t("loading")}</p></main>}
      <WhatIf />
      <Help />
      <Said />
      {dropping.value && <div class="dropping" aria-hidden="true">{t("drop")}</div>}
    </>
  );
}
