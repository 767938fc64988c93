// A client of the session: cells, completions and inspections as Jupyter messages.
import type { Channel, JupyterMessage } from "../session";

export type Output =
  | { kind: "stream"; name: string; text: string }
  | { kind: "error"; name: string; value: string; traceback: string[] }
  | { kind: "display"; data: Record<string, unknown>; id: string; result: number | null };

/** What a cell says while it runs, and after. */
export interface Ear {
  output(o: Output): void;
  update(id: string, data: Record<string, unknown>): void;
  clear(wait: boolean): void;
  count(n: number): void;
  ask(prompt: string, password: boolean, answer: (value: string) => void): void;
}

export interface Done { status: "ok" | "error" | "aborted"; values: Record<string, string>; pages: Record<string, unknown>[]; next: { text: string; replace: boolean } | null }

interface Request { ear: Ear | null; reply: Record<string, any> | null; idle: boolean; end(reply: Record<string, any>): void }

/** So many requests are remembered after their end, for output that comes later. */
const remembered = 256;

export class Client {
  private requests = new Map<string, Request>();
  private last = 0;
  private readonly id = `page-${Date.now().toString(36)}`;

  constructor(private post: (c: Channel, m: JupyterMessage) => void) {}

  private message(type: string, content: Record<string, unknown>, parent: Partial<JupyterMessage["header"]> = {}): JupyterMessage {
    const header = { msg_id: `${this.id}-${++this.last}`, msg_type: type, session: this.id, username: "reader", date: new Date().toISOString(), version: "5.4" };
    return { header, parent_header: parent, metadata: {}, content };
  }

  private request(type: string, content: Record<string, unknown>, ear: Ear | null): Promise<Record<string, any>> {
    const m = this.message(type, content);
    return new Promise((end) => {
      this.requests.set(m.header.msg_id, { ear, reply: null, idle: false, end });
      for (const [id, r] of this.requests) {
        if (this.requests.size <= remembered) break;
        if (r.reply && r.idle) this.requests.delete(id);
      }
      this.post("shell", m);
    });
  }

  async execute(code: string, ear: Ear | null, o: { silent?: boolean; values?: Record<string, string> } = {}): Promise<Done> {
    const c = await this.request("execute_request", {
      code, silent: o.silent ?? false, store_history: !o.silent, user_expressions: o.values ?? {}, allow_stdin: ear !== null, stop_on_error: true,
    }, ear);
    const values: Record<string, string> = {};
    for (const [name, v] of Object.entries<any>(c["user_expressions"] ?? {})) if (v.status === "ok") values[name] = String(v.data?.["text/plain"] ?? "");
    const payload: any[] = Array.isArray(c["payload"]) ? c["payload"] : [];
    const next = payload.find((p) => p.source === "set_next_input");
    return {
      status: c["status"], values, pages: payload.filter((p) => p.source === "page").map((p) => p.data),
      next: next ? { text: String(next.text), replace: Boolean(next.replace) } : null,
    };
  }

  /** The completions at a place in the code, which counts UTF-16 units as JavaScript does. */
  async complete(code: string, at: number): Promise<{ from: number; to: number; matches: { text: string; type: string }[] }> {
    const c = await this.request("complete_request", { code, cursor_pos: [...code.slice(0, at)].length }, null);
    const types: any[] = c["metadata"]?.["_jupyter_types_experimental"] ?? [];
    const matches: string[] = c["matches"] ?? [];
    return {
      from: units(code, c["cursor_start"] ?? 0), to: units(code, c["cursor_end"] ?? 0),
      matches: matches.map((text, i) => ({ text, type: String(types[i]?.type ?? "") })),
    };
  }

  /** What is known of the thing at a place in the code; "" if nothing is. */
  async inspect(code: string, at: number): Promise<string> {
    const c = await this.request("inspect_request", { code, cursor_pos: [...code.slice(0, at)].length, detail_level: 0 }, null);
    return c["found"] ? String(c["data"]?.["text/plain"] ?? "") : "";
  }

  /** Takes what the session sends. */
  receive(channel: Channel, m: JupyterMessage): void {
    const r = this.requests.get(m.parent_header.msg_id ?? "");
    if (!r) return;
    const c = m.content, type = m.header.msg_type;
    if (channel === "shell") r.reply = c;
    else if (channel === "stdin" && type === "input_request") {
      r.ear?.ask(String(c["prompt"] ?? ""), Boolean(c["password"]), (value) => this.post("stdin", this.message("input_reply", { value }, m.header)));
    } else if (channel === "iopub") {
      if (type === "status") r.idle ||= c["execution_state"] === "idle";
      else if (r.ear) hear(r.ear, type, c);
    }
    if (r.reply && r.idle) r.end(r.reply);
  }

  /** Ends all that waits: the session that would have answered is gone. */
  abandon(): void {
    const all = [...this.requests.values()];
    this.requests.clear();
    for (const r of all) r.end({ status: "aborted" });
  }
}

function hear(ear: Ear, type: string, c: Record<string, any>): void {
  switch (type) {
    case "stream":
      return ear.output({ kind: "stream", name: String(c["name"]), text: String(c["text"]) });
    case "error":
      return ear.output({ kind: "error", name: String(c["ename"]), value: String(c["evalue"]), traceback: (c["traceback"] ?? []).map(String) });
    case "display_data":
      return ear.output({ kind: "display", data: c["data"] ?? {}, id: String(c["transient"]?.display_id ?? ""), result: null });
    case "execute_result":
      return ear.output({ kind: "display", data: c["data"] ?? {}, id: "", result: Number(c["execution_count"]) });
    case "update_display_data":
      return ear.update(String(c["transient"]?.display_id ?? ""), c["data"] ?? {});
    case "clear_output":
      return ear.clear(Boolean(c["wait"]));
    case "execute_input":
      return ear.count(Number(c["execution_count"]));
  }
}

/** How many UTF-16 units the first n code points of a text have. */
function units(text: string, n: number): number {
  let at = 0;
  for (const c of text) {
    if (n-- <= 0) break;
    at += c.length;
  }
  return at;
}
