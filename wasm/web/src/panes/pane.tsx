import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t, whoWrote } from "../state";
import { visible } from "../safe";

/** A part of the page with a heading. Arrow keys go from field to field in it, so that it is one stop of the tab key. */
export function Pane({ name, title, aside, rove = false, children }: { name: string; title: ComponentChildren; aside?: ComponentChildren; rove?: boolean; children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (rove) settle(box.current!);
  });
  return (
    <section class={"pane " + name} aria-labelledby={"pane-" + name} ref={box} onKeyDown={rove ? walk : undefined} onFocusIn={rove ? (e) => settle(box.current!, e.target as HTMLElement) : undefined}>
      <header><h2 id={"pane-" + name}>{title}</h2>{aside && <div class="aside">{aside}</div>}</header>
      {children}
    </section>
  );
}

const fields = (box: HTMLElement): HTMLElement[] => [...box.querySelectorAll<HTMLElement>(".who")];

/** Leaves one of the pane's fields to the tab key: the one in focus, or else the one that was. */
function settle(box: HTMLElement, focused?: HTMLElement): void {
  const all = fields(box);
  if (focused && !all.includes(focused)) return;
  const one = focused ?? all.find((e) => e.tabIndex === 0 && e.dataset["stop"]) ?? all[0];
  for (const e of all) {
    e.tabIndex = e === one ? 0 : -1;
    if (e === one) e.dataset["stop"] = "true";
    else delete e.dataset["stop"];
  }
}

function walk(e: KeyboardEvent): void {
  const delta = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
  const all = fields(e.currentTarget as HTMLElement), i = all.indexOf(e.target as HTMLElement);
  if (delta === 0 || i < 0 || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  all[i + delta]?.focus();
}

/** A value that can be asked who wrote it; expr is "" if no memory holds it. */
export function Who({ what, expr, register = false, value }: { what: string; expr: string; register?: boolean; value: string }) {
  if (!expr) return <span class="value">{visible(value)}</span>;
  return <button class="who value" data-who={what} title={`${t("whoWrote")} ${what}?`} onClick={() => void whoWrote(what, expr, register)}>{visible(value)}</button>;
}

/** The sign of what has changed: colour alone would not tell everybody. */
export function Changed({ on, isNew = false }: { on: boolean; isNew?: boolean }) {
  const word = t(isNew ? "isNew" : "changed");
  return on ? <abbr title={word}><span aria-hidden="true">{isNew ? "+" : "*"}</span><span class="unseen"> {word}</span></abbr> : null;
}
