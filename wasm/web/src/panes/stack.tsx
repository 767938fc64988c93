import { computed } from "@preact/signals";
import { memo } from "../memo";
import type { StackWord } from "../protocol";
import { visible } from "../safe";
import { lang, t, view } from "../state";
import { inLang } from "../words";
import { Changed, Pane, Who } from "./pane";

const words = computed(() => view.value?.stack ?? []);

const Word = memo(({ w }: { w: StackWord }) => {
  const note = visible(inLang(w.note, lang.value));
  return (
    <tr class={(w.offset === 0 ? "now" : "") + (w.changed ? " changed" : "") + (w.offset < 0 ? " free" : "")} aria-current={w.offset === 0 ? "true" : undefined}>
      <th scope="row">{w.offset === 0 && <b>SP►</b>} {w.addr}</th>
      <td class="offset">{w.offset < 0 ? "−" : "+"}{Math.abs(w.offset)}</td>
      <td title={note}>
        {w.value ? <Who what={w.addr} expr={w.expr} value={w.value} /> : <i>{t("unreadable")}</i>}<Changed on={w.changed} />
        {w.bound && <b class="note">{visible(w.bound)}</b>}{note && <span class="note">{note}</span>}
      </td>
    </tr>
  );
});

/** The words on both sides of the stack pointer. */
export function Stack() {
  return (
    <Pane name="stack" rove title={t("stack")} aside={<span>{t("lower")}</span>}>
      <div class="scroll" tabIndex={0} role="group" aria-label={t("stack")}>
        <table><tbody>{words.value.map((w) => <Word key={w.addr} w={w} />)}</tbody></table>
      </div>
      <p class="foot">{t("higher")}</p>
    </Pane>
  );
}
