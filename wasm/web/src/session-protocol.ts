// What the page and the worker of the cells post to each other, and the messages that they carry
// (https://jupyter-client.readthedocs.io/en/stable/messaging.html).

export type Channel = "shell" | "control" | "iopub" | "stdin";

export interface JupyterHeader { msg_id: string; msg_type: string; session: string; username: string; date: string; version: string }

export interface JupyterMessage {
  header: JupyterHeader;
  parent_header: Partial<JupyterHeader>;
  metadata: Record<string, unknown>;
  content: Record<string, any>;
  buffers?: ArrayBuffer[];
}

export type ToSession =
  | { kind: "start"; module: WebAssembly.Module; base: string; flag: SharedArrayBuffer | null }
  | { kind: "message"; channel: Channel; text: string; buffers: ArrayBuffer[]; interrupt: boolean }
  | { kind: "moment"; text: string; program: Uint8Array | null };

export type FromSession =
  | { kind: "ready" }
  | { kind: "message"; channel: string; text: string; buffers: ArrayBuffer[] }
  | { kind: "moment"; text: string }
  | { kind: "died"; error: string };

const version = "5.4";

const randomID = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16).padStart(8, "0")).join("");

/** This page's session in the protocol's sense. */
const page = randomID();

/** A new message; it belongs to parent, if there is one. */
export function message(type: string, content: JupyterMessage["content"], parent?: JupyterMessage): JupyterMessage {
  return {
    header: { msg_id: randomID(), msg_type: type, session: page, username: "page", date: new Date().toISOString(), version },
    parent_header: parent ? parent.header : {}, metadata: {}, content,
  };
}
