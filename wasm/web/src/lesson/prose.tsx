import { createElement, type JSX } from "preact";
import { tags, type Prose as Piece } from "./course";

/** Prose, element by element: what is text in a lesson is text on the page. */
export function Prose({ pieces }: { pieces: Piece[] }) {
  return <div class="prose">{pieces.map(element)}</div>;
}

function element(p: Piece, key: number): JSX.Element | string {
  if (!p.t) return p.x ?? "";
  if (!tags.includes(p.t)) throw new Error(`a lesson has an element ${String(p.t)}, which this page does not know`);
  const children = p.c?.map(element) ?? null;
  switch (p.t) {
    case "a":
      return <a key={key} href={p.h ?? ""} rel="noreferrer">{children}</a>;
    case "ol":
      return <ol key={key} start={p.n ?? 1}>{children}</ol>;
    case "table":
      return <div key={key} class="scroll" tabIndex={0}><table><tbody>{children}</tbody></table></div>;
    case "pre":
      return <pre key={key} tabIndex={0}>{children}</pre>;
    case "h1": // the page has a first heading of its own
      return <h2 key={key}>{children}</h2>;
    case "h2":
      return <h3 key={key}>{children}</h3>;
    default:
      return createElement(p.t, { key }, children);
  }
}
