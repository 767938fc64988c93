// The time axis. Half of the stages end within the first thousandth of the boot. So the axis gives every stage the same width,
// and goes evenly by ticks within one. A position is a number from 0 to end(borders); the ends of stages are multiples of unit.
import type { Outline } from "./protocol";

export const unit = 1000;

/** The ticks at the borders of the axis' parts, ascending: the ends of the stages, and the end of what is known of the run. */
export function borders(o: Outline | null, furthest: number): number[] {
  const ticks = o?.stages.filter((s) => !s.missing.en).map((s) => s.tick) ?? [];
  const all = [...new Set([0, ...ticks])].sort((a, b) => a - b);
  if (furthest > all[all.length - 1]!) all.push(furthest);
  return all;
}

export const end = (at: number[]): number => unit * Math.max(at.length - 1, 1);

export function position(tick: number, at: number[]): number {
  for (let i = 1; i < at.length; i++) {
    const a = at[i - 1]!, b = at[i]!;
    if (tick <= b) return unit * (i - 1 + (tick - a) / (b - a));
  }
  return unit * Math.max(at.length - 1, 0);
}

export function tickAt(pos: number, at: number[]): number {
  const i = Math.min(Math.floor(pos / unit), at.length - 2);
  if (i < 0) return at[0] ?? 0;
  const a = at[i]!, b = at[i + 1]!;
  return Math.round(a + (b - a) * Math.min(1, pos / unit - i));
}

/** The index of the last stage that has ended by the tick. */
export function stageAt(o: Outline | null, tick: number): number {
  let last = 0;
  o?.stages.forEach((s, i) => {
    if (!s.missing.en && s.tick <= tick) last = i;
  });
  return last;
}

/** The tick of another run that is as far as this one's: at the end of a stage where this is, and between two as far between
 * them. A stage that only one of them has does not count. */
export function counterpart(tick: number, of: Outline, ofFurthest: number, other: Outline, otherFurthest: number): number {
  const there = new Map(other.stages.filter((s) => !s.missing.en).map((s) => [s.id, s.tick]));
  let from = [0, 0], to = [Math.max(ofFurthest, 1), Math.max(otherFurthest, 1)];
  for (const s of of.stages) {
    const t = there.get(s.id);
    if (s.missing.en || t === undefined) continue;
    if (s.tick <= tick) from = [s.tick, t];
    else {
      to = [s.tick, t];
      break;
    }
  }
  if (tick === from[0] || to[0]! <= from[0]!) return from[1]!;
  return Math.round(from[1]! + (Math.max(0, to[1]! - from[1]!) * (tick - from[0]!)) / (to[0]! - from[0]!));
}
