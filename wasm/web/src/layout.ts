import { signal } from "@preact/signals";

/** Whether the page is as narrow as a phone: then one pane is shown at a time. */
const narrow = matchMedia("(max-width: 700px)");
export const phone = signal(narrow.matches);
narrow.addEventListener("change", () => (phone.value = narrow.matches));

export type Tab = "code" | "state" | "graph" | "log" | "stages" | "compare" | "lesson";
export const tab = signal<Tab>("code");
