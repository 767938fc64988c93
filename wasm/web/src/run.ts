// A run: one machine in its worker, and what the page knows of it.
import { signal } from "@preact/signals";
import { start, type Moment } from "./link";
import { Canceled, type Machine } from "./machine";
import type { Config, Lanes, Listing, Move, Outline, Reply, Request, View } from "./protocol";
import { shared } from "./share";
import type { Word } from "./words";

/** What a run needs of the page around it. */
export interface Surroundings {
  /** The figures that a view needs, when the machine will make that move. */
  drawings(run: Run, m?: Move): Pick<Request, "figures" | "lang">;
  breaks(): Request["breaks"];
  /** Something is under way that a person can stop, or nothing is ("") any more. */
  busy(doing: Word | ""): void;
  problem(text: string): void;
  /** A new view is shown. */
  moved(run: Run): void;
  /** No new view has been shown for a while. */
  settled(run: Run): void;
}

export const message = (e: unknown): string => (e instanceof Error ? e.message : String(e));

/** How long the reader must pause until what takes longer is computed, in milliseconds. */
const pause = 250;

export class Run {
  readonly outline = signal<Outline | null>(null);
  readonly view = signal<View | null>(null);
  readonly moment = signal<Moment>(start);
  /** The state hash, "" while it is not known. */
  readonly hash = signal("");
  readonly lanes = signal<Lanes | null>(null);
  /** All of the current function, a moment after the machine came there. */
  readonly listing = signal<Listing | null>(null);
  readonly sources = signal<Record<string, string>>({});
  /** The reader's own file, which no link can name; null if the program is a sample. */
  readonly own = signal<{ name: string; bytes: Uint8Array } | null>(null);

  private cancel: (() => void) | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private settling: ReturnType<typeof setTimeout> | undefined;
  private wanted: number | null = null;
  private scrubbing = false;

  constructor(private machine: Machine, private page: Surroundings) {
    // What waited for the old worker fails first, and says so.
    machine.onState = (state) => setTimeout(() => {
      page.busy(state === "restarting" ? "restarting" : "");
      if (state === "lost") page.problem("lost");
    });
  }

  /** Sends requests one after the other, and shows what fails. quiet ones are nobody's wish: they neither show that they run nor
   * that they failed. */
  ask(request: Request, doing: Word, program: Uint8Array | null = null, quiet = false): Promise<Reply | null> {
    const run = async (): Promise<Reply | null> => {
      const shown = quiet ? undefined : setTimeout(() => this.page.busy(doing), 150);
      try {
        const begun = performance.now();
        const sent = this.machine.send(request, program);
        this.cancel = sent.cancel;
        const reply = await sent.reply;
        if (request.method === "boot") performance.measure("boot", { start: begun });
        if (!quiet) this.page.problem("");
        return reply;
      } catch (e) {
        if (!quiet) this.page.problem(e instanceof Canceled ? "stopped" : message(e));
        return null;
      } finally {
        clearTimeout(shown);
        if (!quiet) this.page.busy("");
        this.cancel = null;
      }
    };
    const result = this.queue.then(run);
    this.queue = result;
    return result;
  }

  stop(): void {
    this.cancel?.();
  }

  dispose(): void {
    clearTimeout(this.settling);
    this.machine.dispose();
  }

  async boot(config: Config, moment: Moment, program: Uint8Array, own: { name: string; bytes: Uint8Array } | null): Promise<boolean> {
    const r = await this.ask({ method: "boot", config, move: { to: "tick", tick: moment.tick }, ...this.page.drawings(this) }, "booting", program);
    if (!r?.outline) return false;
    this.outline.value = r.outline;
    this.own.value = own;
    this.moment.value = moment;
    this.sources.value = {};
    this.lanes.value = null;
    this.listing.value = null;
    this.show(r);
    await this.complete();
    return true;
  }

  async go(m: Move): Promise<void> {
    const request: Request = { method: "move", move: m, ...this.page.drawings(this, m) };
    const breaks = m.to === "breakpoint" ? this.page.breaks() : undefined;
    if (breaks) request.breaks = breaks;
    const r = await this.ask(request, "running");
    this.show(r);
    await this.complete();
  }

  /** Follows the slider: while one seek is under way only the newest wish is remembered. */
  async scrub(tick: number): Promise<void> {
    this.wanted = tick;
    if (this.scrubbing) return;
    this.scrubbing = true;
    while (this.wanted !== null) {
      const m: Move = { to: "tick", tick: this.wanted };
      this.wanted = null;
      await this.go(m);
    }
    this.scrubbing = false;
  }

  /** Asks for the view again, in another language or with other figures. */
  async refresh(): Promise<void> {
    this.show(await this.ask({ method: "view", ...this.page.drawings(this) }, "loading"));
  }

  private show(r: Reply | null): void {
    if (!r?.view) return;
    this.view.value = shared(this.view.peek(), r.view);
    this.moment.value = { ...this.moment.peek(), tick: r.view.tick };
    this.hash.value = "";
    this.page.moved(this);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => void this.settle(), pause);
  }

  /** The stage's figure may be another one than had been foreseen. */
  private async complete(): Promise<void> {
    const wanted = this.page.drawings(this);
    const v = this.view.peek();
    if (!v || wanted.figures!.every((f) => v.pictures.some((p) => p.name === f))) return;
    const again = await this.ask({ method: "view", ...wanted }, "loading", null, true);
    if (again?.view && again.view.tick === this.view.peek()?.tick) this.view.value = shared(this.view.peek(), { ...again.view, note: v.note });
  }

  private async settle(): Promise<void> {
    this.page.settled(this);
    const v = this.view.peek();
    if (!v) return;
    const still = (): boolean => this.view.peek()?.tick === v.tick;
    if (this.listing.peek()?.func !== v.symbol || !this.listing.peek()?.code.some((c) => c.addr === pc(v))) {
      this.listing.value = (await this.ask({ method: "listing" }, "loading", null, true))?.listing ?? null;
    }
    if (!still()) return;
    if ((this.lanes.peek()?.to ?? 0) < v.furthest) {
      const lanes = (await this.ask({ method: "lanes", from: 0, to: v.furthest }, "loading", null, true))?.lanes;
      if (lanes) this.lanes.value = lanes;
    }
    if (!still()) return;
    const hash = (await this.ask({ method: "hash" }, "loading", null, true))?.hash;
    if (hash && still()) this.hash.value = hash;
  }
}

/** The address of the next instruction. */
export const pc = (v: View): string => v.registers.find((r) => r.name === "rip")?.value ?? "";
