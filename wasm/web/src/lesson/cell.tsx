import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { lang } from "../state";
import type { Cell, State } from "./cells";
import { edit, type Editor } from "./editor";
import { Outputs } from "./outputs";
import { complete, inspect, run, running, stop, warm } from "./work";
import { t, type Word } from "./words";

/** The editors of the cells that are on the page, so that keys can go from one to the next. */
const editors = new Map<Cell, Editor>();
export const focusCell = (cell: Cell | undefined): void => cell && editors.get(cell)?.focus();

export function CodeEditor({ cell, label, imports, onRun, leave }: { cell: Cell; label: string; imports: string[]; onRun(onward: boolean): void; leave(): void }) {
  const host = useRef<HTMLDivElement>(null), now = useRef({ label, onRun, leave, imports });
  now.current = { label, onRun, leave, imports };
  // At once: whoever adds a cell puts the focus into its editor.
  useLayoutEffect(() => {
    const parent = host.current!;
    // Keys in an editor are the editor's: outside its shadow tree the page could not tell them from its own.
    const own = (e: Event): void => { if ((e as KeyboardEvent).key !== "F6") e.stopPropagation(); };
    parent.addEventListener("keydown", own);
    const editor = edit({
      parent, code: cell.code.peek(),
      label: () => `${now.current.label}: ${t("editor")}`,
      changed: (code) => cell.edit(code), run: (onward) => now.current.onRun(onward), leave: () => now.current.leave(),
      focused: () => warm(now.current.imports), complete, inspect,
    });
    editors.set(cell, editor);
    // At once: an effect after the next frame would bring back what was there before the newest key.
    const follow = effect(() => editor.set(cell.code.value));
    return () => {
      follow();
      parent.removeEventListener("keydown", own);
      editors.delete(cell);
      editor.destroy();
    };
  }, [cell]);
  useEffect(() => editors.get(cell)?.relabel(), [lang.value, label]);
  return <div class="editor" ref={host} />;
}

const conditions: Partial<Record<State, Word>> = { waiting: "waiting", running: "busy", ran: "ran", failed: "failed", stopped: "stopped" };

interface CellProps { cell: Cell; at: number; imports: string[]; above: Cell[]; onNext(): void; onNew(code: string): void; onRemove?: () => void }

export function CodeCell({ cell, at, imports, above, onNext, onNew, onRemove }: CellProps) {
  const button = useRef<HTMLButtonElement>(null);
  const state = cell.state.value, edited = cell.original !== null && cell.code.value !== cell.original;
  const live = running.value === cell;
  const name = `${t("cell")} ${at}`;
  const start = async (): Promise<void> => {
    const done = await run(cell, imports);
    if (done.next?.replace) cell.edit(done.next.text);
    else if (done.next) onNew(done.next.text);
  };
  return (
    <section class={`cell ${state}`} aria-label={name} data-cell={at}>
      <div class="bar">
        <span class="number" title={name}>In&nbsp;[{state === "running" || state === "waiting" ? "*" : cell.number.value ?? " "}]</span>
        <span class="state">{edited && <i>{t("edited")}</i>} {conditions[state] && state !== "ran" ? t(conditions[state]!) : ""}</span>
        {live ? <button class="run" ref={button} onClick={stop}><span aria-hidden="true">■ </span>{t("stop")}</button>
          : <button class="run" ref={button} disabled={state === "waiting"} aria-label={`${t("run")}: ${name}`} onClick={() => void start()}><span aria-hidden="true">▶ </span>{t("run")}</button>}
        {above.some((c) => c.number.value === null) && <button title={t("runHereWhy")} aria-label={`${t("runHere")}: ${name}`} onClick={() => { for (const c of [...above, cell]) void run(c, imports); }}>{t("runHere")}</button>}
        {edited && <button title={t("resetWhy")} aria-label={`${t("reset")}: ${name}`} onClick={() => cell.reset()}>{t("reset")}</button>}
        {cell.before.value !== null && <button aria-label={`${t("undo")}: ${name}`} onClick={() => cell.edit(cell.before.value!)}>{t("undo")}</button>}
        {onRemove && <button aria-label={`${t("remove")}: ${name}`} onClick={onRemove}>{t("remove")}</button>}
      </div>
      <CodeEditor cell={cell} label={name} imports={imports} leave={() => button.current?.focus()} onRun={(onward) => { void start(); if (onward) onNext(); }} />
      <Outputs cell={cell} />
    </section>
  );
}
