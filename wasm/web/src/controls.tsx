import { useState } from "preact/hooks";
import { go, goStage, t } from "./state";
import type { Word } from "./words";

interface Command { keys: string[]; sign: string; what: Word; run(): void }

/** Everything that moves the machine, with its keys: the source of the buttons, the keyboard and the help sheet. */
export const commands: Command[] = [
  { keys: ["Home"], sign: "|◀", what: "start", run: () => void go({ to: "tick", tick: 0 }) },
  { keys: ["p", "ArrowUp"], sign: "◀◀", what: "prevStage", run: () => goStage(-1) },
  { keys: ["ArrowLeft"], sign: "◀", what: "back", run: () => void go({ to: "instruction", back: true }) },
  { keys: ["ArrowRight"], sign: "▶", what: "step", run: () => void go({ to: "instruction" }) },
  { keys: ["n", "ArrowDown"], sign: "▶▶", what: "nextStage", run: () => goStage(1) },
  { keys: ["O"], sign: "↶", what: "overBack", run: () => void go({ to: "over", back: true }) },
  { keys: ["o"], sign: "↷", what: "over", run: () => void go({ to: "over" }) },
  { keys: ["L"], sign: "L−", what: "lineBack", run: () => void go({ to: "line", back: true }) },
  { keys: ["l"], sign: "L+", what: "line", run: () => void go({ to: "line" }) },
  { keys: ["U"], sign: "↥", what: "outBack", run: () => void go({ to: "out", back: true }) },
  { keys: ["u"], sign: "↦", what: "out", run: () => void go({ to: "out" }) },
  { keys: ["C"], sign: "C−", what: "callBack", run: () => void go({ to: "syscall", back: true }) },
  { keys: ["c"], sign: "C+", what: "callNext", run: () => void go({ to: "syscall" }) },
  { keys: ["End"], sign: "▶|", what: "end", run: () => void go({ to: "end" }) },
];

const byKey = new Map(commands.flatMap((c) => c.keys.map((k) => [k, c] as const)));

/** Keys work everywhere but where one types or chooses. On the slider they do what they do elsewhere. */
export function onKey(e: KeyboardEvent): void {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
  const at = e.target as HTMLElement;
  if (at.matches("textarea, select, summary, input:not([type=range])")) return;
  if (/^(Arrow(Up|Down)|Home|End)$/.test(e.key) && at.closest(".scroll, pre")) return; // they scroll there
  if (e.key === "?") {
    const help = document.querySelector<HTMLDetailsElement>("#help");
    if (help) help.open = !help.open;
    return;
  }
  const c = byKey.get(e.key);
  if (!c) return;
  e.preventDefault();
  c.run();
}

const nice: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

export function Controls() {
  const [place, setPlace] = useState("runtime.schedinit");
  return (
    <div class="controls">
      <div class="buttons" role="toolbar" aria-label={t("keys")}>
        {commands.map((c) => (
          <button key={c.what} data-command={c.what} title={`${t(c.what)} (${c.keys.map((k) => nice[k] ?? k).join(", ")})`} aria-label={t(c.what)} onClick={c.run}>{c.sign}</button>
        ))}
      </div>
      <form class="runto" onSubmit={(e) => { e.preventDefault(); void go({ to: "place", place }); }}>
        <button type="button" onClick={() => void go({ to: "place", place, back: true })}>◀ {t("backTo")}</button>
        <input value={place} aria-label={t("place")} placeholder={t("place")} spellcheck={false} autocapitalize="off" onInput={(e) => setPlace(e.currentTarget.value)} />
        <button type="submit">{t("runTo")} ▶</button>
      </form>
    </div>
  );
}

export function Help() {
  return (
    <details id="help" class="help">
      <summary>{t("keys")} (?)</summary>
      <dl>{commands.map((c) => <div key={c.what}><dt>{c.keys.map((k) => <kbd key={k}>{nice[k] ?? k}</kbd>)}</dt><dd>{t(c.what)}</dd></div>)}</dl>
    </details>
  );
}
