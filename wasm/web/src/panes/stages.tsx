import { computed } from "@preact/signals";
import { memo } from "../memo";
import type { Stage } from "../protocol";
import { go, lang, outline, t, view } from "../state";
import { inLang, thousands } from "../words";

const stage = computed(() => view.value?.stage ?? 0);

const Row = memo(({ s, i, at }: { s: Stage; i: number; at: number }) => (
  <li>
    <button
      class={i === at ? "now" : i < at ? "past" : ""} aria-current={i === at ? "step" : undefined} disabled={!!s.missing.en}
      data-stage={s.id} title={s.missing.en ? `${t("missing")}: ${inLang(s.missing, lang.value)}` : inLang(s.title, lang.value)}
      onClick={() => void go({ to: "stage", stage: s.id })}
    >
      <b>{i + 1}</b><span>{inLang(s.title, lang.value)}</span><small>{s.missing.en ? "—" : thousands(s.tick)}</small>
    </button>
  </li>
));

export function Stages() {
  return (
    <nav class="pane stages" aria-labelledby="pane-stages">
      <header><h2 id="pane-stages">{t("stages")}</h2></header>
      <ol>{outline.value?.stages.map((s, i) => <Row key={s.id} s={s} i={i} at={stage.value} />)}</ol>
    </nav>
  );
}
