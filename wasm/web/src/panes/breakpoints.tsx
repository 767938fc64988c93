import { useState } from "preact/hooks";
import { add, breaks, change, remove, resolved, runnable } from "../breaks";
import { visible } from "../safe";
import { runToBreak, t, view } from "../state";
import { shortFile } from "../words";
import { Pane } from "./pane";

/** The list of breakpoints, and a form for one more. */
export function Breakpoints() {
  const [place, setPlace] = useState(""), [condition, setCondition] = useState("");
  const hit = view.value?.hit, stopped = hit === undefined ? undefined : runnable.value[hit]?.place;
  const submit = (e: SubmitEvent): void => {
    e.preventDefault();
    if (!place.trim()) return;
    add({ place: place.trim(), if: condition.trim(), on: true });
    setPlace("");
    setCondition("");
  };
  return (
    <Pane
      name="breakpoints" title={t("breakpoints")}
      aside={<><button title={t("breakBack")} aria-label={t("breakBack")} onClick={() => runToBreak(true)}>◀</button><button title={t("breakNext")} aria-label={t("breakNext")} onClick={() => runToBreak(false)}>▶</button></>}
    >
      {breaks.value.length === 0 ? <p class="none">{t("noBreaks")}</p> : (
        <ul>
          {breaks.value.map((b, i) => {
            const r = resolved.value[i], one = r?.at[0], name = shortFile(b.place);
            return (
              <li key={b.place} class={stopped === b.place ? "now" : ""} data-break={b.place}>
                <input type="checkbox" checked={b.on} aria-label={`${name} ${t("enabled")}`} onChange={(e) => change(b.place, { on: e.currentTarget.checked })} />
                <span class="what">
                  <code>{visible(name)}</code>
                  {b.if && <small>{t("only")} <code>{visible(b.if)}</code></small>}
                  {r?.error ? <small class="bad">{visible(r.error)}</small>
                    : one && <small>{b.place === one.addr ? `${visible(one.func)} ${visible(shortFile(one.file))}:${one.line}` : one.addr}{r.count > 1 && ` + ${r.count - 1} ${t("places")}`}</small>}
                  {stopped === b.place && <small>► {t("hit")}</small>}
                </span>
                <button class="remove" title={`${t("remove")} ${name}`} aria-label={`${t("remove")} ${name}`} onClick={() => remove(b.place)}>×</button>
              </li>
            );
          })}
        </ul>
      )}
      <form onSubmit={submit}>
        <input value={place} aria-label={`${t("breakpoint")}: ${t("place")}`} placeholder={t("place")} spellcheck={false} autocapitalize="off" autocomplete="off" onInput={(e) => setPlace(e.currentTarget.value)} />
        {place && <input value={condition} aria-label={t("condition")} placeholder={t("condition")} spellcheck={false} autocapitalize="off" autocomplete="off" onInput={(e) => setCondition(e.currentTarget.value)} />}
        <button type="submit" disabled={!place.trim()}>{t("addBreak")}</button>
      </form>
    </Pane>
  );
}
