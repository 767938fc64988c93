// The service worker: after the first load the page works without a network. What has a digest in its name never changes and
// comes from the cache; all else comes from the network if there is one.
interface FetchEventLike extends Event { request: globalThis.Request; respondWith(r: Promise<Response>): void }
interface Lifecycle extends Event { waitUntil(p: Promise<unknown>): void }
const scope = globalThis as unknown as {
  addEventListener(type: string, f: (e: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};

const permanent = (url: URL): boolean => url.pathname.includes("/assets/") || url.pathname.endsWith(".gz");

scope.addEventListener("install", (e: Lifecycle) => e.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (e: Lifecycle) => e.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (e: FetchEventLike) => {
  const url = new URL(e.request.url);
  if (e.request.method === "GET" && url.origin === location.origin) e.respondWith(answer(e.request, url));
});

async function answer(request: globalThis.Request, url: URL): Promise<Response> {
  const cache = await caches.open(CACHE_NAME);
  // A page's query says what it shows; the file is the same.
  const kept = await cache.match(request, { ignoreVary: true, ignoreSearch: request.mode === "navigate" });
  if (kept && permanent(url)) return kept;
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch (e) {
    if (kept) return kept;
    throw e;
  }
}
