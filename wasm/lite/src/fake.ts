// DEV ONLY
export type Channel = "shell" | "control" | "iopub" | "stdin";
export interface JupyterMessage {
  header: { msg_id: string; msg_type: string; session: string; username: string; date: string; version: string };
  parent_header: Partial<JupyterMessage["header"]>;
  metadata: Record<string, unknown>;
  content: Record<string, any>;
  buffers?: ArrayBuffer[];
}
export interface SessionOptions { base: string; onMessage(channel: Channel, m: JupyterMessage): void; onState?(state: "loading" | "ready" | "restarting" | "dead", why?: string): void }
export class Session {
  n = 0;
  constructor(private o: SessionOptions) {}
  async start(): Promise<void> { await new Promise((r) => setTimeout(r, 500)); }
  private msg(channel: Channel, type: string, parent: JupyterMessage, content: any) {
    this.o.onMessage(channel, { header: { msg_id: crypto.randomUUID(), msg_type: type, session: "k", username: "", date: new Date().toISOString(), version: "5.4" }, parent_header: parent.header, metadata: {}, content });
  }
  send(channel: Channel, m: JupyterMessage): void {
    const t = m.header.msg_type;
    this.msg("iopub", "status", m, { execution_state: "busy" });
    if (t === "kernel_info_request") this.msg("shell", "kernel_info_reply", m, { status: "ok", protocol_version: "5.4", implementation: "rt0", implementation_version: "0", banner: "", language_info: { name: "go", version: "1.26", mimetype: "text/x-go", file_extension: ".go", codemirror_mode: "go" }, help_links: [] });
    else if (t === "execute_request") {
      this.n++;
      this.msg("iopub", "execute_input", m, { code: m.content.code, execution_count: this.n });
      this.msg("iopub", "stream", m, { name: "stdout", text: "ran " + m.content.code.length + "\n" });
      this.msg("shell", "execute_reply", m, { status: "ok", execution_count: this.n, user_expressions: {} });
    } else if (t === "complete_request") this.msg("shell", "complete_reply", m, { status: "ok", matches: ["machine", "map"], cursor_start: 0, cursor_end: m.content.cursor_pos, metadata: {} });
    else if (t === "inspect_request") this.msg("shell", "inspect_reply", m, { status: "ok", found: true, data: { "text/plain": "doc" }, metadata: {} });
    else if (t === "comm_info_request") this.msg("shell", "comm_info_reply", m, { status: "ok", comms: {} });
    this.msg("iopub", "status", m, { execution_state: "idle" });
    void channel;
  }
  interrupt(): void {}
  async restart(): Promise<void> { this.n = 0; }
  dispose(): void {}
}
