import { json, unpacked } from "./fetch";
import type { Moment } from "./link";
import { Replay } from "./session-replay";
import { message, type Channel, type FromSession, type JupyterMessage, type ToSession } from "./session-protocol";

export { message };
export type { Channel, JupyterMessage };

export type SessionState = "loading" | "ready" | "restarting" | "dead";

export interface SessionOptions {
  /** The URL of the folder that holds index.json. */
  base: string;
  onMessage(channel: Channel, m: JupyterMessage): void;
  /** Where cells have left a machine, after each cell that booted or moved one. */
  onMoment?(m: Moment): void;
  onState?(state: SessionState, why?: string): void;
  /** How long, in ms, an interrupted cell may take to end before its worker is replaced; 2 s unless told. */
  patience?: number;
}

/** How long, in ms, all cells may take to run again. */
const replayPatience = 30_000;

const modules = new Map<string, Promise<WebAssembly.Module>>();

/** The compiled module of a site, loaded once a page. */
function load(base: string): Promise<WebAssembly.Module> {
  let module = modules.get(base);
  if (!module) {
    const begun = performance.now();
    module = (async () => {
      const index = await json<{ session: string }>(new URL("index.json", base).href);
      const bytes = await unpacked(new URL(index.session, base).href);
      performance.measure("unpack session", { start: begun });
      const compiled = await WebAssembly.compile(bytes);
      performance.measure("load session", { start: begun });
      return compiled;
    })();
    modules.set(base, module);
    module.catch(() => modules.delete(base)); // the network may come back
  }
  return module;
}

/** A notebook's session in a worker of its own, behind whole Jupyter messages. */
export class Session {
  private readonly base: string;
  private readonly flag = typeof SharedArrayBuffer === "undefined" ? null : new SharedArrayBuffer(4);
  private worker: Worker | null = null;
  private starting: Promise<void> | null = null;
  private ready: (() => void) | null = null;
  /** Requests that have no answer yet, in the order in which they were sent. */
  private waiting = new Map<string, { channel: Channel; message: JupyterMessage }>();
  private replay = new Replay();
  private moment: { moment: Moment; program: Uint8Array | null } | null = null;
  private listeners = new Map<string, (channel: Channel, m: JupyterMessage) => void>();
  /** Ours, whose answers nobody else wants. */
  private own = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private options: SessionOptions) {
    this.base = new URL(options.base, globalThis.location?.href).href;
  }

  /** Loads the module and starts the worker. It resolves when the session answers. */
  start(): Promise<void> {
    return (this.starting ??= (async () => {
      this.state("loading");
      try {
        await this.spawn(await load(this.base));
      } catch (e) {
        this.starting = null;
        this.state("dead", e instanceof Error ? e.message : String(e));
        throw e;
      }
      this.state("ready");
    })());
  }

  /** Sends a request, or the answer to one of the session's on "stdin". Before start it waits. */
  send(channel: Channel, m: JupyterMessage): void {
    const type = m.header.msg_type;
    if (type.endsWith("_request")) this.waiting.set(m.header.msg_id, { channel, message: m });
    if (channel === "control" && type === "interrupt_request") this.watch();
    this.post(channel, m);
  }

  /** The next cell's `machine` stands here; it is booted when a cell uses it. program is the file if it is no sample. */
  setMoment(moment: Moment, program: Uint8Array | null = null): void {
    this.moment = { moment, program: program ?? (this.moment?.moment.sample === moment.sample ? this.moment.program : null) };
    this.worker?.postMessage({ kind: "moment", text: JSON.stringify(moment), program } satisfies ToSession);
  }

  /** Ends the cell that runs. If it does not notice, its worker is replaced and the cells that had succeeded are run again. */
  interrupt(): void {
    const m = message("interrupt_request", {});
    this.own.add(m.header.msg_id);
    this.send("control", m);
  }

  /** A fresh session: nothing is run again. */
  async restart(): Promise<void> {
    await this.replace("the session was restarted", false);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.end("the session has ended");
    this.state("dead");
  }

  /** Calls f with every message that belongs to the request, until the function returned is called. */
  listen(request: JupyterMessage, f: (channel: Channel, m: JupyterMessage) => void): () => void {
    this.listeners.set(request.header.msg_id, f);
    return () => this.listeners.delete(request.header.msg_id);
  }

  private state(s: SessionState, why?: string): void {
    this.options.onState?.(s, why);
  }

  private post(channel: Channel, m: JupyterMessage): void {
    const { buffers, ...rest } = m; // buffers go beside the JSON
    this.worker?.postMessage({
      kind: "message", channel, text: JSON.stringify(rest), buffers: buffers ?? [], interrupt: m.header.msg_type === "interrupt_request",
    } satisfies ToSession);
  }

  private async spawn(module: WebAssembly.Module): Promise<void> {
    const worker = new Worker(new URL("./session-worker.ts", import.meta.url), { type: "module" });
    this.worker = worker;
    if (this.flag) Atomics.store(new Int32Array(this.flag), 0, 0);
    worker.onmessage = ({ data }: MessageEvent<FromSession>) => this.receive(worker, data);
    worker.onerror = (e) => this.receive(worker, { kind: "died", error: e.message || "the worker of the cells failed" });
    const ready = new Promise<void>((resolve) => (this.ready = resolve));
    worker.postMessage({ kind: "start", module, base: this.base, flag: this.flag } satisfies ToSession);
    if (this.moment) worker.postMessage({ kind: "moment", text: JSON.stringify(this.moment.moment), program: this.moment.program } satisfies ToSession);
    for (const m of this.replay.begin()) this.post("shell", m);
    for (const w of this.waiting.values()) this.post(w.channel, w.message);
    await ready;
  }

  private receive(worker: Worker, data: FromSession): void {
    if (worker !== this.worker) return; // a last word of one that was replaced
    switch (data.kind) {
      case "ready":
        this.ready?.();
        return;
      case "died":
        void this.replace(data.error, true);
        return;
      case "moment":
        if (this.replay.running) return; // the page knows
        this.moment = { moment: JSON.parse(data.text) as Moment, program: this.moment?.program ?? null };
        this.options.onMoment?.(this.moment.moment);
        return;
      case "message": {
        const m = JSON.parse(data.text) as JupyterMessage;
        if (data.buffers.length > 0) m.buffers = data.buffers;
        this.take(data.channel as Channel, m);
      }
    }
  }

  private take(channel: Channel, m: JupyterMessage): void {
    const parent = m.parent_header.msg_id ?? "";
    if (this.replay.take(parent, m)) return;
    const request = this.waiting.get(parent);
    if (request && channel === request.channel && m.header.msg_type.endsWith("_reply")) {
      this.waiting.delete(parent);
      this.replay.note(request.message, m);
    }
    this.emit(channel, m);
    if (m.header.msg_type === "shutdown_reply" && channel === "control") this.shutDown(m.content["restart"] === true);
  }

  private emit(channel: Channel, m: JupyterMessage): void {
    const parent = m.parent_header.msg_id ?? "";
    if (this.own.has(parent)) return;
    this.listeners.get(parent)?.(channel, m);
    this.options.onMessage(channel, m);
  }

  private shutDown(restart: boolean): void {
    if (restart) void this.restart();
    else this.dispose();
  }

  /** Waits for the running cell to end. */
  private watch(): void {
    if (this.flag && this.running()) Atomics.store(new Int32Array(this.flag), 0, 1);
    const cell = this.running();
    if (!cell) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.running() === cell) void this.replace("it did not notice that it was interrupted", true);
    }, this.options.patience ?? 2_000);
  }

  /** The id of the cell that runs. */
  private running(): string | undefined {
    if (this.replay.running) return this.replay.running;
    for (const [id, w] of this.waiting) if (w.message.header.msg_type === "execute_request") return id;
    return undefined;
  }

  /** Starts another worker of the same module in the place of this one. */
  private async replace(why: string, again: boolean): Promise<void> {
    clearTimeout(this.timer);
    const stuck = this.replay.running !== undefined;
    this.state("restarting", why);
    this.end(why);
    if (!again || stuck) this.replay.forget(); // the same cell would be stuck again
    const waited = setTimeout(() => {
      if (this.replay.running) void this.replace("the cells took too long to run again", false);
    }, replayPatience);
    try {
      await this.spawn(await load(this.base));
      const failed = await this.replay.done;
      this.state("ready", failed > 0 ? `${failed} of the cells before could not be run again` : undefined);
    } catch (e) {
      this.state("dead", e instanceof Error ? e.message : String(e));
    } finally {
      clearTimeout(waited);
    }
  }

  /** Ends the worker, and answers what waits for it. */
  private end(why: string): void {
    this.worker?.terminate();
    this.worker = null;
    const all = [...this.waiting.values()];
    this.waiting.clear();
    let first = true;
    for (const { channel, message: m } of all) {
      const type = m.header.msg_type.replace(/_request$/, "_reply");
      const value = `the cell was ended together with its worker: ${why}`;
      const error = { status: "error", ename: "interrupted", evalue: value, traceback: [`\u001b[31minterrupted\u001b[0m: ${value}`] };
      const execute = m.header.msg_type === "execute_request";
      if (execute && first) this.emit("iopub", message("error", error, m));
      this.emit(channel, message(type, type === "interrupt_reply" ? { status: "ok" } : execute && !first ? { status: "aborted", execution_count: 0 } : error, m));
      this.emit("iopub", message("status", { execution_state: "idle" }, m));
      if (execute) {
        if (first) this.replay.note(m, message(type, error, m));
        first = false;
      }
    }
  }
}

export interface Output { type: "stream" | "display_data" | "execute_result" | "error" | "clear_output" | "update_display_data"; content: JupyterMessage["content"] }
const outputs = ["stream", "display_data", "execute_result", "error", "clear_output", "update_display_data"];

export interface RunOptions { silent?: boolean; store?: boolean; stdin?: boolean; expressions?: Record<string, string> }

/** Runs a cell. It resolves, with the content of the reply, when the cell has ended and all its output is there. */
export function run(s: Session, code: string, onOutput: (o: Output) => void, o: RunOptions = {}): Promise<{ status: "ok" | "error" | "aborted"; content: JupyterMessage["content"] }> {
  const request = message("execute_request", {
    code, silent: o.silent ?? false, store_history: o.store ?? !o.silent, user_expressions: o.expressions ?? {}, allow_stdin: o.stdin ?? true, stop_on_error: true,
  });
  return new Promise((resolve) => {
    let reply: JupyterMessage | null = null, idle = false;
    const stop = s.listen(request, (_, m) => {
      const type = m.header.msg_type;
      if (outputs.includes(type)) onOutput({ type: type as Output["type"], content: m.content });
      if (type === "execute_reply") reply = m;
      if (type === "status" && m.content["execution_state"] === "idle") idle = true;
      if (!reply || !idle) return;
      stop();
      resolve({ status: reply.content["status"] as "ok" | "error" | "aborted", content: reply.content });
    });
    s.send("shell", request);
  });
}
