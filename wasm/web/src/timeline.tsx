import { go, lang, outline, scrub, stageAt, t, view } from "./state";
import { inLang, thousands } from "./words";

// Half of the stages end within the first thousandth of the boot. So the axis gives every stage the same width, and within
// a stage goes evenly by ticks.
const unit = 1000;

/** The ticks at the borders of the axis' parts, ascending. */
function borders(): number[] {
  const ticks = outline.value?.stages.filter((s) => !s.missing.en).map((s) => s.tick) ?? [0];
  const end = view.value?.furthest ?? 0;
  const all = [...new Set(ticks)];
  if (end > (all[all.length - 1] ?? 0)) all.push(end);
  return all;
}

function position(tick: number, at: number[]): number {
  for (let i = 1; i < at.length; i++) {
    const a = at[i - 1]!, b = at[i]!;
    if (tick <= b) return unit * (i - 1 + (tick - a) / (b - a));
  }
  return unit * Math.max(at.length - 1, 0);
}

function tickAt(pos: number, at: number[]): number {
  const i = Math.min(Math.floor(pos / unit), at.length - 2);
  if (i < 0) return at[0] ?? 0;
  const a = at[i]!, b = at[i + 1]!;
  return Math.round(a + (b - a) * (pos / unit - i));
}

export function Timeline() {
  const v = view.value, o = outline.value;
  if (!v || !o) return null;
  const at = borders(), max = unit * Math.max(at.length - 1, 1);
  const stage = o.stages[stageAt(v.tick)]!;
  return (
    <div class="timeline">
      <input
        type="range" min={0} max={max} step={1} value={position(v.tick, at)} aria-label={t("timeline")}
        aria-valuetext={`${t("tick")} ${v.tick}, ${inLang(stage.title, lang.value)}`}
        onInput={(e) => void scrub(tickAt(Number(e.currentTarget.value), at))}
      />
      <div class="marks" aria-hidden="true">
        {o.stages.map((s, i) => s.missing.en ? null : (
          <span
            key={s.id} class={"mark" + (i === v.stage ? " now" : "")} title={`${i + 1}. ${inLang(s.title, lang.value)} · ${thousands(s.tick)}`}
            style={{ left: `${(100 * position(s.tick, at)) / max}%` }} onClick={() => void go({ to: "stage", stage: s.id })}
          >{i + 1}</span>
        ))}
      </div>
    </div>
  );
}

export function Stages() {
  const v = view.value, o = outline.value;
  if (!v || !o) return null;
  return (
    <nav class="pane stages" aria-label={t("stages")}>
      <h2>{t("stages")}</h2>
      <ol>
        {o.stages.map((s, i) => (
          <li key={s.id}>
            <button
              class={i === v.stage ? "now" : i < v.stage ? "past" : ""} aria-current={i === v.stage ? "step" : undefined} disabled={!!s.missing.en}
              data-stage={s.id} title={s.missing.en ? `${t("missing")}: ${inLang(s.missing, lang.value)}` : undefined}
              onClick={() => void go({ to: "stage", stage: s.id })}
            >
              <b>{i + 1}</b><span>{inLang(s.title, lang.value)}</span><small>{thousands(s.tick)}</small>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
