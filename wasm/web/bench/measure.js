// Measures what the page promises: see budgets.js. Times are those of Chromium on this computer, the page being served on
// loopback by rt0 itself.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../test/site.js";

const built = join(root, "build", "web");

/** Bytes that are loaded: the modules as they lie there, the page's script with all that it loads by itself, gzipped. */
export function sizes() {
  const index = JSON.parse(readFileSync(join(built, "index.json"), "utf8"));
  const html = readFileSync(join(built, "index.html"), "utf8");
  const script = /<script[^>]* src="\.\/(assets\/[^"]+\.js)"/.exec(html)[1];
  const seen = new Set();
  const follow = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, dep] of readFileSync(join(built, "assets", name), "utf8").matchAll(/["'`]\.?\/?(?:assets\/)?([\w.-]+-[\w-]{8}\.js)["'`]/g)) {
      if (readdirSync(join(built, "assets")).includes(dep)) follow(dep);
    }
  };
  follow(script.slice("assets/".length));
  return {
    machine: readFileSync(join(built, index.machine)).length,
    session: readFileSync(join(built, index.session)).length,
    script: [...seen].reduce((n, f) => n + gzipSync(readFileSync(join(built, "assets", f)), { level: 9 }).length, 0),
  };
}

/** The time in ms from navigation, with an empty cache, to the frame that shows the machine first. */
export async function firstPicture(b, url) {
  const context = await b.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector("main[data-tick]")) return;
      seen.disconnect();
      requestAnimationFrame(() => setTimeout(() => performance.mark("first picture")));
    });
    seen.observe(document, { childList: true, subtree: true, attributes: true });
  });
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName("first picture").length > 0, null, { timeout: 60_000 });
  const phases = await page.evaluate(() => [...performance.getEntriesByType("measure"), ...performance.getEntriesByType("mark")]
    .map((m) => ({ name: m.name, from: Math.round(m.startTime), ms: Math.round(m.duration) })));
  await context.close();
  return { ms: phases.find((p) => p.name === "first picture").from, phases };
}

/**
 * Drags the slider across the boot, a step a frame. It returns in ms, of the steps, the median and the longest time until
 * the page shows the moment, and the longest task of the page's own thread on the way.
 */
export async function slider(page, steps = 150) {
  return page.evaluate(async (steps) => {
    const input = document.querySelector("input[type=range]"), main = document.querySelector("main[data-tick]");
    let task = 0;
    const observer = new PerformanceObserver((list) => { for (const e of list.getEntries()) task = Math.max(task, e.duration); });
    observer.observe({ type: "longtask" });
    const max = Number(input.max), times = [];
    for (let i = 0; i <= steps; i++) {
      const before = main.dataset.tick, begun = performance.now();
      input.value = String(Math.round((max * i) / steps));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      while (main.dataset.tick === before && performance.now() - begun < 1_000) {
        await new Promise((r) => { const c = new MessageChannel(); c.port1.onmessage = r; c.port2.postMessage(0); });
      }
      const took = performance.now() - begun;
      if (took < 1_000) times.push(took); // else two steps are one tick
      await new Promise(requestAnimationFrame);
    }
    observer.disconnect();
    times.sort((a, b) => a - b);
    return { median: times[times.length >> 1], worst: times[times.length - 1], task, steps: times.length };
  }, steps);
}

/** Million guest instructions a second of the benchmark fib: when the page has just been opened, and the second time. */
export async function speed(page) {
  const dir = mkdtempSync(join(tmpdir(), "rt0-bench-"));
  const file = join(dir, "fib");
  execFileSync("go", ["build", "-o", file, "./emulator/bench/programs/fib"], { cwd: root, env: { ...process.env, GOOS: "linux", GOARCH: "amd64", CGO_ENABLED: "0" } });
  await page.click('[data-command="whatIf"]');
  await page.setInputFiles('input[type="file"]', file);
  await page.click("button.main");
  await page.waitForFunction(() => document.querySelector(".stamp").textContent.startsWith("fib "), null, { timeout: 60_000 });
  await page.click("h1"); // keys are the machine's again
  rmSync(dir, { recursive: true });
  const run = () => page.evaluate(async () => {
    const main = document.querySelector("main[data-tick]");
    const press = async (k, there) => {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true }));
      while (!there()) await new Promise((r) => setTimeout(r, 5));
    };
    await press("Home", () => main.dataset.tick === "0");
    const begun = performance.now();
    await press("End", () => Number(main.dataset.tick) > 50_000_000);
    return Number(main.dataset.tick) / (performance.now() - begun) / 1000;
  });
  return { cold: await run(), warm: await run() };
}
