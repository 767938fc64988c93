import { useEffect, useRef, useState } from "preact/hooks";
import { choose, chosen, figure, go, lang, outline, sources, t, view, whoWrote } from "./state";
import { inLang, shortFile, thousands } from "./words";

export function Registers() {
  const v = view.value!;
  return (
    <section class="pane registers">
      <h2>{t("registers")} <small>{t("thread")} {v.tid}</small></h2>
      <dl>
        {v.registers.map((r) => (
          <div key={r.name} class={r.changed ? "changed" : ""}>
            <dt>{r.name}</dt>
            <dd>{r.value}{r.changed && <abbr title={t("changed")}>*</abbr>}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The instructions around the current one, each line of the source before the instructions that come from it. */
export function Code() {
  const v = view.value!;
  const now = useRef<HTMLTableRowElement>(null), box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (now.current && box.current) box.current.scrollTop = now.current.offsetTop - box.current.clientHeight / 3;
  }, [v.tick]);
  let place = "";
  return (
    <section class="pane code">
      <h2>{t("code")} <small>{v.symbol}</small></h2>
      <div class="scroll" ref={box} tabIndex={0} role="region" aria-label={t("code")}>
        <table>
          <tbody>
            {v.code.flatMap((c) => {
              const p = `${shortFile(c.file)}:${c.line}`, rows = [];
              if (p !== place) rows.push(<tr key={"p" + c.addr} class="place"><td /><td colSpan={2}>{p} <i>{c.func !== v.symbol ? c.func : ""}</i></td></tr>);
              place = p;
              rows.push(
                <tr key={c.addr} ref={c.current ? now : null} class={c.current ? "now" : ""} aria-current={c.current ? "true" : undefined}>
                  <td>{c.current ? "►" : ""}</td>
                  <td>
                    <button class="addr" title={`${t("runTo")} ${c.addr} (Shift: ${t("backTo")})`} onClick={(e) => void go({ to: "place", place: c.addr, back: e.shiftKey })}>{c.addr}</button>
                  </td>
                  <td title={c.bytes}>{c.text}</td>
                </tr>,
              );
              return rows;
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const texts = new Map<string, Promise<string[]>>();
function lines(url: string): Promise<string[]> {
  let p = texts.get(url);
  if (!p) {
    p = fetch(url).then((r) => (r.ok ? r.text() : "")).then((s) => s.split("\n"));
    texts.set(url, p);
    p.catch(() => texts.delete(url));
  }
  return p;
}

export function Source() {
  const v = view.value!, url = sources.value[v.file];
  const [text, setText] = useState<{ url: string; lines: string[] } | null>(null);
  useEffect(() => {
    let live = true;
    if (url) lines(url).then((l) => live && setText({ url, lines: l }), () => live && setText(null));
    return () => { live = false; };
  }, [url]);
  const shown = text && text.url === url ? text.lines : null;
  const from = Math.max(0, v.line - 9), now = v.line - 1;
  return (
    <section class="pane source">
      <h2>{t("source")} <small>{v.file ? `${shortFile(v.file)}:${v.line}` : ""}</small></h2>
      {shown && shown.length > 1 ? (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("source")}>
          <ol start={from + 1}>
            {shown.slice(from, from + 20).map((s, i) => (
              <li key={from + i} class={from + i === now ? "now" : ""} aria-current={from + i === now ? "true" : undefined}><code>{s.replaceAll("\t", "    ") || " "}</code></li>
            ))}
          </ol>
        </div>
      ) : <p class="none">{t("noSource")}</p>}
    </section>
  );
}

/** A figure as an image, in which nothing can run, and its text twin. */
export function Drawing({ name }: { name: string }) {
  const p = view.value!.pictures.find((p) => p.name === name);
  const title = outline.value?.figures.find((f) => f.name === name)?.title;
  const label = title ? inLang(title, lang.value) : name;
  if (!p) return null;
  return (
    <figure data-figure={name}>
      <div class="scroll" tabIndex={0} role="region" aria-label={label}>
        <img src={"data:image/svg+xml;charset=utf-8," + encodeURIComponent(p.svg)} alt={label} />
      </div>
      <details><summary>{t("asText")}</summary><pre tabIndex={0}>{p.text}</pre></details>
    </figure>
  );
}

export function Pictures() {
  const o = outline.value!;
  const name = figure.value;
  return (
    <section class="pane pictures">
      <h2>
        <label>{t("picture")} <select value={chosen.value} onChange={(e) => void choose(e.currentTarget.value)}>
          <option value="">{t("auto")}</option>
          {o.figures.map((f) => <option key={f.name} value={f.name}>{inLang(f.title, lang.value)}</option>)}
        </select></label>
      </h2>
      <Drawing name={name} />
      {name !== "allp" && <Drawing name="allp" />}
    </section>
  );
}

export function Facts() {
  const v = view.value!;
  return (
    <section class="pane facts">
      <h2>{t("facts")}</h2>
      <table>
        <tbody>
          {v.facts.map((f) => (
            <tr key={f.name} class={f.changed ? "changed" : ""}>
              <th scope="row">{f.name}</th>
              <td data-fact={f.name}>{f.value}{f.changed && <abbr title={t("changed")}>*</abbr>}</td>
              <td>{f.expr && <button class="who" title={`${t("whoWrote")} ${f.expr}`} aria-label={`${t("whoWrote")} ${f.expr}`} onClick={() => void whoWrote(f.expr)}>{t("who")}</button>}</td>
            </tr>
          ))}
          {v.absent.map((a) => <tr key={a.name} class="absent"><th scope="row">{a.name}</th><td colSpan={2}>{inLang(a.why, lang.value)}</td></tr>)}
        </tbody>
      </table>
    </section>
  );
}

export function Threads() {
  const v = view.value!;
  return (
    <section class="pane threads">
      <h2>{t("threads")}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("threads")}>
        <table>
          <tbody>
            {v.threads.map((x) => (
              <tr key={x.tid} class={x.tid === v.tid ? "now" : ""}><td>{x.tid === v.tid ? "►" : ""}</td><td>{x.tid}</td><td>{x.state}</td><td>{x.waiting || x.symbol}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function Said() {
  const v = view.value!;
  return (
    <section class="pane said">
      <h2>{t("output")}</h2>
      <pre class="output" data-output tabIndex={0}>{v.output || <i>{t("nothing")}</i>}</pre>
      {v.ended && <p>{t("ended")}: {v.ended}</p>}
      <h2>{t("calls")} <small>{v.calls.length}</small></h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("calls")}>
        <table>
          <tbody>
            {v.calls.slice().reverse().map((c) => (
              <tr key={`${c.tick} ${c.tid}`}>
                <td><button class="addr" onClick={() => void go({ to: "tick", tick: c.tick })}>{thousands(c.tick)}</button></td><td>{c.tid}</td><td>{c.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
