import { computed } from "@preact/signals";
import { memo } from "../memo";
import type { Fact } from "../protocol";
import { visible } from "../safe";
import { lang, t, view } from "../state";
import { inLang } from "../words";
import { Changed, Pane, Who } from "./pane";

const facts = computed(() => view.value?.facts ?? []);
const absent = computed(() => view.value?.absent ?? []);

const Row = memo(({ f }: { f: Fact }) => (
  <tr class={f.changed ? "changed" : ""}>
    <th scope="row">{f.name}</th>
    <td data-fact={f.name}><Who what={f.name} expr={f.expr} value={f.value} /><Changed on={f.changed} /></td>
  </tr>
));

export function Facts() {
  return (
    <Pane name="facts" rove title={t("facts")} aside={facts.value.length}>
      <table>
        <tbody>
          {facts.value.map((f) => <Row key={f.name} f={f} />)}
          {absent.value.map((a) => <tr key={a.name} class="absent"><th scope="row">{a.name}</th><td>{visible(inLang(a.why, lang.value))}</td></tr>)}
        </tbody>
      </table>
    </Pane>
  );
}
