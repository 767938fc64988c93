import { signal } from "@preact/signals";

/** The name of the open lesson, for links; "own" are the reader's own cells, "" is the lesson that was open last. */
export const opened = signal("");
