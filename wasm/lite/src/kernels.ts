// The kernels of this page: JupyterLab's client for kernels, with a session in a worker where it expects a server.
// JupyterLite has such a client too, but its interrupt only drops the cells that wait, and its kernels' base class drops
// comm_info, interrupt and debug requests; here every message reaches the kernel as it is.
import { KernelMessage, ServerConnection, type Kernel } from "@jupyterlab/services";
import { UUID } from "@lumino/coreutils";
import { Signal, type ISignal } from "@lumino/signaling";
import { Session, type Channel, type JupyterMessage } from "../../web/src/session";
import { settings, type Exchange, type Socket } from "./socket";

interface Running {
  model: Kernel.IModel;
  session: Session;
  /** Settles when the session answers: messages wait for it. */
  ready: Promise<void>;
}

/** What JupyterLite's client for sessions wants to know: which kernel has gone. */
export interface Change { type: "add" | "remove"; key: string; newValue?: Kernel.IModel; oldValue?: Kernel.IModel }

export class Kernels implements Kernel.IKernelAPIClient, Exchange {
  readonly serverSettings: ServerConnection.ISettings;
  private readonly running = new Map<string, Running>();
  private readonly sockets = new Set<Socket>();
  private readonly changes = new Signal<this, Change>(this);
  private readonly failures = new Signal<this, string>(this);

  /** site is the address of the folder that holds index.json. */
  constructor(private readonly site: string) {
    this.serverSettings = ServerConnection.makeSettings(settings(this));
  }

  get changed(): ISignal<this, Change> {
    return this.changes;
  }

  /** What went wrong with a kernel, for a person: why it did not start, or died, or what a new worker could not do again. */
  get failed(): ISignal<this, string> {
    return this.failures;
  }

  /** A restart keeps the kernel. */
  isRestarting(): boolean {
    return false;
  }

  async startNew(options: Kernel.IKernelOptions & { id?: string } = {}): Promise<Kernel.IModel> {
    const model = { id: options.id ?? UUID.uuid4(), name: options.name || "rt0" };
    const session = new Session({
      base: this.site,
      onMessage: (channel, m) => this.receive(model.id, channel, m),
      onState: (state, why) => {
        if (state === "dead") this.died(model.id, why ?? "the kernel has ended");
        else if (state === "ready" && why) this.failures.emit(why);
      },
    });
    const ready = session.start();
    this.running.set(model.id, { model, session, ready });
    this.changes.emit({ type: "add", key: model.id, newValue: model });
    // JupyterLab shows that the kernel is being started; the wait is not here, so that the notebook can be read meanwhile.
    ready.catch((e: unknown) => this.died(model.id, e instanceof Error ? e.message : String(e)));
    return model;
  }

  async restart(id: string): Promise<void> {
    await this.find(id).session.restart();
  }

  async interrupt(id: string): Promise<void> {
    this.find(id).session.interrupt();
  }

  async shutdown(id: string): Promise<void> {
    const kernel = this.running.get(id);
    if (!kernel) return;
    this.running.delete(id);
    kernel.session.dispose();
    this.changes.emit({ type: "remove", key: id, oldValue: kernel.model });
  }

  async listRunning(): Promise<Kernel.IModel[]> {
    return [...this.running.values()].map((k) => k.model);
  }

  async getModel(id: string): Promise<Kernel.IModel | undefined> {
    return this.running.get(id)?.model;
  }

  attach(socket: Socket): void {
    this.sockets.add(socket);
  }

  detach(socket: Socket): void {
    this.sockets.delete(socket);
  }

  deliver(id: string, m: KernelMessage.IMessage): void {
    const kernel = this.running.get(id);
    if (!kernel) return;
    const message = { header: m.header, parent_header: m.parent_header, metadata: m.metadata, content: m.content, buffers: m.buffers ?? [] } as unknown as JupyterMessage;
    kernel.ready.then(() => kernel.session.send(m.channel as Channel, message)).catch(() => {}); // died has told
  }

  private find(id: string): Running {
    const kernel = this.running.get(id);
    if (!kernel) throw new Error("This kernel is no longer running: restart it from the Kernel menu.");
    return kernel;
  }

  /** Replies go to the client that asked; what the kernel publishes goes to all. */
  private receive(id: string, channel: Channel, m: JupyterMessage): void {
    const message = { buffers: [], ...m, metadata: m.metadata ?? {}, channel } as unknown as KernelMessage.IMessage;
    for (const socket of this.sockets) {
      if (socket.kernelId !== id) continue;
      if (channel === "iopub" || socket.clientId === m.parent_header.session) socket.onmessage?.({ data: message });
    }
  }

  private died(id: string, why: string): void {
    if (!this.running.has(id)) return;
    const status = KernelMessage.createMessage<KernelMessage.IStatusMsg>({
      msgType: "status", channel: "iopub", session: id, content: { execution_state: "dead" },
    });
    for (const socket of this.sockets) {
      if (socket.kernelId === id) socket.onmessage?.({ data: status });
    }
    void this.shutdown(id);
    this.failures.emit(why);
  }
}
