// A view is new data as a whole at every move, though most of it says what the last one said. Shared keeps the old objects where
// nothing differs, so that a pane or a row whose object is the same need not be drawn again.

/** Returns now, in which whatever equals the same part of old is that part itself. Lists are matched by their elements' names. */
export function shared<T>(old: unknown, now: T): T {
  if (Object.is(old, now)) return now;
  if (typeof now !== "object" || now === null || typeof old !== "object" || old === null) return now;
  if (Array.isArray(now)) return (Array.isArray(old) ? sharedList(old, now) : now) as T;
  if (Array.isArray(old)) return now;
  const was = old as Record<string, unknown>, is = now as Record<string, unknown>, keys = Object.keys(is);
  let same = keys.length === Object.keys(was).length;
  for (const k of keys) {
    is[k] = shared(was[k], is[k]);
    if (is[k] !== was[k]) same = false;
  }
  return (same ? was : is) as T;
}

function sharedList(old: unknown[], now: unknown[]): unknown[] {
  const byName = new Map<string, unknown>();
  for (const x of old) {
    const n = name(x);
    if (n) byName.set(n, x);
  }
  let same = old.length === now.length;
  for (let i = 0; i < now.length; i++) {
    now[i] = shared(byName.get(name(now[i])) ?? old[i], now[i]);
    if (now[i] !== old[i]) same = false;
  }
  return same ? old : now;
}

function name(x: unknown): string {
  if (typeof x !== "object" || x === null) return "";
  const o = x as Record<string, unknown>;
  return String(o["addr"] ?? o["id"] ?? o["name"] ?? (o["tick"] !== undefined ? `${String(o["tick"])} ${String(o["tid"])}` : o["tid"] ?? ""));
}
