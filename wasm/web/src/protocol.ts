// The machine's requests and answers, as wasm/playground writes them.

export interface Text { en: string; zh: string }
export type Lang = keyof Text;

export interface Stage { id: string; title: Text; tick: number; missing: Text; figures: string[] | null }
export interface Outline { go: string; stages: Stage[]; figures: { name: string; title: Text }[] }
export interface Register { name: string; value: string; changed: boolean }
export interface Fact { name: string; value: string; changed: boolean; expr: string }
export interface CodeLine { addr: string; bytes: string; text: string; func: string; file: string; line: number; current: boolean }
export interface Thread { tid: number; state: string; waiting: string; symbol: string }
export interface Picture { name: string; svg: string; text: string }
export interface Write { tick: number; tid: number; goid: number; func: string; file: string; line: number; old: string; new: string }

/** Eight bytes of the stack; offset is from SP, bound the end of the stack that lies there, value and expr "" where no memory is. */
export interface StackWord { addr: string; value: string; offset: number; note: Text; bound: string; changed: boolean; expr: string }
/** The runtime's Gs, Ms and Ps, each with its fields, and its lists of them. */
export interface Graph { gs: Node[]; ms: Node[]; ps: Node[]; more: number; lists: Chain[] }
export interface Node { id: string; title: string; fields: Field[]; new: boolean }
/** to is the id of the node that the field points to, expr its memory. */
export interface Field { name: string; value: string; to: string; changed: boolean; expr: string }
export interface Chain { name: string; ids: string[]; end: string; changed: boolean; expr: string }

export interface Call { tick: number; tid: number; name: string; text: string }

export interface View {
  tick: number; furthest: number; stage: number; atStage: boolean; story: Text; stamp: string;
  tid: number; symbol: string; file: string; line: number;
  registers: Register[]; facts: Fact[]; absent: { name: string; why: Text }[]; code: CodeLine[]; threads: Thread[];
  stack: StackWord[]; graph: Graph | null;
  output: string; calls: Call[]; ended: string; pictures: Picture[]; note: string;
  /** The index of the breakpoint at which the move ended, if it did. */
  hit?: number;
}

/** mem is in bytes; of it and maxticks 0 is the default. */
export interface Config { name: string; args: string[]; env: string[]; cpus: number; seed: number; mem: number; maxticks: number }
/** A breakpoint: place is a function, FILE:LINE or an address; a run stops there if the condition holds ("" always does). */
export interface Break { place: string; if?: string }
export interface Place { addr: string; func: string; file: string; line: number }
export interface Resolved { place: string; at: Place[]; count: number; error: string }
/** A line of a source file from which code comes: where a breakpoint can be set. */
export interface SourceLine { line: number; addrs: string[] }
/** Who ran when: of each thread the stretches [from tick, to tick, goroutine]; goroutine 0 is the scheduler. */
export interface Lanes { from: number; to: number; step: number; lanes: { tid: number; born: number; spans: [number, number, number][] }[] }
/** All of a function's code. */
export interface Listing { func: string; from: string; to: string; code: CodeLine[]; cut: boolean }
/** Eight bytes of memory; bytes and value are "" where no memory is. */
export interface MemoryWord { addr: string; bytes: string; value: string; note: Text }

/** to is "tick", "stage", "place", "breakpoint" (of Request.breaks), "end", "instruction", "over", "line", "out" or "syscall". */
export interface Move { to: string; tick?: number; stage?: string; place?: string; back?: boolean }

export interface Request {
  method: "boot" | "move" | "view" | "whoWrote" | "whoChanged" | "hash" | "json" | "resolve" | "lines" | "lanes" | "listing" | "memory";
  config?: Config; move?: Move; figures?: string[]; lang?: Lang;
  /** Of "whoWrote" and "memory": an expression of the runtime's, a register, an address. Of "whoChanged": a register. */
  expr?: string;
  /** Of "resolve", and of a move to "breakpoint". */
  breaks?: Break[];
  /** Of "lines": a file's whole path. */
  file?: string;
  /** Of "listing": the place whose function is listed; "" or nothing is the current instruction. */
  place?: string;
  /** Of "lanes": ticks. */
  from?: number; to?: number;
  /** Of "memory": how many words before what expr means, and how many in all. */
  before?: number; count?: number;
}
export interface Reply {
  outline?: Outline; view?: View; write?: Write; hash?: string; json?: string;
  resolved?: Resolved[]; lines?: SourceLine[]; lanes?: Lanes; listing?: Listing; memory?: MemoryWord[];
}

export interface Sample { name: string; summary: string; go: string; file: string; sources: string }
export interface Index { machine: string; session: string; lessons: string; samples: Sample[] }

/** What the page posts to the worker, and what comes back. */
export type ToWorker =
  | { kind: "start"; module: WebAssembly.Module; flag: SharedArrayBuffer | null }
  | { kind: "request"; id: number; request: string; program: Uint8Array | null }
  | { kind: "cancel"; id: number };
export type FromWorker =
  | { kind: "reply"; id: number; reply: string; error: string; last: boolean }
  /** The Go program has begun and listens: when it did, in ms since 1970. */
  | { kind: "ready"; begun: number; ready: number }
  | { kind: "died"; error: string };
