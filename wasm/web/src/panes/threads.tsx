import { computed } from "@preact/signals";
import { memo } from "../memo";
import type { Thread } from "../protocol";
import { visible } from "../safe";
import { go, lanes, problem, t, view } from "../state";
import { Pane } from "./pane";

const threads = computed(() => view.value?.threads ?? []);
const tid = computed(() => view.value?.tid ?? 0);

/** The beginning of the thread's next stretch, or of the one before this. */
function turn(of: number, back: boolean): number | undefined {
  const begins = lanes.peek()?.lanes.find((l) => l.tid === of)?.spans.map((s) => s[0]) ?? [], now = view.peek()?.tick ?? 0;
  return back ? begins.filter((b) => b < now).pop() : begins.find((b) => b > now);
}

function Turn({ of, back }: { of: number; back: boolean }) {
  const to = (): void => {
    const tick = turn(of, back);
    if (tick === undefined) problem.value = `${t("thread")} ${of}: ${t("noTurn")}`;
    else void go({ to: "tick", tick });
  };
  return <button class="turn" title={`${t(back ? "prevTurn" : "nextTurn")} ${of}`} aria-label={`${t(back ? "prevTurn" : "nextTurn")} ${of}`} onClick={to}>{back ? "◀" : "▶"}</button>;
}

const Row = memo(({ x, now }: { x: Thread; now: boolean }) => (
  <tr class={now ? "now" : ""} aria-current={now ? "true" : undefined}>
    <th scope="row"><span aria-hidden="true">{now ? "► " : ""}</span>{x.tid}</th><td>{x.state}</td><td class="where">{visible(x.waiting || x.symbol)}</td>
    <td class="turns"><Turn of={x.tid} back /><Turn of={x.tid} back={false} /></td>
  </tr>
));

export function Threads() {
  return (
    <Pane name="threads" title={t("threads")} aside={threads.value.length}>
      <div class="scroll" tabIndex={0} role="group" aria-label={t("threads")}>
        <table>
          <thead><tr><th scope="col">{t("thread")}</th><th scope="col">{t("state")}</th><th scope="col">{t("where")}</th><th scope="col">{t("turns")}</th></tr></thead>
          <tbody>{threads.value.map((x) => <Row key={x.tid} x={x} now={x.tid === tid.value} />)}</tbody>
        </table>
      </div>
    </Pane>
  );
}
