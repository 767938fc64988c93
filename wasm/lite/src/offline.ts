// After the first load the notebooks work without a network: the site's service worker answers from the cache, and what was
// fetched before it stood in comes again, from the browser's own cache.
import { base, site } from "./config";

interface Index { session: string; samples: { name: string; file: string }[] }

export async function keep(): Promise<void> {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  try {
    await navigator.serviceWorker.register(new URL("sw.js", site));
    await navigator.serviceWorker.ready;
    const index = (await (await fetch(new URL("index.json", site))).json()) as Index;
    const urls = performance.getEntriesByType("resource").map((e) => e.name).filter((u) => u.startsWith(site) && !u.includes("?"));
    const files = ["index.json", index.session, ...index.samples.filter((s) => s.name === "hello").map((s) => s.file)].map((f) => new URL(f, site).href);
    // hello is what the lessons boot; other samples are kept when a cell has used them.
    const pages = ["notebooks/index.html", "tree/index.html", ...NOTEBOOKS.map((n) => `files/${n.path}`)].map((f) => new URL(f, base).href);
    const themes = ["light", "dark"].map((t) => new URL(`themes/@jupyterlab/theme-${t}-extension/index.css`, base).href);
    const cache = await caches.open(CACHE_NAME);
    await cache.addAll([...new Set([...urls, ...files, ...pages, ...themes])]);
    document.documentElement.dataset["kept"] = "true";
  } catch {
    // Offline use is an extra: the notebooks work without it.
  }
}
