// The service worker: after the first load the page works without a network. What has a digest in its name never changes and
// comes from the cache, as do sources, whose folders name a version; all else comes from the network if there is one.
interface FetchEventLike extends Event { request: globalThis.Request; respondWith(r: Promise<Response>): void }
interface Lifecycle extends Event { waitUntil(p: Promise<unknown>): void }
const scope = globalThis as unknown as {
  addEventListener(type: string, f: (e: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};

const site = new URL(".", location.href).href; // whose own address may have an assets/ or a src/ in it
const permanent = (url: string): boolean => url.startsWith(site) && /^(lite\/)?assets\/|^src\/|\.gz$/.test(url.slice(site.length));

// Each build has a cache of its own, and so has each site: all those of a host share one storage. offline.ts says the same.
const cacheName = `rt0 ${BUILD} ${site}`;
const old = (name: string): boolean => name === "rt0-1" || name.startsWith("rt0 ") && name.endsWith(` ${site}`) && name !== cacheName;

scope.addEventListener("install", (e: Lifecycle) => e.waitUntil(Promise.all([caches.open(cacheName), scope.skipWaiting()])));
scope.addEventListener("activate", (e: Lifecycle) => e.waitUntil(takeOver()));
scope.addEventListener("fetch", (e: FetchEventLike) => {
  if (e.request.method === "GET" && new URL(e.request.url).origin === location.origin) e.respondWith(answer(e.request));
});

/** From here on the pages are this build's, and nobody reads what older ones have kept. */
async function takeOver(): Promise<void> {
  await Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function answer(request: globalThis.Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  // A page's query says what it shows; the file is the same.
  const kept = await cache.match(request, { ignoreVary: true, ignoreSearch: request.mode === "navigate" });
  if (kept && permanent(request.url)) return kept;
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch (e) {
    if (kept) return kept;
    throw e;
  }
}
