async function got(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response;
}

/** The bytes of a gzipped file, unpacked, whether or not the host or the browser has unpacked them already. */
export async function unpacked(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await (await got(url)).arrayBuffer());
  if (!isGzip(bytes)) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw damaged(url);
  }
}

const isGzip = (b: Uint8Array): boolean => b[0] === 0x1f && b[1] === 0x8b;
const damaged = (url: string): Error => new Error(`${url} has arrived damaged; load the page again`);

/** A module, unpacked and compiled while it arrives. The times go into the browser's performance entries under its name. */
export async function compiled(url: string, name: string): Promise<WebAssembly.Module> {
  const begun = performance.now();
  const response = await got(url);
  if (!response.body) throw damaged(url);
  const type = { headers: { "Content-Type": "application/wasm" } };
  const [head, rest] = await peek(response.body);
  const stream = isGzip(head) ? rest.pipeThrough(new DecompressionStream("gzip")) : rest;
  try {
    return await WebAssembly.compileStreaming(new Response(stream, type));
  } catch (e) {
    if (e instanceof WebAssembly.CompileError || e instanceof TypeError) throw damaged(url);
    throw e;
  } finally {
    performance.measure(`load ${name}`, { start: begun });
  }
}

/** The first bytes of a stream, and all of it. */
async function peek(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<[Uint8Array, ReadableStream<BufferSource>]> {
  const reader = stream.getReader();
  const first = await reader.read();
  const head = first.value ?? new Uint8Array();
  const rest = new ReadableStream<BufferSource>({
    start(c) { if (head.length) c.enqueue(head); },
    async pull(c) {
      const { done, value } = await reader.read();
      if (done) c.close();
      else c.enqueue(value);
    },
    cancel: (why) => reader.cancel(why),
  });
  return [head, rest];
}

export async function json<T>(url: string): Promise<T> {
  return (await (await got(url, { cache: "no-cache" })).json()) as T;
}
