// The worker's script: it starts the Go program that is the machine and carries messages to and fro.
import "../generated/wasm_exec.js";
import type { FromWorker, ToWorker } from "./protocol";

interface GoProgram { importObject: WebAssembly.Imports; run(instance: WebAssembly.Instance): Promise<void> }

const scope = globalThis as unknown as {
  Go: new () => GoProgram;
  rt0Ready(): void;
  rt0Reply(id: number, reply: string, error: string, last: boolean): void;
  rt0Yield(resume: () => void): void;
  rt0Request(id: number, request: string, program: Uint8Array | null): void;
  rt0Cancel(id: number): void;
  postMessage(m: FromWorker): void;
  onmessage: ((e: MessageEvent<ToWorker>) => void) | null;
};

// A message to oneself comes after those that wait already, and unlike a timer it comes at once.
const turn = new MessageChannel();
let resume: (() => void) | null = null;
turn.port1.onmessage = () => {
  const f = resume;
  resume = null;
  f?.();
};
scope.rt0Yield = (f) => {
  resume = f;
  turn.port2.postMessage(null);
};
scope.rt0Reply = (id, reply, error, last) => scope.postMessage({ kind: "reply", id, reply, error, last });

/** Now, in ms since 1970: pages and workers have clocks that begin at different times. */
const now = (): number => performance.timeOrigin + performance.now();

let ready = false, begun = 0;
const waiting: ToWorker[] = [];
scope.rt0Ready = () => {
  ready = true;
  scope.postMessage({ kind: "ready", begun, ready: now() });
  for (const m of waiting.splice(0)) deliver(m);
};

function deliver(m: ToWorker): void {
  if (m.kind === "request") scope.rt0Request(m.id, m.request, m.program);
  if (m.kind === "cancel") scope.rt0Cancel(m.id);
}

async function start(module: WebAssembly.Module, shared: SharedArrayBuffer | null): Promise<void> {
  begun = now();
  const flag = shared && new Int32Array(shared);
  const go = new scope.Go();
  go.importObject["rt0"] = { canceled: () => (flag ? Atomics.load(flag, 0) : -1) };
  await go.run(await WebAssembly.instantiate(module, go.importObject));
  throw new Error("the machine has ended");
}

scope.onmessage = ({ data }) => {
  if (data.kind === "start") {
    start(data.module, data.flag).catch((e: unknown) => scope.postMessage({ kind: "died", error: String(e) }));
  } else if (ready) deliver(data);
  else waiting.push(data);
};
