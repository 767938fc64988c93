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

export interface View {
  tick: number; furthest: number; stage: number; atStage: boolean; story: Text; stamp: string;
  tid: number; symbol: string; file: string; line: number;
  registers: Register[]; facts: Fact[]; absent: { name: string; why: Text }[]; code: CodeLine[]; threads: Thread[];
  output: string; calls: { tick: number; tid: number; text: string }[]; ended: string; pictures: Picture[]; note: string;
}

export interface Config { name: string; args: string[]; env: string[]; cpus: number; seed: number }
export interface Move { to: string; tick?: number; stage?: string; place?: string; back?: boolean }

export interface Request {
  method: "boot" | "move" | "view" | "whoWrote" | "hash" | "json";
  config?: Config; move?: Move; expr?: string; figures?: string[]; lang?: Lang;
}
export interface Reply { outline?: Outline; view?: View; write?: Write; hash?: string; json?: string }

export interface Sample { name: string; summary: string; go: string; file: string; sources: string }
export interface Index { machine: string; samples: Sample[] }

/** What the page posts to the worker, and what comes back. */
export type ToWorker =
  | { kind: "start"; module: WebAssembly.Module }
  | { kind: "request"; id: number; request: string; program: Uint8Array | null }
  | { kind: "cancel"; id: number };
export type FromWorker =
  | { kind: "reply"; id: number; reply: string; error: string }
  | { kind: "died"; error: string };
