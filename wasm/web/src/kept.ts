// Which of the site's files a visit to this page without a network needs.
import { json } from "./fetch";
import { fetched, keep, sparing } from "./offline";
import type { Index } from "./protocol";

/**
 * Keeps for a visit without a network: all parts of the page, hello in all versions, for the lessons boot it, the
 * sources of the newest, and what was fetched besides.
 */
export const keepPage = (i: Index): Promise<void> => keep(async () => {
  const site = new URL(".", document.baseURI).href, there = (f: string): string => new URL(f, site).href;
  const parts = await json<string[]>("assets.json"), hellos = i.samples.filter((s) => s.name === "hello"), newest = hellos[0];
  const texts = newest && !sparing() ? Object.values(await json<Record<string, string>>(newest.sources)) : [];
  const all = ["", "index.json", "assets.json", i.machine, i.session, i.lessons, ...parts, ...hellos.flatMap((s) => [s.file, s.sources]), ...texts];
  return {
    worker: new URL("sw.js", site), wanted: [location.href.replace(/#.*/, ""), ...fetched(site), ...(sparing() ? [] : all.map(there))],
    known: [i.machine, i.session, i.lessons, ...parts, ...i.samples.map((s) => s.file)].map(there),
    ours: (url) => url.startsWith(site) && !["lite/", "src/"].some((folder) => url.startsWith(there(folder))),
  };
});
