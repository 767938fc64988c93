import { compiled } from "./fetch";
import type { Config, FromWorker, Reply, Request, ToWorker } from "./protocol";

/** A request was canceled: by its reader, or because a newer one made it needless. */
export class Canceled extends Error {}

/** restarting: the worker had died or did not listen, and another one brings the machine back to its last moment. */
export type MachineState = "ready" | "restarting" | "lost";

interface Pending { resolve(r: Reply): void; reject(e: Error): void; early?: ((r: Reply) => void) | undefined; watch?: ReturnType<typeof setTimeout> }

/** How long a canceled request may take to end before its worker is replaced, in ms. */
const patience = 2_000;

/** What the machine is, from which it can be made again: machines are values. */
interface Last { config: Config; program: Uint8Array; tick: number }

/** The machine in its worker. Whatever becomes of the worker, the machine's last moment comes back. */
export class Machine {
  /** Told when the worker had to be replaced, and when the machine is back. */
  onState: (state: MachineState, why: string) => void = () => {};

  private worker: Worker;
  private readonly flag = typeof SharedArrayBuffer === "undefined" ? null : new Int32Array(new SharedArrayBuffer(4));
  private pending = new Map<number, Pending>();
  private last: Last | null = null;
  private count = 0;
  private failures = 0;

  /** The module may still be on its way: the worker is started at once, and begins when it has come. */
  constructor(private module: Promise<WebAssembly.Module>) {
    this.worker = this.spawn();
  }

  static load(url: string): Machine {
    return new Machine(compiled(url, "machine"));
  }

  /** A second machine of the same compiled module, in a worker of its own. */
  another(): Machine {
    return new Machine(this.module);
  }

  /** Ends the worker. What waits for an answer is not answered. */
  dispose(): void {
    this.worker.terminate();
  }

  private spawn(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => { if (worker === this.worker) this.receive(data); };
    worker.onerror = (e) => { if (worker === this.worker) this.fail(e.message || "its worker failed"); };
    this.module.then((module) => worker.postMessage({ kind: "start", module, flag: this.flag?.buffer ?? null } satisfies ToWorker), () => {});
    return worker;
  }

  private receive(m: FromWorker): void {
    if (m.kind === "died") return this.fail(m.error);
    if (m.kind === "ready") {
      performance.measure("start machine", { start: m.begun - performance.timeOrigin, end: m.ready - performance.timeOrigin });
      return;
    }
    const p = this.pending.get(m.id);
    if (!m.last) return p?.early?.(JSON.parse(m.reply) as Reply);
    this.pending.delete(m.id);
    clearTimeout(p?.watch);
    if (m.error === "context canceled" || m.error.endsWith(": context canceled")) p?.reject(new Canceled(m.error));
    else if (m.error) p?.reject(new Error(m.error));
    else p?.resolve(JSON.parse(m.reply) as Reply);
  }

  /** Everything that waits fails with e. */
  private end(e: Error): void {
    const all = [...this.pending.values()];
    this.pending.clear();
    for (const p of all) {
      clearTimeout(p.watch);
      p.reject(e);
    }
  }

  /** The worker is of no use any more: what waits fails, and another worker brings the machine back. */
  private fail(why: string, stopped = false): void {
    this.worker.terminate();
    this.worker = this.spawn();
    const waiting = this.pending.size > 0;
    this.end(stopped ? new Canceled(why) : new Error(waiting ? `${why}: it was started again` : why));
    const last = this.last;
    if (!last) return this.onState("ready", why);
    // What kills the worker at its last moment may kill it again: then the start of the run must do, and if not that, nothing.
    if (++this.failures > 2) {
      this.last = null;
      this.failures = 0;
      return this.onState("lost", why);
    }
    this.onState("restarting", why);
    const tick = this.failures > 1 ? 0 : last.tick;
    this.send({ method: "boot", config: last.config, move: { to: "tick", tick } }, last.program).reply.then(
      () => { this.failures = 0; this.onState("ready", why); },
      () => {}, // the worker has died again, and fail was called again
    );
  }

  /**
   * Sends a request. cancel() makes it end soon, with Canceled: if the machine does not listen, its worker is replaced. Of a
   * boot, early gets what is known of the machine before all is.
   */
  send(request: Request, program: Uint8Array | null = null, early?: (r: Reply) => void): { reply: Promise<Reply>; cancel(): void } {
    const id = ++this.count;
    const answer = new Promise<Reply>((resolve, reject) => this.pending.set(id, { resolve, reject, early }));
    this.module.catch((e: unknown) => this.end(e instanceof Error ? e : new Error(String(e))));
    this.worker.postMessage({ kind: "request", id, request: JSON.stringify(request), program } satisfies ToWorker);
    const reply = answer.then((r) => {
      if (request.method === "boot" && request.config && program) this.last = { config: request.config, program, tick: 0 };
      if (r.view && this.last) this.last.tick = r.view.tick;
      return r;
    });
    return { reply, cancel: () => this.cancel(id) };
  }

  private cancel(id: number): void {
    const p = this.pending.get(id);
    if (!p || p.watch) return;
    if (this.flag) Atomics.store(this.flag, 0, id);
    this.worker.postMessage({ kind: "cancel", id } satisfies ToWorker);
    p.watch = setTimeout(() => this.fail("the machine did not stop when asked", true), patience);
  }
}
