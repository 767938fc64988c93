// The session at work: it runs cells one after the other, and keeps the page and the cells at one moment.
import { computed, signal } from "@preact/signals";
import { mostMem, start, toLink, type Moment } from "../link";
import { boot, go, index, lang, moment, ownFile, view } from "../state";
import type { Session } from "../session";
import type { Cell } from "./cells";
import { Client, type Done } from "./client";
import { t } from "./words";

export type Condition = "off" | "loading" | "ready" | "restarting" | "dead";
export const condition = signal<Condition>("off");
export const trouble = signal("");
/** The cell that runs. */
export const running = signal<Cell | null>(null);
export const idle = computed(() => running.value === null);
/** What a screen reader says. */
export const said = signal("");

const labPath = "github.com/rt0lab/rt0/lessons/lab";

interface Job { cell: Cell | null; code: string; imports: string[]; values?: Record<string, string>; end(d: Done): void }

const nothing: Done = { status: "aborted", values: {}, pages: [], next: null };
let session: Session | null = null;
let opening: Promise<Session> | null = null;
let prepared = "";
let queue: Job[] = [];
let working = false;

const client = new Client((channel, m) => session?.send(channel, m));

function open(): Promise<Session> {
  opening ??= (async () => {
    condition.value = "loading";
    trouble.value = "";
    try {
      const { Session } = await import("../session");
      const s = new Session({
        base: new URL(".", document.baseURI).href,
        onMessage: (channel, m) => client.receive(channel, m),
        onMoment: (m) => void follow(m),
        onState: (now, why) => {
          condition.value = now;
          trouble.value = now === "dead" ? why ?? "" : "";
          if (now !== "ready") prepared = ""; // what comes after is another interpreter
        },
      });
      session = s;
      await s.start();
      condition.value = "ready";
      return s;
    } catch (e) {
      session?.dispose();
      session = opening = null;
      condition.value = "dead";
      trouble.value = e instanceof Error ? e.message : String(e);
      throw e;
    }
  })();
  return opening;
}

/** Runs a cell's code after all that waits. imports are what it may take for granted. */
export function run(cell: Cell, imports: string[], code = cell.code.value, values?: Record<string, string>): Promise<Done> {
  if (cell.state.value === "waiting" || cell.state.value === "running") return Promise.resolve(nothing);
  cell.state.value = "waiting";
  return enqueue({ cell, code, imports, ...(values && { values }) });
}

/** Loads the session before it is needed, so that completion knows the lesson's packages. */
export function warm(imports: string[]): void {
  if (condition.value === "off") void enqueue({ cell: null, code: "", imports });
}

function enqueue(j: Omit<Job, "end">): Promise<Done> {
  return new Promise((end) => {
    queue.push({ ...j, end });
    void work();
  });
}

async function work(): Promise<void> {
  if (working) return;
  working = true;
  for (let j = queue.shift(); j; j = queue.shift()) {
    running.value = j.cell;
    const done = await perform(j);
    running.value = null;
    j.end(done);
    if (done.status !== "ok" && j.cell) drop(); // what comes after may need what failed
  }
  working = false;
}

async function perform(j: Job): Promise<Done> {
  j.cell?.begin();
  let done: Done;
  try {
    const s = await open();
    await prepare(j.imports);
    if (!j.cell) return { ...nothing, status: "ok" };
    if (view.value && !ownFile.value) s.setMoment(goal ?? moment.value);
    done = await client.execute(j.code, j.cell, j.values ? { values: j.values } : {});
  } catch (e) {
    j.cell?.output({ kind: "error", name: "", value: "", traceback: [`${t("dead")}: ${e instanceof Error ? e.message : String(e)}`] });
    done = { ...nothing, status: "error" };
  }
  j.cell?.finish(done);
  if (j.cell) said.value = `${t("cell")} ${j.cell.number.value ?? ""}: ${t(done.status === "ok" ? "ran" : done.status === "error" ? "failed" : "stopped")}`;
  return done;
}

/** Imports what the cells of a lesson take for granted, and makes the machine speak the page's language. */
async function prepare(imports: string[]): Promise<void> {
  const all = [...new Set([...imports, labPath])];
  const code = `import (\n${all.map((p) => `\t"${p}"\n`).join("")})\nlab.SetLang("${lang.value}")`;
  if (code === prepared) return;
  const done = await client.execute(code, null, { silent: true });
  if (done.status === "ok") prepared = code;
}

/** Forgets the cells that wait. */
function drop(): void {
  for (const j of queue.splice(0)) {
    if (j.cell) j.cell.state.value = "idle";
    j.end(nothing);
  }
}

export function stop(): void {
  drop();
  session?.interrupt();
}

/** A fresh session: nothing that cells have defined is left. */
export async function restart(): Promise<void> {
  drop();
  if (!session) return;
  prepared = "";
  const fresh = session.restart();
  client.abandon();
  try {
    await fresh;
  } catch (e) {
    condition.value = "dead";
    trouble.value = e instanceof Error ? e.message : String(e);
  }
}

export const complete = (code: string, at: number) => (condition.value === "ready" && idle.value ? client.complete(code, at) : null);
export const inspect = (code: string, at: number) => (condition.value === "ready" && idle.value ? client.inspect(code, at) : null);

let goal: Moment | null = null;
let going = false;
/** The page goes where the cells' machine is; while it does, only the newest place counts. */
async function follow(m: Moment): Promise<void> {
  goal = m;
  if (going) return;
  going = true;
  for (let next: Moment | null = goal; next; next = goal === next ? null : goal) {
    // A cell may give its machine more than a link can.
    const to: Moment = { ...next, mem: Math.min(next.mem || start.mem, mostMem), go: next.go || (index.value?.samples.find((s) => s.name === next!.sample)?.go ?? "") };
    const same = !ownFile.value && view.value && toLink({ ...moment.value, tick: 0 }) === toLink({ ...to, tick: 0 });
    if (!same) await boot(to);
    else if (moment.value.tick !== to.tick) await go({ to: "tick", tick: to.tick });
  }
  goal = null;
  going = false;
}
