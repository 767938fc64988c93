// What a visit without a network will need is kept after the first one: the service worker answers from this cache.
export interface Wish {
  /** The service worker, in the folder of the site. */
  worker: URL;
  /** Files to be kept. */
  wanted: string[];
  /** Addresses of other files that may stay if they were fetched. */
  known: string[];
  /** Whose files those are that are neither wanted nor known: an older version's, if they have a digest in their name. */
  ours(url: string): boolean;
}

/** What has a digest or a version of Go in its name never changes. The service worker, which imports nothing, says the same. */
const permanent = (site: string, url: string): boolean => url.startsWith(site) && /^(lite\/)?assets\/|^src\/|\.gz$/.test(url.slice(site.length));

/** What this page has fetched so far, of the files below a folder. */
export const fetched = (folder: string): string[] =>
  performance.getEntriesByType("resource").map((e) => e.name).filter((u) => u.startsWith(folder) && !u.includes("?"));

/** The reader pays for what is loaded, and has said so. */
export const sparing = (): boolean => (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;

/** How long to wait, in ms: what the reader does first needs the network and the processor more. */
const later = 3_000;

/** The service worker's cache. The service worker, which imports nothing, says the same. */
const cacheName = (site: string): string => `rt0 ${BUILD} ${site}`;

/** Waits until the service worker is the one that the host has now, if the host can be asked. */
async function updated(registration: ServiceWorkerRegistration): Promise<void> {
  await registration.update().catch(() => undefined);
  const next = registration.installing ?? registration.waiting;
  while (next && next.state !== "activated" && next.state !== "redundant") await new Promise((r) => next.addEventListener("statechange", r, { once: true }));
}

/** Keeps files, where the browser lets it, and throws away what older versions of them have left. */
export async function keep(wish: () => Promise<Wish>): Promise<void> {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  try {
    await new Promise((r) => setTimeout(r, later));
    const { worker, wanted, known, ours } = await wish(), site = new URL(".", worker).href;
    const registration = await navigator.serviceWorker.register(worker);
    await navigator.serviceWorker.ready;
    await updated(registration);
    const name = cacheName(site);
    if (!await caches.has(name)) return; // this page is older than the service worker: what it would keep, nobody would read
    const cache = await caches.open(name);
    const there = (await cache.keys()).map((r) => r.url).filter((u) => permanent(site, u));
    const stay = new Set([...known, ...wanted]), has = new Set(there);
    await cache.addAll([...new Set(wanted)].filter((u) => !has.has(u)));
    await Promise.all(there.filter((u) => ours(u) && !stay.has(u)).map((u) => cache.delete(u)));
    document.documentElement.dataset["kept"] = "true";
  } catch {
    // Offline use is an extra: everything works without it.
  }
}
