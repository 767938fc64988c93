// The script of the worker in which cells run: it starts the Go program that is the session and carries messages to and fro.
import "../generated/wasm_exec.js";
import type { FromSession, ToSession } from "./session-protocol";

interface GoProgram { importObject: WebAssembly.Imports; run(instance: WebAssembly.Instance): Promise<void> }

const scope = globalThis as unknown as {
  Go: new () => GoProgram;
  fs: { writeSync(fd: number, bytes: Uint8Array): number };
  rt0Ready(): void;
  rt0Send(channel: string, text: string, buffers: ArrayBuffer[]): void;
  rt0Moment(text: string): void;
  rt0Yield(resume: () => void): void;
  rt0Fetch(path: string): Promise<Uint8Array>;
  rt0Receive(channel: string, text: string, buffers: ArrayBuffer[]): void;
  rt0SetMoment(text: string, program: Uint8Array | null): void;
  postMessage(m: FromSession, transfer?: Transferable[]): void;
  onmessage: ((e: MessageEvent<ToSession>) => void) | null;
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
scope.rt0Send = (channel, text, buffers) => scope.postMessage({ kind: "message", channel, text, buffers }, buffers);
scope.rt0Moment = (text) => scope.postMessage({ kind: "moment", text });

let ready = false;
const waiting: ToSession[] = [];
scope.rt0Ready = () => {
  ready = true;
  scope.postMessage({ kind: "ready" });
  for (const m of waiting.splice(0)) deliver(m);
};

// Go tells why it ends on its standard error.
let last = "";
const writeSync = scope.fs.writeSync.bind(scope.fs);
scope.fs.writeSync = (fd, bytes) => {
  if (fd === 2 && last.length < 10_000) last += new TextDecoder().decode(bytes);
  return writeSync(fd, bytes);
};

let flag: Int32Array | null = null; // is raised by the page for an interrupt, if the two share memory

function deliver(m: ToSession): void {
  if (m.kind === "message") {
    if (m.interrupt && flag) Atomics.store(flag, 0, 0); // or it would end the next cell
    scope.rt0Receive(m.channel, m.text, m.buffers);
  }
  if (m.kind === "moment") scope.rt0SetMoment(m.text, m.program);
}

async function start(module: WebAssembly.Module, base: string, shared: SharedArrayBuffer | null): Promise<void> {
  flag = shared && new Int32Array(shared);
  scope.rt0Fetch = async (path) => {
    const response = await fetch(new URL(path, base));
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  const go = new scope.Go();
  go.importObject["rt0"] = { interrupted: () => (flag ? Atomics.exchange(flag, 0, 0) : 0) };
  await go.run(await WebAssembly.instantiate(module, go.importObject));
  throw new Error(/^(?:fatal error|panic|rt0 session): .*/m.exec(last)?.[0] ?? "the session has ended");
}

scope.onmessage = ({ data }) => {
  if (data.kind === "start") {
    start(data.module, data.base, data.flag).catch((e: unknown) => scope.postMessage({ kind: "died", error: e instanceof Error ? e.message : String(e) }));
  } else if (ready) deliver(data);
  else waiting.push(data);
};
