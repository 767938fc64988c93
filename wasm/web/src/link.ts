// A link to a moment: #v1=SAMPLE&go=…&cpus=…&seed=…&arg=…&env=…&tick=…
// Links are kept for ever: a new format gets a new version and a reader of its own beside this one.

export interface Moment { sample: string; go: string; cpus: number; seed: number; args: string[]; env: string[]; tick: number }

export const start: Moment = { sample: "hello", go: "", cpus: 4, seed: 0, args: [], env: [], tick: 0 };

export function toLink(m: Moment): string {
  const q = new URLSearchParams({ v1: m.sample });
  if (m.go) q.set("go", m.go);
  q.set("cpus", String(m.cpus));
  if (m.seed) q.set("seed", String(m.seed));
  for (const a of m.args) q.append("arg", a);
  for (const e of m.env) q.append("env", e);
  q.set("tick", String(m.tick));
  return "#" + q.toString();
}

/** The moment of a link; null if there is none in it. What is malformed is an error for a person to read. */
export function fromLink(hash: string): Moment | null {
  const text = hash.replace(/^#/, "");
  if (!text) return null;
  const q = new URLSearchParams(text);
  const sample = q.get("v1");
  if (sample === null) throw new Error("This link is of a kind that this page does not know.");
  return {
    sample: sample || start.sample, go: q.get("go") ?? "",
    cpus: whole(q, "cpus", start.cpus, 1, 1024), seed: whole(q, "seed", 0, 0, Number.MAX_SAFE_INTEGER),
    args: q.getAll("arg"), env: q.getAll("env"), tick: whole(q, "tick", 0, 0, Number.MAX_SAFE_INTEGER),
  };
}

function whole(q: URLSearchParams, name: string, otherwise: number, min: number, max: number): number {
  const text = q.get(name);
  if (text === null) return otherwise;
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < min || n > max) throw new Error(`This link is damaged: ${name} is ${text}, and must be a whole number from ${min} to ${max}.`);
  return n;
}
