import { computed, signal } from "@preact/signals";
import { differences, type Pair, type StagePair } from "./differ";
import { MiB, start, type Moment } from "./link";
import { memo } from "./memo";
import { Drawing } from "./panes/pictures";
import type { Run } from "./run";
import { visible } from "./safe";
import { beside, closeBeside, figure, follow, lang, main, setFollow, shown, swap, t } from "./state";
import { inLang, thousands } from "./words";

const only = signal(false);

const found = computed(() => {
  const a = main.value, b = beside.value;
  const va = a?.view.value, vb = b?.view.value, oa = a?.outline.value, ob = b?.outline.value;
  return va && vb && oa && ob ? differences(va, vb, [oa, ob]) : null;
});

const Row = memo(({ p }: { p: Pair }) => (
  <tr class={p.same ? "" : "changed"} data-pair={p.name}>
    <td class="sign">{!p.same && <abbr title={t("differs")}>≠</abbr>}</td>
    <th scope="row">{visible(p.name)}</th><td>{p.a === null ? t("none") : visible(p.a)}</td><td>{p.b === null ? t("none") : visible(p.b)}</td>
  </tr>
));

const pairOf = (s: StagePair, i: number): Pair => ({
  name: `${i + 1}. ${inLang(s.title, lang.value)}`, a: s.a === null ? null : thousands(s.a), b: s.b === null ? null : thousands(s.b), same: s.same,
});

function Table({ title, pairs }: { title: string; pairs: Pair[] }) {
  const n = pairs.filter((p) => !p.same).length, rows = only.value ? pairs.filter((p) => !p.same) : pairs;
  return (
    <section class="pairs">
      <h3>{title} <small>{n > 0 ? `${n} ${t("different")}` : t("allSame")}</small></h3>
      {rows.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead><tr><td /><td /><th scope="col">A</th><th scope="col">B</th></tr></thead>
            <tbody>{rows.map((p) => <Row key={p.name} p={p} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** What the machine's limits are, where they are not the default. */
const limits = (m: Moment): string[] => [...(m.mem === start.mem ? [] : [`mem=${Math.ceil(m.mem / MiB)}M`]), ...(m.maxTicks ? [`max-ticks=${m.maxTicks}`] : [])];

function Machine({ run, name }: { run: Run; name: string }) {
  const v = run.view.value, m = run.moment.value, here = shown.value === run;
  if (!v) return null;
  const picture = v.pictures.find((p) => p.name === figure.value);
  return (
    <section class={"machine" + (here ? " here" : "")} aria-label={`${t("machine")} ${name}`} data-machine={name} data-tick={v.tick}>
      <h3>
        <b>{name}</b> {run.own.value?.name ?? m.sample} <small>{visible(v.stamp)}</small>
        {here ? <span class="tag">{t("inPanes")}</span> : <button onClick={swap}>{t("showInPanes")}</button>}
      </h3>
      <p class="facts-line">{[...m.env, ...m.args, ...limits(m)].map((s) => <code key={s}>{visible(s)} </code>)}{visible(v.symbol)} · {t("hash")} <code>{run.hash.value.slice(0, 16) || "…"}</code></p>
      {picture && <Drawing p={picture} />}
    </section>
  );
}

/** Two machines side by side, and what differs between them. */
export function Compare() {
  const a = main.value, b = beside.value, d = found.value;
  if (!a || !b || !d) return null;
  return (
    <section class="pane compare" aria-labelledby="pane-compare">
      <header>
        <h2 id="pane-compare">{t("compare")}</h2>
        <div class="aside">
          <label>{t("follows")} <select value={follow.value} onChange={(e) => setFollow(e.currentTarget.value === "tick" ? "tick" : "stage")}><option value="stage">{t("byStage")}</option><option value="tick">{t("byTick")}</option></select></label>
          <label><input type="checkbox" checked={only.value} onChange={(e) => (only.value = e.currentTarget.checked)} /> {t("onlyDifferent")}</label>
          <button onClick={closeBeside}>{t("endCompare")}</button>
        </div>
      </header>
      <div class="two"><Machine run={a} name="A" /><Machine run={b} name="B" /></div>
      <div class="tables">
        <Table title={t("facts")} pairs={d.facts} />
        <Table title={t("registers")} pairs={d.registers} />
        <Table title={t("endsAt")} pairs={d.stages.map(pairOf)} />
      </div>
      <p class="foot">{t("output")}: {d.output ? <b>≠ {t("differs")}</b> : t("same")}</p>
    </section>
  );
}
