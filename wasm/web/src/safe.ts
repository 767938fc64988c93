// Text that a guest made up: its output, and the names in its file. As a text node it is no markup; what is left to fear are
// characters that move, hide or turn around the text around them. They are shown, not obeyed.

// Controls but newline and tab; the bidirectional overrides; zero-width and invisible characters; lone surrogates; private use.
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\u{e0000}-\u{e0fff}]/gu;

/** The text with all that cannot be seen made visible: ␛ for an escape, ⟨U+202E⟩ for what has no sign of its own. */
export function visible(text: string): string {
  return text.replace(unsafe, (c) => {
    const n = c.codePointAt(0)!;
    if (n < 0x20) return String.fromCodePoint(0x2400 + n);
    if (n === 0x7f) return "\u2421";
    return `⟨U+${n.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
