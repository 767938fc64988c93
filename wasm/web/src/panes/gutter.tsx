import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { marks, toggle } from "../breaks";
import { go, t } from "../state";

/** A line of a list with a gutter. */
export interface Line {
  key: string;
  /** Where a breakpoint on the line lies; "" if none can. */
  place: string;
  /** What the line says, for those who hear it. */
  text: string;
  now: boolean;
  kind: string;
  content: ComponentChildren;
}

const height = 20, around = 12;

/** Lines beside a gutter in which breakpoints are set. Only those in sight are drawn, so that a long function costs no more than
 * a short one. The list moves by itself only when the current line would be out of sight. */
export function GutterList({ lines, label, id }: { lines: Line[]; label: string; id: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0), [cursor, setCursor] = useState(-1), [size, setSize] = useState(480);
  const focusing = useRef(false);
  const now = lines.findIndex((l) => l.now), first = lines[0]?.key;
  const from = Math.max(0, Math.floor(top / height) - around), to = Math.min(lines.length, Math.ceil((top + size) / height) + around);

  useLayoutEffect(() => {
    const b = box.current!;
    setSize(b.clientHeight);
    if (now < 0) return;
    const y = now * height;
    if (y < b.scrollTop + height || y > b.scrollTop + b.clientHeight - 2 * height) b.scrollTop = Math.max(0, y - Math.floor(b.clientHeight / 3));
    if (b.scrollTop !== top) setTop(b.scrollTop);
  }, [now, first, lines.length, id]);
  useEffect(() => setCursor(-1), [id, first]);
  // At once: a focused line that is no longer drawn would have lost the focus to the page.
  useLayoutEffect(() => {
    if (!focusing.current) return;
    focusing.current = false;
    box.current!.querySelector<HTMLElement>(`[data-line="${cursor}"]`)?.focus({ preventScroll: true });
  });

  const at = cursor >= 0 ? cursor : now;
  const stop = at >= from && at < to && lines[at]?.place ? at : lines.findIndex((l, i) => i >= from && i < to && l.place !== "");

  function move(delta: number): void {
    let i = Math.min(Math.max(stop + delta, 0), lines.length - 1);
    const dir = delta < 0 ? -1 : 1;
    while (lines[i] && !lines[i]!.place) i += dir;
    if (!lines[i]) return;
    const b = box.current!, y = i * height;
    if (y < b.scrollTop + height) b.scrollTop = Math.max(0, y - height);
    if (y > b.scrollTop + b.clientHeight - 2 * height) b.scrollTop = y - b.clientHeight + 2 * height;
    focusing.current = true;
    setTop(b.scrollTop);
    setCursor(i);
  }

  function onKey(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey || stop < 0) return; // without a line to stop at, the keys scroll
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 16, PageUp: -16 };
    const delta = steps[e.key], line = lines[stop];
    if (delta !== undefined) move(delta);
    else if (line?.place && e.key.toLowerCase() === "t") void go({ to: "place", place: line.place, back: e.key === "T" });
    else return;
    e.preventDefault();
  }

  return (
    <div class="scroll gutters" ref={box} role="group" aria-label={label} tabIndex={stop < 0 ? 0 : undefined} onKeyDown={onKey} onScroll={(e) => setTop(e.currentTarget.scrollTop)}>
      <div class="lines" style={{ height: `${lines.length * height}px` }}>
        <div class="slice" style={{ top: `${from * height}px` }}>
          {lines.slice(from, to).map((l, i) => {
            const on = l.place ? marks.value.get(l.place) : undefined;
            return (
              <div key={l.key} class={`row ${l.kind}${l.now ? " now" : ""}`} aria-current={l.now ? "true" : undefined}>
                {l.place
                  ? <button class={"gutter" + (on === undefined ? "" : on ? " set" : " off")} data-line={from + i} data-place={l.place} tabIndex={from + i === stop ? 0 : -1} aria-pressed={on !== undefined}
                      aria-label={`${t("breakpoint")} ${l.text}`} onClick={() => { setCursor(from + i); toggle(l.place); }}>{on === undefined ? "" : on ? "●" : "○"}</button>
                  : <span class="gutter" />}
                <span class="arrow" aria-hidden="true">{l.now ? "►" : ""}</span>
                {l.content}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
