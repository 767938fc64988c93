// The lessons as wasm/build/lessons.go writes them.
import { unpacked } from "../fetch";
import type { Lang, Text } from "../protocol";

/** A piece of prose: text if it has no tag, else an element. */
export interface Prose { t?: Tag; x?: string; h?: string; n?: number; c?: Prose[] }
export const tags = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "code", "pre", "em", "strong", "a", "table", "tr", "th", "td", "del"] as const;
export type Tag = (typeof tags)[number];

export interface Part { prose?: Record<Lang, Prose[]>; code?: string; exercise?: string }
export interface Lesson { number: number; name: string; title: Text; imports: string[]; parts: Part[] }
export interface Exercise { id: string; lesson: string; title: Text; text: Text; hint: Text; start: string }
export interface Course { lessons: Lesson[]; exercises: Exercise[] }

/** Fetches the course; the page's index names the file. */
export async function fetchCourse(url: string): Promise<Course> {
  return JSON.parse(new TextDecoder().decode(await unpacked(url))) as Course;
}
