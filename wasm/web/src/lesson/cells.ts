// Cells: what they hold, what they have said, and how it is kept.
import { signal } from "@preact/signals";
import type { Done, Ear, Output } from "./client";
import type { Exercise, Lesson, Part } from "./course";
import { digest, keepLesson, keptLesson } from "./keep";
import { returned } from "./ansi";

export type Shown =
  | { kind: "stream"; name: string; text: string; cut: number }
  | { kind: "error"; text: string }
  | { kind: "display"; data: Record<string, unknown>; id: string; result: number | null };
export type State = "idle" | "waiting" | "running" | "ran" | "failed" | "stopped";

/** So many characters of a stream are shown: a page cannot hold all that a loop can print. */
const longest = 100_000;
/** So many outputs of a cell are shown. */
const most = 200;

/** A display whose id begins so says how far long work has come (kernel/cells, ProgressID). */
const progressID = "rt0-progress-";

/** Every cell of the page, so that a display can be updated wherever it is. */
const cells = new Set<Cell>();

let made = 0;

export class Cell implements Ear {
  readonly key = ++made;
  readonly code = signal("");
  readonly outputs = signal<Shown[]>([]);
  readonly number = signal<number | null>(null);
  readonly state = signal<State>("idle");
  readonly question = signal<{ prompt: string; password: boolean; answer(value: string): void } | null>(null);
  /** How far long work of the running cell has come; "" if nothing takes long. It is no output: those stay, and read as one. */
  readonly progress = signal("");
  /** The edit that "Original" has put away. */
  readonly before = signal<string | null>(null);

  private list: Shown[] = [];
  private progressOf = "";
  private clearing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** original is the lesson's own code; null for a reader's own cell. changed is called after every edit. */
  constructor(code: string, readonly original: string | null, private changed: () => void) {
    this.code.value = code;
    cells.add(this);
  }

  edit(code: string): void {
    if (code === this.code.value) return;
    this.code.value = code;
    if (code !== this.original) this.before.value = null;
    this.changed();
  }

  reset(): void {
    const edited = this.code.value;
    this.edit(this.original ?? "");
    this.before.value = edited;
  }

  dispose(): void {
    cells.delete(this);
  }

  begin(): void {
    this.state.value = "running";
    this.number.value = null;
    this.clear(false);
  }

  finish(d: Done): void {
    for (const data of d.pages) this.output({ kind: "display", data, id: "", result: null });
    this.question.value = null;
    this.progress.value = this.progressOf = "";
    this.state.value = d.status === "ok" ? "ran" : d.status === "error" ? "failed" : "stopped";
    this.show();
  }

  output(o: Output): void {
    if (o.kind === "display" && o.id.startsWith(progressID)) {
      this.progressOf = o.id;
      this.update(o.id, o.data);
      return;
    }
    if (this.clearing) this.clear(false);
    const last = this.list[this.list.length - 1];
    if (o.kind === "stream") {
      const joins = last?.kind === "stream" && last.name === o.name;
      let text = returned((joins ? last.text : "") + o.text), cut = joins ? last.cut : 0;
      if (text.length > longest) {
        cut += text.length - longest;
        text = text.slice(-longest);
      }
      if (joins) this.list.pop();
      this.list.push({ kind: "stream", name: o.name, text, cut });
    } else if (o.kind === "error") {
      this.list.push({ kind: "error", text: o.traceback.length > 0 ? o.traceback.join("\n") : `${o.name}: ${o.value}` });
    } else this.list.push(o);
    if (this.list.length > most) this.list.shift();
    this.later();
  }

  clear(wait: boolean): void {
    this.clearing = wait;
    if (wait) return;
    this.list = [];
    this.later();
  }

  update(id: string, data: Record<string, unknown>): void {
    if (!id) return;
    for (const cell of cells) {
      if (cell.progressOf === id) cell.progress.value = String(data["text/plain"] ?? "");
      let found = false;
      cell.list = cell.list.map((o) => {
        if (o.kind !== "display" || o.id !== id) return o;
        found = true;
        return { ...o, data };
      });
      if (found) cell.later();
    }
  }

  count(n: number): void {
    this.number.value = n;
  }

  ask(prompt: string, password: boolean, answer: (value: string) => void): void {
    this.question.value = { prompt, password, answer: (value) => { this.question.value = null; answer(value); } };
  }

  /** Shows what there is at most once a frame: a cell may print thousands of lines a second. */
  private later(): void {
    this.timer ??= setTimeout(() => this.show(), 16);
  }

  private show(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.outputs.value = this.list.slice();
  }
}

/** A lesson with its cells, or, without a lesson, the reader's own cells alone. */
export class Sheet {
  readonly parts: { part: Part; cell: Cell | null }[];
  readonly own = signal<Cell[]>([]);

  /** name is the lesson's, or "own". */
  constructor(readonly name: string, readonly lesson: Lesson | null) {
    const kept = keptLesson(name);
    const changed = (): void => this.keep();
    this.parts = (lesson?.parts ?? []).map((part) => {
      if (part.code === undefined) return { part, cell: null };
      const id = digest(part.code), edit = kept.edits[id];
      delete kept.edits[id];
      return { part, cell: new Cell(edit ?? part.code, part.code, changed) };
    });
    // Edits of code that the lesson no longer has become cells of their own, so that no work is lost.
    this.own.value = [...Object.values(kept.edits), ...kept.own].map((code) => new Cell(code, null, changed));
    if (!lesson && this.own.value.length === 0) this.add("machine.Tell()");
  }

  get cells(): Cell[] {
    return [...this.parts.flatMap((p) => p.cell ?? []), ...this.own.value];
  }

  get imports(): string[] {
    return this.lesson?.imports ?? ["fmt"];
  }

  add(code = ""): Cell {
    const cell = new Cell(code, null, () => this.keep());
    this.own.value = [...this.own.value, cell];
    return cell;
  }

  remove(cell: Cell): void {
    cell.dispose();
    this.own.value = this.own.value.filter((c) => c !== cell);
    this.keep();
  }

  private keep(): void {
    const edits: Record<string, string> = {};
    for (const { cell } of this.parts) if (cell?.original != null && cell.code.value !== cell.original) edits[digest(cell.original)] = cell.code.value;
    keepLesson(this.name, { edits, own: this.own.value.map((c) => c.code.value).filter((code) => code.trim() !== "") });
  }
}

/** Go's notation of a text. */
export const goString = (text: string): string => JSON.stringify([...text].map((c) => (/^[\ud800-\udfff]$/.test(c) ? "\ufffd" : c)).join(""));

/** The cell that checks an answer. */
export const checkCode = (e: Exercise, answer: string): string => `lab.Exercise(${goString(e.id)}).Check(${goString(answer)})`;
