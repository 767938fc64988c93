import { computed } from "@preact/signals";
import { borders as bordersOf, end, position, stageAt, tickAt } from "./axis";
import type { Lanes as Data } from "./protocol";
import { go, lanes, lang, outline, scrub, t, view } from "./state";
import { inLang, thousands } from "./words";

const tick = computed(() => view.value?.tick ?? 0);
const stage = computed(() => view.value?.stage ?? 0);
const furthest = computed(() => view.value?.furthest ?? 0);
const borders = computed(() => bordersOf(outline.value, furthest.value));

function Slider() {
  const at = borders.value, o = outline.value;
  const title = o?.stages[stageAt(o, tick.value)]?.title;
  return (
    <input
      type="range" min={0} max={end(at)} step={1} value={position(tick.value, at)} aria-label={t("timeline")}
      aria-valuetext={`${t("tick")} ${tick.value}, ${title ? inLang(title, lang.value) : ""}`}
      onInput={(e) => void scrub(tickAt(Number(e.currentTarget.value), at))}
    />
  );
}

/** The ends of the stages, which the list of stages offers to the keyboard. */
function Marks() {
  const at = borders.value;
  return (
    <div class="marks" aria-hidden="true">
      {outline.value?.stages.map((s, i) => s.missing.en ? null : (
        <span
          key={s.id} class={"mark" + (i === stage.value ? " now" : i < stage.value ? " past" : "")} title={`${i + 1}. ${inLang(s.title, lang.value)} · ${thousands(s.tick)}`}
          style={{ left: `${(100 * position(s.tick, at)) / end(at)}%` }} onClick={() => void go({ to: "stage", stage: s.id })}
        >{i + 1}</span>
      ))}
    </div>
  );
}

const lane = 10;
/** Two paths a lane: the stretches of goroutines, and those of the scheduler, which are thinner. */
const paths = computed(() => {
  const at = borders.value, least = end(at) / 1200;
  return lanes.value?.lanes.map((l, i) => {
    let thick = "", thin = "";
    for (const [from, to, goid] of l.spans) {
      const a = position(from, at), w = Math.max(position(to, at) - a, least);
      if (goid > 0) thick += `M${a.toFixed(1)} ${i * lane + 1}h${w.toFixed(1)}v8h${(-w).toFixed(1)}z`;
      else thin += `M${a.toFixed(1)} ${i * lane + 3.5}h${w.toFixed(1)}v3h${(-w).toFixed(1)}z`;
    }
    return { tid: l.tid, thick, thin };
  }) ?? [];
});

function LanePaths() {
  return <>{paths.value.map((p) => <g key={p.tid}><path class="thin" d={p.thin} /><path class="thick" d={p.thick} /></g>)}</>;
}

const atPointer = (e: MouseEvent): number => {
  const r = (e.currentTarget as Element).getBoundingClientRect();
  return tickAt((end(borders.peek()) * Math.min(Math.max(e.clientX - r.left, 0), r.width)) / r.width, borders.peek());
};

/** Who ran at that tick on that lane, for the pointer's tooltip. */
function ran(data: Data | null, i: number, tick: number): string {
  const l = data?.lanes[i], s = l?.spans.find(([from, to]) => from <= tick && tick < to);
  return l ? `${t("thread")} ${l.tid}${s && s[2] > 0 ? `, goroutine ${s[2]}` : ""} · ${t("tick")} ${thousands(tick)}` : "";
}

function Cursor() {
  return <div class="cursor" aria-hidden="true" style={{ left: `${(100 * position(tick.value, borders.value)) / end(borders.value)}%` }} />;
}

/** Which thread ran when, on the slider's axis. */
export function Lanes() {
  const all = paths.value, h = Math.max(all.length, 1) * lane;
  return (
    <>
      <div class="names" aria-hidden="true">{all.map((p) => <span key={p.tid}>{p.tid}</span>)}</div>
      <div class="lanes" title={t("lanes")}>
        <svg
          aria-hidden="true" viewBox={`0 0 ${end(borders.value)} ${h}`} preserveAspectRatio="none" style={{ height: `${h}px` }}
          onClick={(e) => void go({ to: "tick", tick: atPointer(e) })}
          onMouseMove={(e) => {
            const box = e.currentTarget.getBoundingClientRect();
            e.currentTarget.parentElement!.title = ran(lanes.peek(), Math.floor((e.clientY - box.top) / lane), atPointer(e));
          }}
        ><LanePaths /></svg>
        <Cursor />
      </div>
      <LanesText />
    </>
  );
}

function LanesText() {
  return (
    <div class="unseen">
      <p>{t("lanes")}. {t("lanesText")}</p>
      <ul>
        {lanes.value?.lanes.slice(0, 32).map((l) => {
          const goids = [...new Set(l.spans.map((s) => s[2]))].filter((g) => g > 0);
          return <li key={l.tid}>{t("thread")} {l.tid}: {l.spans.length} × {l.spans[0]?.[0]} – {l.spans[l.spans.length - 1]?.[1]}{goids.length > 0 && `; goroutine ${goids.slice(0, 16).join(", ")}`}</li>;
        })}
      </ul>
    </div>
  );
}

export function Timeline({ withLanes }: { withLanes: boolean }) {
  return (
    <div class={"timeline" + (withLanes ? " laned" : "")}>
      <div class="track"><Slider /><Marks /></div>
      {withLanes && <Lanes />}
    </div>
  );
}
