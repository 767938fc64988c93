import { useMemo, useState } from "preact/hooks";
import { spans } from "./ansi";
import type { Cell, Shown } from "./cells";
import { t } from "./words";

/** What a cell has said. All of it is text or an image: nothing that a program writes becomes an element of the page. */
export function Outputs({ cell, from = 0 }: { cell: Cell; from?: number }) {
  const list = cell.outputs.value.slice(from), question = cell.question.value, progress = cell.progress.value;
  if (list.length === 0 && !question && !progress) return null;
  return (
    <div class="outputs" role="group" aria-label={`${t("output")} ${cell.number.value ?? ""}`}>
      {list.map((o, i) => <One key={i} o={o} />)}
      {progress && <p class="working"><progress aria-label={t("working")} /> {progress}</p>}
      {question && <Question {...question} />}
    </div>
  );
}

function One({ o }: { o: Shown }) {
  switch (o.kind) {
    case "stream": // a table would fall apart if its lines were broken
      return <pre class={`stream ${o.name === "stderr" ? "stderr" : ""} ${/\S {3,}\S/.test(o.text) ? "columns" : ""}`} tabIndex={0}>{o.cut > 0 && <i>{o.cut} {t("cut")}{"\n"}</i>}<Text text={o.text.replace(/\n$/, "")} /></pre>;
    case "error":
      return <pre class="error" tabIndex={0}><Text text={o.text} /></pre>;
    default:
      return <div class="display">{o.result !== null && <span class="number">Out&nbsp;[{o.result}]</span>}<Bundle data={o.data} /></div>;
  }
}

function Text({ text }: { text: string }) {
  const list = useMemo(() => spans(text), [text]);
  return <>{list.map((s, i) => (s.class ? <span key={i} class={s.class}>{s.text}</span> : s.text))}</>;
}

const text = (v: unknown): string => (typeof v === "string" ? v : Array.isArray(v) ? v.join("") : v === undefined ? "" : JSON.stringify(v, null, 2));

/** The best of the forms that something has. */
function Bundle({ data }: { data: Record<string, unknown> }) {
  const plain = text(data["text/plain"]), svg = text(data["image/svg+xml"]), html = text(data["text/html"]);
  if (svg) return <Picture src={"data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg)} plain={plain === svg ? "" : plain} />;
  for (const type of ["image/png", "image/jpeg", "image/gif"]) {
    const image = text(data[type]).replace(/\s/g, "");
    if (image && /^[A-Za-z0-9+/]+=*$/.test(image)) return <Picture src={`data:${type};base64,${image}`} plain={plain} />;
  }
  const source = plain || text(data["text/markdown"]) || text(data["text/latex"]) || text(data["application/json"]);
  const more = html.replace(/<[^>]*>/g, "").trim() !== source.trim(); // HTML that says what the text says is not offered
  return (
    <div class="text">
      {source && <pre tabIndex={0}><Text text={source} /></pre>}
      {html && more && <Page html={html} />}
    </div>
  );
}

function Picture({ src, plain }: { src: string; plain: string }) {
  const label = plain.split("\n").find((l) => l.trim() !== "")?.trim().slice(0, 120) || t("picture");
  return (
    <figure>
      <div class="scroll" tabIndex={0} role="region" aria-label={label}><img src={src} alt={label} /></div>
      {plain && <details><summary>{t("asText")}</summary><pre tabIndex={0}>{plain}</pre></details>}
    </figure>
  );
}

/** HTML, where the reader wants it: in a frame of its own, where no script runs and nothing of this page can be reached. */
function Page({ html }: { html: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("asHTML")}</summary>
      {open && <iframe sandbox="" srcdoc={html} title={t("asHTML")} />}
    </details>
  );
}

const focus = (e: HTMLInputElement | null): void => e?.focus();

function Question({ prompt, password, answer }: { prompt: string; password: boolean; answer(v: string): void }) {
  return (
    <form class="question" onSubmit={(e) => { e.preventDefault(); answer(String(new FormData(e.currentTarget).get("answer") ?? "")); }}>
      <label><span>{prompt || t("answer")}</span>{password ? <input name="answer" type="password" autocomplete="off" ref={focus} /> : <input name="answer" autocomplete="off" ref={focus} />}</label>
      <button type="submit">{t("send")}</button>
    </form>
  );
}
