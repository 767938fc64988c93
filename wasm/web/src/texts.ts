// The source files, fetched when a pane first wants to show one.
import { signal } from "@preact/signals";
import { sources } from "./state";

const texts = signal<ReadonlyMap<string, string[]>>(new Map());
const asked = new Set<string>();

/** The lines of a source file of the program's; null while it is on its way, or if it is not at hand. Reads signals. */
export function textOf(file: string): string[] | null {
  const url = sources.value[file];
  if (!url) return null;
  const lines = texts.value.get(url);
  if (!lines && !asked.has(url)) {
    asked.add(url);
    void load(url);
  }
  return lines && lines.length > 1 ? lines : null;
}

async function load(url: string): Promise<void> {
  try {
    const r = await fetch(url);
    const lines = r.ok ? (await r.text()).replaceAll("\t", "    ").split("\n") : [];
    texts.value = new Map(texts.peek()).set(url, lines);
  } catch {
    asked.delete(url); // without a network now; perhaps later
  }
}
