// A link to a moment. Links are kept for ever: a new format gets a new version, and the reader of the old ones stays.
//
//	#v1=SAMPLE&go=…&cpus=…&seed=…&arg=…&env=…&tick=…
//	#v2=…the same…&mem=64M&max-ticks=…&break=PLACE[ if CONDITION]&off=PLACE&lesson=NAME&beside=QUERY&follow=tick
//
// mem and max-ticks are the machine's limits, named as the command's flags; most links have neither, and leave them as they are
// by default.
// break is a breakpoint and off one that is switched off; beside is the moment of a second machine, as a query of its own (without
// its tick: it follows); follow says how.

export interface Moment {
  sample: string; go: string; cpus: number; seed: number; args: string[]; env: string[]; tick: number;
  /** The most that the guest can have of all that takes memory, in bytes. */
  mem: number;
  /** Where the run stops for good; 0 is never. */
  maxTicks: number;
}
export type Follow = "stage" | "tick";
export interface LinkedBreak { place: string; if: string; on: boolean }
export interface Linked extends Moment { breaks: LinkedBreak[]; lesson: string; beside: Moment | null; follow: Follow }

export const start: Moment = { sample: "hello", go: "", cpus: 4, seed: 0, args: [], env: [], tick: 0, mem: 512 << 20, maxTicks: 0 };
/** A page has 4 GiB in all, and a machine that can go back takes more than twice what its guest has. */
export const MiB = 1 << 20, mostMem = 1024 * MiB;
/** More than anybody sets by hand; a link with more is not one of ours. */
const maxBreaks = 100;

export function toLink(m: Moment & Partial<Linked>): string {
  const q = machine(new URLSearchParams({ v2: m.sample }), m);
  q.set("tick", String(m.tick));
  for (const b of m.breaks ?? []) q.append(b.on ? "break" : "off", b.if ? `${b.place} if ${b.if}` : b.place);
  if (m.lesson) q.set("lesson", m.lesson);
  if (m.beside) {
    q.set("beside", machine(new URLSearchParams({ sample: m.beside.sample }), m.beside).toString());
    if (m.follow === "tick") q.set("follow", "tick");
  }
  return "#" + q.toString();
}

function machine(q: URLSearchParams, m: Moment): URLSearchParams {
  if (m.go) q.set("go", m.go);
  q.set("cpus", String(m.cpus));
  if (m.seed) q.set("seed", String(m.seed));
  for (const a of m.args) q.append("arg", a);
  for (const e of m.env) q.append("env", e);
  if (m.mem !== start.mem) q.set("mem", Math.ceil(m.mem / MiB) + "M");
  if (m.maxTicks) q.set("max-ticks", String(m.maxTicks));
  return q;
}

/** What a link says; null if there is none in it. What is malformed is an error for a person to read. */
export function fromLink(hash: string): Linked | null {
  const text = hash.replace(/^#/, "");
  if (!text) return null;
  const q = new URLSearchParams(text);
  const v1 = q.get("v1"), v2 = q.get("v2");
  if (v1 !== null) return { ...moment(q, v1), breaks: [], lesson: "", beside: null, follow: "stage" };
  if (v2 === null) throw new Error("This link is of a kind that this page does not know.");
  const breaks = [...q].filter(([k]) => k === "break" || k === "off").map(([k, text]): LinkedBreak => {
    const [place, ...condition] = text.split(" if ");
    if (!place?.trim()) throw new Error(`This link is damaged: ${k} names no place.`);
    return { place: place.trim(), if: condition.join(" if ").trim(), on: k === "break" };
  });
  if (breaks.length > maxBreaks) throw new Error(`This link is damaged: it has ${breaks.length} breakpoints, and at most ${maxBreaks} are allowed.`);
  const follow = q.get("follow") ?? "stage";
  if (follow !== "stage" && follow !== "tick") throw new Error(`This link is damaged: follow is ${follow}, and must be stage or tick.`);
  const other = q.get("beside"), b = other === null ? null : new URLSearchParams(other);
  return { ...moment(q, v2), breaks, lesson: q.get("lesson") ?? "", beside: b && moment(b, b.get("sample") ?? ""), follow };
}

function moment(q: URLSearchParams, sample: string): Moment {
  return {
    sample: sample || start.sample, go: q.get("go") ?? "",
    cpus: whole(q, "cpus", start.cpus, 1, 1024), seed: whole(q, "seed", 0, 0, Number.MAX_SAFE_INTEGER),
    args: q.getAll("arg"), env: q.getAll("env"), tick: whole(q, "tick", 0, 0, Number.MAX_SAFE_INTEGER),
    mem: whole(q, "mem", start.mem / MiB, 1, mostMem / MiB, "M") * MiB, maxTicks: whole(q, "max-ticks", 0, 1, Number.MAX_SAFE_INTEGER),
  };
}

function whole(q: URLSearchParams, name: string, otherwise: number, min: number, max: number, unit = ""): number {
  const text = q.get(name);
  if (text === null) return otherwise;
  const digits = text.endsWith(unit) ? text.slice(0, text.length - unit.length) : "", n = Number(digits);
  if (!/^\d+$/.test(digits) || n < min || n > max) throw new Error(`This link is damaged: ${name} is ${text.slice(0, 40)}, and must be a whole number from ${min}${unit} to ${max}${unit}.`);
  return n;
}
