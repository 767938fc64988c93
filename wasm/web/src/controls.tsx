import { useState } from "preact/hooks";
import { type Command, hint, moves } from "./commands";
import { phone } from "./layout";
import { go, t } from "./state";

function Move({ c, sign }: { c: Command; sign: string }) {
  return <button data-command={c.what} title={`${t(c.what)} (${hint(c)})`} aria-label={t(c.what)} onClick={c.run}>{sign}</button>;
}

export function Controls() {
  const [place, setPlace] = useState("runtime.schedinit"), [more, setMore] = useState(false);
  const few = phone.value && !more;
  return (
    <div class="controls">
      <div class="moves" role="group" aria-label={t("moves")}>
        {(few ? moves.slice(0, 2) : moves).map((m) => (
          <span key={m.name} class="move">
            <Move c={m.back} sign={m.name === "ofEnds" ? "|◀" : "◀"} /><span aria-hidden="true">{t(m.name)}</span><Move c={m.ahead} sign={m.name === "ofEnds" ? "▶|" : "▶"} />
          </span>
        ))}
        {phone.value && <button class="more" aria-expanded={more} onClick={() => setMore(!more)}>{t("moreMoves")} {more ? "▴" : "▾"}</button>}
      </div>
      {!few && (
        <form class="runto" onSubmit={(e) => { e.preventDefault(); void go({ to: "place", place }); }}>
          <button type="button" title={t("backTo")} onClick={() => void go({ to: "place", place, back: true })}>◀ {t("backTo")}</button>
          <input value={place} aria-label={t("place")} placeholder={t("place")} title={t("place")} spellcheck={false} autocapitalize="off" autocomplete="off" onInput={(e) => setPlace(e.currentTarget.value)} />
          <button type="submit">{t("runTo")} ▶</button>
        </form>
      )}
    </div>
  );
}
