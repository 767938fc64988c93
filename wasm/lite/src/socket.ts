// JupyterLab's KernelConnection speaks through what it takes for a WebSocket. Here it is a hand-over of objects within the
// page: no bytes are made of messages.
import type { KernelMessage, ServerConnection } from "@jupyterlab/services";

/** Where the messages of a connection go to: the kernel of the socket's address. */
export interface Exchange {
  attach(socket: Socket): void;
  detach(socket: Socket): void;
  deliver(kernelId: string, message: KernelMessage.IMessage): void;
}

export class Socket {
  readonly protocol = "";
  readonly kernelId: string;
  /** The Jupyter session of the client at this end: replies to its requests name it. */
  readonly clientId: string;
  binaryType: BinaryType = "arraybuffer";
  readyState: number = WebSocket.CONNECTING;
  onopen: ((e: Event) => void) | null = null;
  onmessage: ((e: { data: KernelMessage.IMessage }) => void) | null = null;
  onclose: ((e: Event) => void) | null = null;
  onerror: ((e: Event) => void) | null = null;

  constructor(private readonly exchange: Exchange, address: string) {
    const url = new URL(address);
    this.kernelId = decodeURIComponent(/\/kernels\/([^/]+)\//.exec(url.pathname)?.[1] ?? "");
    this.clientId = url.searchParams.get("session_id") ?? "";
    queueMicrotask(() => {
      if (this.readyState !== WebSocket.CONNECTING) return;
      this.readyState = WebSocket.OPEN;
      exchange.attach(this);
      this.onopen?.(new Event("open"));
    });
  }

  send(message: KernelMessage.IMessage): void {
    this.exchange.deliver(this.kernelId, message);
  }

  close(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.exchange.detach(this);
    this.onclose?.(new CloseEvent("close", { code: 1000 }));
  }
}

/** The parts of the server's settings that make JupyterLab use such sockets, with messages left as they are. */
export function settings(exchange: Exchange): Partial<ServerConnection.ISettings> {
  class Connected extends Socket {
    constructor(address: string) {
      super(exchange, address);
    }
  }
  const asItIs = { serialize: (m: unknown) => m, deserialize: (m: unknown) => m };
  return {
    WebSocket: Connected as unknown as typeof WebSocket,
    serializer: asItIs as unknown as ServerConnection.ISettings["serializer"],
  };
}
