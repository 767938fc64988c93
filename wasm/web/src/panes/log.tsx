import { computed } from "@preact/signals";
import { memo } from "../memo";
import type { Call } from "../protocol";
import { visible } from "../safe";
import { go, t, view } from "../state";
import { thousands } from "../words";
import { Pane } from "./pane";

const calls = computed(() => view.value?.calls ?? []);
const output = computed(() => view.value?.output ?? "");
const ended = computed(() => view.value?.ended ?? "");

const Row = memo(({ c }: { c: Call }) => (
  <tr>
    <td class="tick"><button class="addr" title={`${t("tick")} ${thousands(c.tick)}`} onClick={() => void go({ to: "tick", tick: c.tick })}>{thousands(c.tick)}</button></td>
    <td>{c.tid}</td><td>{visible(c.text)}</td>
  </tr>
));

/** The system calls, the last one first. */
export function Calls() {
  const all = calls.value;
  return (
    <Pane name="calls" title={t("calls")} aside={all.length}>
      {all.length === 0 ? <p class="none">{t("nothing")}</p> : (
        <div class="scroll" tabIndex={0} role="group" aria-label={t("calls")}>
          <table><tbody>{all.slice().reverse().map((c) => <Row key={`${c.tick} ${c.tid}`} c={c} />)}</tbody></table>
        </div>
      )}
    </Pane>
  );
}

/** What the guest has written: text, whatever it is. */
export function Output() {
  return (
    <Pane name="said" title={t("output")} aside={ended.value && `${t("ended")}: ${ended.value}`}>
      {output.value === "" ? <p class="none" data-output>{t("nothing")}</p> : <pre data-output tabIndex={0} role="group" aria-label={t("output")} dir="ltr">{visible(output.value)}</pre>}
    </Pane>
  );
}
