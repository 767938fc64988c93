import { computed } from "@preact/signals";
import { useState } from "preact/hooks";
import { choose, chosen, figure, lang, outline, t, view } from "../state";
import type { Picture } from "../protocol";
import { inLang } from "../words";
import { Pane } from "./pane";

const picture = computed(() => view.value?.pictures.find((p) => p.name === figure.value) ?? null);

/** A figure as an image, in which nothing can run, and its text twin. */
export function Drawing({ p }: { p: Picture }) {
  const [open, setOpen] = useState(false);
  const title = outline.value?.figures.find((f) => f.name === p.name)?.title;
  const label = title ? inLang(title, lang.value) : p.name;
  return (
    <figure data-figure={p.name}>
      <div class="scroll" tabIndex={0} role="group" aria-label={label}>
        <img src={"data:image/svg+xml;charset=utf-8," + encodeURIComponent(p.svg)} alt={label} />
      </div>
      <details onToggle={(e) => setOpen(e.currentTarget.open)}><summary>{t("asText")}</summary>{open && <pre tabIndex={0} aria-label={label} role="group">{p.text}</pre>}</details>
    </figure>
  );
}

export function Pictures() {
  const p = picture.value;
  return (
    <Pane
      name="pictures" title={t("picture")}
      aside={
        <select value={chosen.value} aria-label={t("picture")} onChange={(e) => void choose(e.currentTarget.value)}>
          <option value="">{t("auto")}</option>
          {outline.value?.figures.map((f) => <option key={f.name} value={f.name}>{inLang(f.title, lang.value)}</option>)}
        </select>
      }
    >
      {p && <Drawing p={p} />}
    </Pane>
  );
}
