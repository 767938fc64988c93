// Text as a terminal would show it: colours as classes, everything else that a terminal obeys left out.

export interface Span { text: string; class: string }

const colours = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const escape = /\x1b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_]|.?)/g;

/** Cuts text into spans. Escape sequences other than colours vanish; control characters become visible ones. */
export function spans(text: string): Span[] {
  const out: Span[] = [];
  let at = 0, style: Style = {};
  const put = (s: string): void => {
    if (s) out.push({ text: visible(s), class: classes(style) });
  };
  for (const m of text.matchAll(escape)) {
    put(text.slice(at, m.index));
    at = m.index + m[0].length;
    if (m[2] === "m") style = apply(style, m[1] ?? "");
  }
  put(text.slice(at));
  return out;
}

interface Style { fg?: string; bold?: boolean; italic?: boolean; underline?: boolean; inverse?: boolean }

function apply(style: Style, codes: string): Style {
  const s = { ...style };
  const list = codes.split(/[;:]/).map(Number);
  for (let i = 0; i < list.length; i++) {
    const c = list[i]!;
    if (c === 0) for (const k of Object.keys(s) as (keyof Style)[]) delete s[k];
    else if (c === 1) s.bold = true;
    else if (c === 3) s.italic = true;
    else if (c === 4) s.underline = true;
    else if (c === 7) s.inverse = true;
    else if (c === 22) delete s.bold;
    else if (c === 23) delete s.italic;
    else if (c === 24) delete s.underline;
    else if (c === 27) delete s.inverse;
    else if (c >= 30 && c <= 37) s.fg = colours[c - 30]!;
    else if (c >= 90 && c <= 97) s.fg = colours[c - 90]!;
    else if (c === 39) delete s.fg;
    else if (c === 38 || c === 48) {
      // One of 256 colours or any: of the 256 the first 16 have names; the rest stays in the text's own colour.
      if (list[i + 1] === 5) {
        const n = list[i + 2] ?? 0;
        if (c === 38 && n < 16) s.fg = colours[n % 8]!;
        i += 2;
      } else if (list[i + 1] === 2) i += 4;
    }
  }
  return s;
}

const classes = (s: Style): string => [s.fg && `ansi-${s.fg}`, s.bold && "ansi-bold", s.italic && "ansi-italic", s.underline && "ansi-underline", s.inverse && "ansi-inverse"].filter(Boolean).join(" ");

/** Control characters as the pictures that Unicode has of them; marks that turn the direction of text as their numbers. */
const visible = (s: string): string => s
  .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
  .replace(/[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => `<${c.charCodeAt(0).toString(16)}>`);

/** A carriage return begins the line anew, as a terminal would; what a longer line had more is gone. */
export function returned(text: string): string {
  if (!text.includes("\r")) return text;
  return text.replaceAll("\r\n", "\n").split("\n").map((line) => line.slice(line.replace(/\r+$/, "").lastIndexOf("\r") + 1)).join("\n");
}
