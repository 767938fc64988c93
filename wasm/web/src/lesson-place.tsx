import { effect } from "@preact/signals";
import { type ComponentType } from "preact";
import { useState } from "preact/hooks";
import { hasLessons } from "./commands";
import { lessonOpen, lessonShown, phone, tab } from "./layout";
import { lesson } from "./state";

// The lessons' part of the page, if it is built into it: loaded when a reader first opens it.
const found = import.meta.glob<{ LessonPanel: ComponentType }>("./lesson/panel.tsx");
const panel = Object.values(found)[0];
hasLessons.value = panel !== undefined;

// A link to a lesson opens it.
effect(() => {
  if (!panel || lesson.value === "" || lessonShown.peek()) return;
  lessonOpen.value = true;
  if (phone.peek()) tab.value = "lesson";
});

export function LessonPlace() {
  const [Panel, setPanel] = useState<ComponentType | null>(null), [failed, setFailed] = useState("");
  if (!Panel && !failed) void panel?.().then((m) => setPanel(() => m.LessonPanel), (e: unknown) => setFailed(String(e)));
  return <div class="lesson">{Panel ? <Panel /> : <p class="loading" role="status">{failed || "…"}</p>}</div>;
}
