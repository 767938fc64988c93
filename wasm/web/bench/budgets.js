// Measures the page's budgets and writes them into wasm/BUDGETS.json, which is kept: `make bench`.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { browser, open, root, serve } from "../test/site.js";
import { drag, firstPicture, sizes, speed } from "./measure.js";

const file = join(root, "wasm", "BUDGETS.json");
const kept = JSON.parse(readFileSync(file, "utf8"));
const site = await serve(), b = await browser();
const size = sizes();
const firsts = [];
for (let i = 0; i < 5; i++) firsts.push(await firstPicture(b, site.url));
firsts.sort((x, y) => x.ms - y.ms);
const { page, close } = await open(b, site.url);
await page.waitForTimeout(1500); // what is loaded after the first picture
const dragged = await drag(page);
const mips = await speed(page);
await close();
const measured = {
  "machine module": size.machine, "session module": size.session, "page script": size.script,
  "first picture": firsts[2].ms, "slider step": Math.round(dragged.waits.at(-1)), "slider page task": Math.max(0, ...dragged.tasks), "fib": Math.round(mips.warm),
};
for (const budget of kept.budgets) budget.measured = measured[budget.name];
kept.measured = { date: new Date().toISOString().slice(0, 10), cpu: `${cpus().length} × ${cpus()[0].model.trim()}`, browser: `Chromium ${b.version()}` };
kept.details = {
  "first picture, all": firsts.map((f) => f.ms), "first picture, phases": firsts[2].phases,
  slider: { views: dragged.views, medianMs: Math.round(dragged.waits[dragged.waits.length >> 1]), longestFrameMs: Math.round(Math.max(...dragged.frames)) },
  "fib, just opened": Math.round(mips.cold),
};
await b.close();
site.close();
writeFileSync(file, JSON.stringify(kept, null, 2) + "\n");
console.table(kept.budgets.map((x) => ({ ...x, ok: x.atLeast ? x.measured >= x.atLeast : x.measured <= x.atMost })));
