// What differs between two machines that stand side by side: a pure function of their views.
import type { Outline, Text, View } from "./protocol";

/** A value of either machine; null where it has none. */
export interface Pair { name: string; a: string | null; b: string | null; same: boolean }
/** The tick at which a stage ends in either machine; null where it has no such moment. */
export interface StagePair { id: string; title: Text; a: number | null; b: number | null; same: boolean }

export interface Differences { registers: Pair[]; facts: Pair[]; stages: StagePair[]; output: boolean; ended: Pair }

interface Named { name: string; value: string }

/** Pairs what has the same name: in the order of a, and what only b has at its end. */
function pairs(a: Named[], b: Named[]): Pair[] {
  const ofB = new Map(b.map((x) => [x.name, x.value])), ofA = new Set(a.map((x) => x.name));
  const pair = (name: string, x: string | null, y: string | null): Pair => ({ name, a: x, b: y, same: x === y });
  return [
    ...a.map((x) => pair(x.name, x.value, ofB.get(x.name) ?? null)),
    ...b.filter((x) => !ofA.has(x.name)).map((x) => pair(x.name, null, x.value)),
  ];
}

/** Compares two moments. Stages are compared only where both outlines are given. */
export function differences(a: View, b: View, outlines?: [Outline, Outline]): Differences {
  const stages: StagePair[] = [];
  if (outlines) {
    const [x, y] = outlines, ofY = new Map(y.stages.map((s) => [s.id, s]));
    for (const s of x.stages) {
      const other = ofY.get(s.id);
      const at = s.missing.en ? null : s.tick, there = !other || other.missing.en ? null : other.tick;
      stages.push({ id: s.id, title: s.title, a: at, b: there, same: at === there });
    }
  }
  return {
    registers: pairs(a.registers, b.registers), facts: pairs(a.facts, b.facts), stages,
    output: a.output !== b.output, ended: { name: "ended", a: a.ended, b: b.ended, same: a.ended === b.ended },
  };
}
