import { computed } from "@preact/signals";
import { memo } from "../memo";
import type { Register } from "../protocol";
import { t, view } from "../state";
import { Changed, Pane, Who } from "./pane";

const registers = computed(() => view.value?.registers ?? []);
const tid = computed(() => view.value?.tid ?? 0);

const Row = memo(({ r }: { r: Register }) => (
  <div class={r.changed ? "changed" : ""} data-register={r.name}>
    <dt>{r.name}</dt>
    <dd><Who what={r.name} expr={r.name} register value={r.value} /><Changed on={r.changed} /></dd>
  </div>
));

export function Registers() {
  return (
    <Pane name="registers" rove title={t("registers")} aside={`${t("thread")} ${tid.value}`}>
      <dl>{registers.value.map((r) => <Row key={r.name} r={r} />)}</dl>
    </Pane>
  );
}
