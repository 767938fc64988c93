// After the first load the notebooks work without a network, and what is loaded only when it is needed first does, too.
import { base, site } from "./config";
import { json } from "../../web/src/fetch";
import { fetched, keep, sparing } from "../../web/src/offline";
import type { Index } from "../../web/src/protocol";

export const keepAll = (): Promise<void> => keep(async () => {
  const index = await json<Index>(new URL("index.json", site).href);
  const parts = (await json<string[]>(new URL("assets.json", base).href)).map((f) => new URL(f, base).href);
  // hello is what the lessons boot; other samples are kept when a cell has used them.
  const machines = [index.session, ...index.samples.filter((s) => s.name === "hello").map((s) => s.file)];
  const pages = ["assets.json", "notebooks/index.html", "tree/index.html", ...NOTEBOOKS.map((n) => `files/${n.path}`)];
  const themes = ["light", "dark"].map((t) => `themes/@jupyterlab/theme-${t}-extension/index.css`);
  const all = [...["index.json", ...machines].map((f) => new URL(f, site).href), ...[...pages, ...themes].map((f) => new URL(f, base).href), ...parts];
  return { worker: new URL("sw.js", site), wanted: [...fetched(site), ...(sparing() ? [] : all)], known: parts, ours: (url) => url.startsWith(base) };
});
