import { computed, effect, signal } from "@preact/signals";
import type { SourceLine } from "../protocol";
import { visible } from "../safe";
import { shown, t, view } from "../state";
import { textOf } from "../texts";
import { shortFile } from "../words";
import { GutterList, type Line } from "./gutter";
import { Pane } from "./pane";

const file = computed(() => view.value?.file ?? "");
const line = computed(() => view.value?.line ?? 0);
/** The lines of a file that code comes from, and where breakpoints can be. */
const coded = signal<{ file: string; lines: SourceLine[] }>({ file: "", lines: [] });

// Asked when the reader has paused: a drag goes through many files.
let waiting: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  const f = file.value, run = shown.value;
  clearTimeout(waiting);
  if (!f || !run) return;
  waiting = setTimeout(() => void run.ask({ method: "lines", file: f }, "loading", null, true).then((r) => { coded.value = { file: f, lines: r?.lines ?? [] }; }), 200);
});

const shownLines = computed<Line[]>(() => {
  const text = textOf(file.value), now = line.value;
  if (!text) return [];
  const places = new Set(coded.value.file === file.value ? coded.value.lines.map((l) => l.line) : []);
  return text.map((s, i) => ({
    key: String(i), place: places.has(i + 1) ? `${file.value}:${i + 1}` : "", kind: "plain", now: i + 1 === now, text: `${i + 1} ${s.trim()}`,
    content: <><span class="no">{i + 1}</span><span class="src">{visible(s)}</span></>,
  }));
});

/** The source file. */
export function Source() {
  return (
    <Pane name="source" title={t("source")} aside={file.value ? `${visible(shortFile(file.value))}:${line.value}` : ""}>
      {shownLines.value.length > 0 ? <GutterList lines={shownLines.value} label={t("source")} id={file.value} /> : <p class="none">{t("noSource")}</p>}
    </Pane>
  );
}
