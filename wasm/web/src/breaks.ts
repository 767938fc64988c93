// The breakpoints, which belong to the page: a machine is told of them when it is to run to one.
import { computed, signal } from "@preact/signals";
import type { LinkedBreak } from "./link";
import type { Break, Resolved } from "./protocol";

export const breaks = signal<LinkedBreak[]>([]);
/** What each breakpoint means in the machine that is shown, in the order of breaks. */
export const resolved = signal<Resolved[]>([]);

/** Those that a run stops at. */
export const runnable = computed<Break[]>(() => breaks.value.filter((b) => b.on).map(({ place, if: condition }) => ({ place, if: condition })));

/** The breakpoints' instructions and source lines ("FILE:LINE"): whether they are on. */
export const marks = computed(() => {
  const all = new Map<string, boolean>();
  const mark = (at: string, on: boolean): void => void all.set(at, on || all.get(at) === true);
  breaks.value.forEach((b, i) => {
    mark(b.place, b.on);
    const r = resolved.value[i];
    if (r?.place !== b.place) return; // not asked yet
    for (const p of r.at) mark(p.addr, b.on);
  });
  return all;
});

/** Sets a breakpoint at the place, or removes what is there. */
export function toggle(place: string): void {
  const there = breaks.peek().filter((b, i) => b.place === place || resolved.peek()[i]?.place === b.place && resolved.peek()[i]!.at.some((p) => p.addr === place));
  breaks.value = there.length > 0 ? breaks.peek().filter((b) => !there.includes(b)) : [...breaks.peek(), { place, if: "", on: true }];
}

export function add(b: LinkedBreak): void {
  breaks.value = [...breaks.peek().filter((x) => x.place !== b.place), b];
}

export function change(place: string, with_: Partial<LinkedBreak>): void {
  breaks.value = breaks.peek().map((b) => (b.place === place ? { ...b, ...with_ } : b));
}

export function remove(place: string): void {
  breaks.value = breaks.peek().filter((b) => b.place !== place);
}
