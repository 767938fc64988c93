import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { index, lang, lesson as opened, ownFile } from "../state";
import { inLang } from "../words";
import { CodeCell, focusCell } from "./cell";
import { Sheet } from "./cells";
import { fetchCourse, type Course, type Lesson } from "./course";
import { Answer, ExerciseCard } from "./exercise";
import { keepLastLesson, lastLesson, unsaved } from "./keep";
import "./lesson.css";
import { Prose } from "./prose";
import { condition, idle, restart, run, said, stop, trouble } from "./work";
import { t } from "./words";

const course = signal<Course | null>(null);
const failure = signal("");
const sheets = new Map<string, Sheet>();
const answers = new Map<string, Answer>();

async function load(): Promise<void> {
  failure.value = "";
  try {
    const c = await fetchCourse(index.value!.lessons);
    for (const e of c.exercises) answers.set(e.id, new Answer(e));
    opened.value ||= lastLesson() || c.lessons[0]!.name;
    course.value = c;
  } catch (e) {
    failure.value = e instanceof Error ? e.message : String(e);
  }
}

function sheet(name: string, lesson: Lesson | null): Sheet {
  let s = sheets.get(name);
  if (!s) {
    s = new Sheet(name, lesson);
    sheets.set(name, s);
  }
  return s;
}

/** The lessons beside the machine: prose, cells that run, exercises that the machine checks. */
export function LessonPanel(): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  const there = index.value !== null;
  useEffect(() => {
    if (there && !course.value) void load();
  }, [there]);
  useEffect(() => {
    // F6 goes from the lesson to the machine and back.
    const onKey = (e: KeyboardEvent): void => {
      if (e.key !== "F6" || e.ctrlKey || e.altKey || e.metaKey) return;
      const inside = root.current?.contains(e.target as Node);
      const to = inside ? document.getElementById("machine") : root.current;
      if (!to) return;
      e.preventDefault();
      to.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <div class="lessons" ref={root} tabIndex={-1} role="region" aria-label={t("lessons")}>
      {course.value ? <Opened key={opened.value} course={course.value} top={root} />
        : failure.value ? <p class="problem" role="alert"><span>{t("failedToLoad")}: {failure.value}</span></p>
        : <p class="loading" role="status">{t("fetching")}</p>}
      <p class="hidden" role="status">{said.value}</p>
    </div>
  );
}

function Opened({ course, top }: { course: Course; top: { current: HTMLDivElement | null } }) {
  // A name that no lesson has, in an old link perhaps, opens the first.
  const name = opened.value || lastLesson();
  const at = name === "own" ? -1 : Math.max(0, course.lessons.findIndex((l) => l.name === name));
  const lesson = course.lessons[at] ?? null, s = sheet(lesson?.name ?? "own", lesson);
  const cells = s.cells;
  const choose = (name: string): void => {
    opened.value = name;
    keepLastLesson(name);
    top.current?.scrollIntoView({ block: "start" });
    top.current?.focus({ preventScroll: true });
  };
  const next = (i: number): void => focusCell(cells[i + 1]);
  const before = course.lessons[at - 1], after = course.lessons[at + 1];
  const code = (i: number, onRemove?: () => void) => (
    <CodeCell key={cells[i]!.key} cell={cells[i]!} at={i + 1} imports={s.imports} above={cells.slice(0, i)} onNext={() => next(i)} onNew={(code) => s.add(code)} {...(onRemove && { onRemove })} />
  );
  let i = 0;
  return (
    <>
      <Bar course={course} sheet={s} choose={choose} />
      <article>
        {!s.lesson && <><h2>{t("own")}</h2><p class="prose">{t("ownText")}</p></>}
        {s.parts.map(({ part, cell }, n) => {
          if (cell) return code(i++);
          if (part.prose) return <Prose key={`p${n}`} pieces={part.prose[lang.value]} />;
          const answer = answers.get(part.exercise ?? "");
          return answer ? <ExerciseCard key={part.exercise!} answer={answer} /> : null;
        })}
        {s.own.value.map((cell) => code(i++, () => s.remove(cell)))}
        <p class="more">
          <button onClick={() => { const c = s.add(); setTimeout(() => focusCell(c)); }}>+ {t("add")}</button>
        </p>
        <p class="keys">{t("keys")}</p>
        {at >= 0 && (
          <nav class="ends" aria-label={t("lessons")}>
            {before && <button onClick={() => choose(before.name)}>← {inLang(before.title, lang.value)}</button>}
            {after && <button class="onward" onClick={() => choose(after.name)}>{inLang(after.title, lang.value)} →</button>}
          </nav>
        )}
      </article>
    </>
  );
}

/** The address of a lesson's notebook in JupyterLite, which make web builds beside the page; that of the list without a lesson. */
function notebook(lesson: Lesson | null): string {
  if (!lesson) return "lite/tree/index.html";
  const l = lang.value, file = `${l}/${String(lesson.number).padStart(2, "0")}_${lesson.name}.${l}.ipynb`;
  return `lite/notebooks/index.html?path=${encodeURIComponent(file)}`;
}

function Bar({ course, sheet: s, choose }: { course: Course; sheet: Sheet; choose(name: string): void }) {
  const done = [...answers.values()].filter((a) => a.solved.value).length;
  const mark = (name: string): string => {
    const here = [...answers.values()].filter((a) => a.exercise.lesson === name);
    return here.length > 0 && here.every((a) => a.solved.value) ? " ✓" : "";
  };
  return (
    <div class="toolbar">
      <select aria-label={t("lesson")} value={s.name} onChange={(e) => choose(e.currentTarget.value)}>
        {course.lessons.map((l) => <option key={l.name} value={l.name}>{l.number}. {inLang(l.title, lang.value)}{mark(l.name)}</option>)}
        <option value="own">{t("own")}</option>
      </select>
      <div class="bar">
        {idle.value ? <button onClick={() => { for (const c of s.cells) void run(c, s.imports); }}><span aria-hidden="true">▶ </span>{t("runAll")}</button>
          : <button class="stop" onClick={stop}><span aria-hidden="true">■ </span>{t("stop")}</button>}
        <button title={t("restartWhy")} disabled={condition.value === "off" || condition.value === "loading"} onClick={() => void restart()}><span aria-hidden="true">↻ </span>{t("restart")}</button>
        <span class="condition" role="status" data-condition={condition.value}>{condition.value === "ready" && !idle.value ? t("busy") : t(condition.value)}</span>
        <a class="jupyter" href={notebook(s.lesson)} target="_blank" rel="noopener" title={t("jupyterWhy")}>Jupyter<span aria-hidden="true"> ↗</span></a>
        <span class="progress">{done}/{answers.size} {t("solvedOf")}</span>
      </div>
      {condition.value === "dead" && trouble.value && <p class="problem" role="alert"><span>{t("dead")}: {trouble.value}</span></p>}
      {ownFile.value && <p class="notice" role="status"><span>{t("ownFile")}</span></p>}
      {unsaved.value && <p class="notice" role="alert"><span>{t("unsaved")}</span></p>}
    </div>
  );
}
