// What the site is built from, as a name: another one for every change of a source, a module, a sample or a library. The page,
// the notebooks and the service worker are built one by one and must agree on it.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The files of the repository that decide what is on the site. public/index.json names all that Go has built, by digest. */
const inputs = [
  "index.html", "icon.svg", "vite.config.js", "build.js", "package-lock.json", "src", "generated", "public/index.json",
  "../lite/build.js", "../lite/static.js", "../lite/package-lock.json", "../lite/src", "../../notebooks",
];

function* files(path) {
  if (!statSync(here(path)).isDirectory()) return yield path;
  for (const name of readdirSync(here(path)).sort()) yield* files(`${path}/${name}`);
}

const digest = createHash("sha256");
for (const path of inputs.filter((p) => existsSync(here(p))).flatMap((p) => [...files(p)])) {
  const content = readFileSync(here(path));
  digest.update(`${path} ${content.length}\n`).update(content);
}

export const build = digest.digest("hex").slice(0, 16);
