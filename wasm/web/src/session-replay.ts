import { message, type JupyterMessage } from "./session-protocol";

interface Cell { code: string; silent: boolean; store: boolean; ok: boolean }

/** The cells of a session so far, and how to run them again in a new worker. */
export class Replay {
  private cells: Cell[] = [];
  /** The requests that run the cells again and have no answer yet: from the id to whether the cell had succeeded. */
  private asked = new Map<string, boolean>();
  private answered = new Set<string>();
  private failed = 0;
  private finish: ((failed: number) => void) | null = null;
  /** Resolves when all have been run again, with how many failed that had succeeded before. */
  done: Promise<number> = Promise.resolve(0);

  /** Notes how a cell of the reader's has ended. */
  note(request: JupyterMessage, reply: JupyterMessage): void {
    if (request.header.msg_type !== "execute_request" || reply.content["status"] === "aborted") return;
    const c = request.content;
    this.cells.push({ code: String(c["code"]), silent: c["silent"] === true, store: c["store_history"] !== false && c["silent"] !== true, ok: reply.content["status"] === "ok" });
  }

  /** The requests that run the cells again. One that had failed is empty, so that numbers of cells go on from where they were. */
  begin(): JupyterMessage[] {
    this.asked.clear();
    this.answered.clear();
    this.failed = 0;
    const list: JupyterMessage[] = [];
    for (const c of this.cells) {
      if (!c.ok && !c.store) continue;
      const m = message("execute_request", {
        code: c.ok ? c.code : "", silent: c.silent, store_history: c.store, user_expressions: {}, allow_stdin: false, stop_on_error: false,
      });
      this.asked.set(m.header.msg_id, c.ok);
      list.push(m);
    }
    this.done = list.length === 0 ? Promise.resolve(0) : new Promise((resolve) => (this.finish = resolve));
    return list;
  }

  /** The id of the cell that is being run again; undefined if none is. */
  get running(): string | undefined {
    for (const id of this.asked.keys()) return id;
    return undefined;
  }

  /** Takes a message that belongs to a cell that is run again, and says whether it is one. */
  take(parent: string, m: JupyterMessage): boolean {
    if (this.answered.has(parent)) return true;
    const ok = this.asked.get(parent);
    if (ok === undefined) return false;
    if (m.header.msg_type === "execute_reply") {
      if (ok && m.content["status"] !== "ok") this.failed++;
      this.asked.delete(parent);
      this.answered.add(parent);
      if (this.asked.size === 0) this.finish?.(this.failed);
    }
    return true;
  }

  /** Forgets all cells. */
  forget(): void {
    this.cells = [];
    this.asked.clear();
    this.finish?.(this.failed);
  }
}
