import { computed } from "@preact/signals";
import { pc } from "../run";
import { visible } from "../safe";
import { go, listing, t, view } from "../state";
import { textOf } from "../texts";
import { shortFile } from "../words";
import { GutterList, type Line } from "./gutter";
import { Pane } from "./pane";

/** The whole function if it is known by now, else the instructions around the current one. */
const code = computed(() => {
  const v = view.value, whole = listing.value;
  if (!v) return [];
  return whole?.func === v.symbol && whole.code.some((c) => c.addr === pc(v)) ? whole.code : v.code;
});
const at = computed(() => (view.value ? pc(view.value) : ""));
const symbol = computed(() => view.value?.symbol ?? "");

/** Each line of the source ahead of the instructions that come from it. */
const lines = computed<Line[]>(() => {
  const out: Line[] = [], all = code.value, now = at.value, home = all.find((c) => c.func === symbol.value)?.file ?? all[0]?.file;
  let last = "";
  for (const c of all) {
    const place = `${c.file}:${c.line}`;
    if (c.file && place !== last) {
      const text = textOf(c.file)?.[c.line - 1]?.trim() ?? "", where = c.file === home ? String(c.line) : `${shortFile(c.file)}:${c.line}`;
      const inlined = c.func && c.func !== symbol.value ? visible(c.func) : "";
      out.push({
        key: "l" + c.addr, place, kind: "line", now: false, text: `${where} ${text}`,
        content: <><span class="no">{where}</span><span class="src">{visible(text)}</span>{inlined && <i>{inlined}</i>}</>,
      });
    }
    last = place;
    out.push({
      key: c.addr, place: c.addr, kind: "inst", now: c.addr === now, text: `${c.addr} ${c.text}`,
      content: (
        <>
          <button class="addr" tabIndex={-1} title={`${t("runTo")} ${c.addr} (Shift: ${t("backTo")})`} onClick={(e) => void go({ to: "place", place: c.addr, back: e.shiftKey })}>{c.addr}</button>
          <span class="inst" title={c.bytes}>{visible(c.text)}</span>
        </>
      ),
    });
  }
  return out;
});

/** The source interleaved with the instructions. */
export function Code() {
  return (
    <Pane name="code" title={t("code")} aside={<span class="symbol">{visible(symbol.value)}</span>}>
      {lines.value.length > 0 ? <GutterList lines={lines.value} label={t("code")} id={symbol.value} /> : <p class="none">{t("noCode")}</p>}
    </Pane>
  );
}
