import { unpacked } from "./fetch";
import type { FromWorker, Reply, Request, ToWorker } from "./protocol";

/** A request was canceled because a newer one made it needless. */
export class Canceled extends Error {}

interface Pending { resolve(r: Reply): void; reject(e: Error): void }

/** The machine in its worker. */
export class Machine {
  private worker: Worker;
  private pending = new Map<number, Pending>();
  private last = 0;

  private constructor(private module: WebAssembly.Module) {
    this.worker = this.spawn();
  }

  static async load(url: string): Promise<Machine> {
    const begun = performance.now();
    const bytes = await unpacked(url);
    performance.measure("unpack machine", { start: begun });
    const module = await WebAssembly.compile(bytes);
    performance.measure("load machine", { start: begun });
    return new Machine(module);
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
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data);
    worker.onerror = (e) => this.fail(new Error(e.message || "the machine's worker failed"));
    worker.postMessage({ kind: "start", module: this.module } satisfies ToWorker);
    return worker;
  }

  private receive(m: FromWorker): void {
    if (m.kind === "died") {
      this.fail(new Error(m.error));
      return;
    }
    const p = this.pending.get(m.id);
    this.pending.delete(m.id);
    if (m.error === "context canceled" || m.error.endsWith(": context canceled")) p?.reject(new Canceled(m.error));
    else if (m.error) p?.reject(new Error(m.error));
    else p?.resolve(JSON.parse(m.reply) as Reply);
  }

  /** Everything that waits fails; the next boot gets a fresh worker of the same compiled module. */
  private fail(e: Error): void {
    this.worker.terminate();
    this.worker = this.spawn();
    const all = [...this.pending.values()];
    this.pending.clear();
    for (const p of all) p.reject(e);
  }

  /** Sends a request. cancel() makes it end soon, with Canceled. */
  send(request: Request, program: Uint8Array | null = null): { reply: Promise<Reply>; cancel(): void } {
    const id = ++this.last;
    const reply = new Promise<Reply>((resolve, reject) => this.pending.set(id, { resolve, reject }));
    this.worker.postMessage({ kind: "request", id, request: JSON.stringify(request), program } satisfies ToWorker);
    return { reply, cancel: () => this.worker.postMessage({ kind: "cancel", id } satisfies ToWorker) };
  }
}
