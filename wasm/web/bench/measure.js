// Measures what the page promises: see budgets.js. Times are those of Chromium on this computer, the page being served on
// loopback by rt0 itself.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { patience, root } from "../test/site.js";

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
  await page.waitForFunction(() => performance.getEntriesByName("first picture").length > 0, null, { timeout: patience });
  const phases = await page.evaluate(() => [...performance.getEntriesByType("measure"), ...performance.getEntriesByType("mark")]
    .map((m) => ({ name: m.name, from: Math.round(m.startTime), ms: Math.round(m.duration) })));
  await context.close();
  return { ms: phases.find((p) => p.name === "first picture").from, phases };
}

/**
 * Drags the slider's thumb from one end to the other as a hand does, a step a frame. It returns in ms: of the strokes, how
 * long the page took to show the moment (waits, ascending: of strokes that one view answers, the first counts), the gaps
 * between frames, and the tasks of 50 ms or more of the page's own thread (tasks, what is computed when the reader pauses
 * included); and how many views there were.
 */
export async function drag(page, steps = 120) {
  await page.keyboard.press("Home");
  await page.waitForSelector('main[data-tick="0"]');
  await page.evaluate(() => {
    const found = { tasks: [], frames: [], waits: [], views: 0 };
    const input = document.querySelector("input[type=range]"), main = document.querySelector("main[data-tick]");
    let asked = 0, last = performance.now(), on = true;
    const observer = new PerformanceObserver((l) => found.tasks.push(...l.getEntries().map((e) => Math.round(e.duration))));
    observer.observe({ type: "longtask" });
    const ask = () => { asked ||= performance.now(); };
    input.addEventListener("input", ask, true);
    const seen = new MutationObserver(() => {
      found.views++;
      if (asked) found.waits.push(performance.now() - asked);
      asked = 0;
    });
    seen.observe(main, { attributeFilter: ["data-tick"] });
    const frame = (now) => {
      found.frames.push(now - last);
      last = now;
      if (on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    globalThis.unwatch = () => {
      on = false;
      observer.disconnect();
      seen.disconnect();
      input.removeEventListener("input", ask, true);
      found.waits.sort((a, b) => a - b);
      return found;
    };
  });
  const box = await (await page.$("input[type=range]")).boundingBox(), y = box.y + box.height / 2;
  await page.mouse.move(box.x + 8, y);
  await page.mouse.down();
  for (let i = 1; i <= steps; i++) {
    await page.mouse.move(box.x + 8 + ((box.width - 16) * i) / steps, y);
    await page.waitForTimeout(16);
  }
  await page.mouse.up();
  await page.waitForTimeout(1500);
  return page.evaluate(() => globalThis.unwatch());
}

/** Million guest instructions a second of the benchmark fib: when the page has just been opened, and the second time. */
export async function speed(page) {
  const dir = mkdtempSync(join(tmpdir(), "rt0-bench-"));
  const file = join(dir, "fib");
  execFileSync("go", ["build", "-o", file, "./emulator/bench/programs/fib"], { cwd: root, env: { ...process.env, GOOS: "linux", GOARCH: "amd64", CGO_ENABLED: "0" } });
  await page.click('[data-command="whatIf"]');
  await page.setInputFiles('input[type="file"]', file);
  await page.click("button.main");
  await page.waitForFunction(() => document.querySelector(".stamp").textContent.startsWith("fib "), null, { timeout: patience });
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
