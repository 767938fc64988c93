// What the reader has written, kept in this browser. The number in the keys is the version of what lies below them.
import { signal } from "@preact/signals";

/** Whether the last save failed: the edits live only as long as the page. */
export const unsaved = signal(false);

/** A lesson's edits, by a digest of the code that was there before, and the reader's own cells. */
export interface KeptLesson { edits: Record<string, string>; own: string[] }
export interface KeptExercise { code: string; solved: boolean }

const lessonKey = (name: string): string => `rt0.lesson.1.${name}`;
const exerciseKey = (id: string): string => `rt0.exercise.1.${id}`;

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null; // no storage, or not ours
  }
}

function write(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    unsaved.value = false;
  } catch {
    unsaved.value = true; // full, or forbidden
  }
}

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null && !Array.isArray(v);
const texts = (v: unknown): string[] => (Array.isArray(v) ? v.filter((s) => typeof s === "string") : []);

export function keptLesson(name: string): KeptLesson {
  const v = read(lessonKey(name));
  if (!isRecord(v)) return { edits: {}, own: [] };
  const edits = isRecord(v["edits"]) ? Object.entries(v["edits"]).filter((e): e is [string, string] => typeof e[1] === "string") : [];
  return { edits: Object.fromEntries(edits), own: texts(v["own"]) };
}

export const keepLesson = (name: string, k: KeptLesson): void => write(lessonKey(name), Object.keys(k.edits).length + k.own.length ? k : null);

export function keptExercise(id: string): KeptExercise | null {
  const v = read(exerciseKey(id));
  return isRecord(v) && typeof v["code"] === "string" ? { code: v["code"], solved: v["solved"] === true } : null;
}

export const keepExercise = (id: string, k: KeptExercise | null): void => write(exerciseKey(id), k);

export const lastLesson = (): string => {
  const v = read("rt0.lesson.1");
  return typeof v === "string" ? v : "";
};
export const keepLastLesson = (name: string): void => write("rt0.lesson.1", name);

/** A short digest of a text (FNV-1a, 32 bits): enough to tell a lesson's cells apart. */
export function digest(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h.toString(36);
}

addEventListener("beforeunload", (e) => {
  if (unsaved.value) e.preventDefault();
});
