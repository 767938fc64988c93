import { signal, type Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { lang } from "../state";
import { inLang } from "../words";
import { CodeEditor } from "./cell";
import { Cell, checkCode } from "./cells";
import type { Exercise } from "./course";
import { keepExercise, keptExercise } from "./keep";
import { Outputs } from "./outputs";
import { run, running, stop } from "./work";
import { t } from "./words";

/** An exercise with the reader's answer: it lives as long as the page, so that a verdict survives a look at another lesson. */
export class Answer {
  readonly cell: Cell;
  readonly solved: Signal<boolean>;
  readonly verdict = signal<"" | "right" | "wrong" | "unchecked">("");

  constructor(readonly exercise: Exercise) {
    const kept = keptExercise(exercise.id);
    this.solved = signal(kept?.solved ?? false);
    this.cell = new Cell(kept?.code ?? exercise.start, exercise.start, () => {
      this.verdict.value = "";
      this.keep();
    });
  }

  private keep(): void {
    const code = this.cell.code.value, solved = this.solved.value;
    keepExercise(this.exercise.id, solved || code !== this.exercise.start ? { code, solved } : null);
  }

  /** The machine checks the answer, in a cell like any other. */
  async check(): Promise<void> {
    this.verdict.value = "";
    const code = this.cell.code.value;
    const done = await run(this.cell, [], checkCode(this.exercise, code), { solved: `lab.Exercise("${this.exercise.id}").Solved()` });
    if (done.status === "aborted" || code !== this.cell.code.value) return;
    const right = done.values["solved"] === "true";
    this.verdict.value = done.status !== "ok" ? "unchecked" : right ? "right" : "wrong";
    if (right) this.solved.value = true;
    this.keep();
  }
}

export function ExerciseCard({ answer }: { answer: Answer }) {
  const { exercise: e, cell } = answer, button = useRef<HTMLButtonElement>(null);
  const verdict = answer.verdict.value, first = cell.outputs.value[0], words = verdict && first?.kind === "stream" ? first.text : "";
  const live = running.value === cell, id = `exercise-${e.id}`;
  return (
    <section class={`exercise ${verdict}`} aria-labelledby={id} data-exercise={e.id}>
      <h3 id={id}><small>{t("exercise")}</small> {inLang(e.title, lang.value)} {answer.solved.value && <span class="badge">✓ {t("solved")}</span>}</h3>
      <p>{inLang(e.text, lang.value)}</p>
      <CodeEditor cell={cell} label={inLang(e.title, lang.value)} imports={[]} leave={() => button.current?.focus()} onRun={() => void answer.check()} />
      <div class="bar">
        {live ? <button ref={button} onClick={stop}><span aria-hidden="true">■ </span>{t("stop")}</button>
          : <button class="check" ref={button} disabled={cell.state.value === "waiting"} onClick={() => void answer.check()}>{t("check")}</button>}
        {cell.code.value !== e.start && <button onClick={() => cell.reset()}>{t("fresh")}</button>}
        {cell.before.value !== null && <button onClick={() => cell.edit(cell.before.value!)}>{t("undo")}</button>}
        <details class="hint"><summary>{t("hint")}</summary><p>{inLang(e.hint, lang.value)}</p></details>
      </div>
      <p class="verdict" role="status">{live ? t("checking") : verdict && <><b aria-hidden="true">{verdict === "right" ? "✓" : verdict === "wrong" ? "✗" : "!"} </b>{words || t(verdict)}</>}</p>
      <Outputs cell={cell} from={words ? 1 : 0} />
    </section>
  );
}
