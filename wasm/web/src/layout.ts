import { computed, signal } from "@preact/signals";

/** Whether the page is as narrow as a phone: then one pane is shown at a time. */
const narrow = matchMedia("(max-width: 700px)");
export const phone = signal(narrow.matches);
narrow.addEventListener("change", () => (phone.value = narrow.matches));

export type Tab = "code" | "state" | "graph" | "log" | "stages" | "compare" | "lesson";
export const tab = signal<Tab>("code");

/** Whether the lesson's place beside the machine is open; on a phone its tab is. */
export const lessonOpen = signal(false);
export const lessonShown = computed(() => (phone.value ? tab.value === "lesson" : lessonOpen.value));
