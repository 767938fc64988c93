// What the page may cost: the size of its script, the time to the first picture, the main thread's work while the slider is dragged.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { firstPicture, sizes, speed } from "../bench/measure.js";
import { browser, open, root, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

const budgets = Object.fromEntries(JSON.parse(readFileSync(join(root, "wasm", "BUDGETS.json"), "utf8")).budgets.map((x) => [x.name, x]));

test("what is loaded is small", (t) => {
  const { machine, session, script } = sizes();
  for (const [name, size] of Object.entries({ "machine module": machine, "session module": session, "page script": script })) {
    t.diagnostic(`${name}: ${size} bytes gzipped, of ${budgets[name].atMost}`);
    assert.ok(size > 10_000 && size <= budgets[name].atMost, `${name}: ${size} bytes; at most ${budgets[name].atMost}`);
  }
});

/** Drags the slider's thumb from one end to the other as a hand does, and returns what the main thread did meanwhile. */
async function drag(page, steps) {
  await page.keyboard.press("Home");
  await page.waitForSelector('main[data-tick="0"]');
  await page.evaluate(() => {
    globalThis.watched = { long: [], views: 0, frames: [] };
    const o = new PerformanceObserver((l) => watched.long.push(...l.getEntries().map((e) => Math.round(e.duration))));
    o.observe({ type: "longtask" });
    const m = new MutationObserver(() => watched.views++);
    m.observe(document.querySelector("main"), { attributeFilter: ["data-tick"] });
    let last = performance.now(), on = true;
    const frame = (now) => {
      watched.frames.push(now - last);
      last = now;
      if (on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    globalThis.unwatch = () => { on = false; o.disconnect(); m.disconnect(); return watched; };
  });
  const box = await (await page.$("input[type=range]")).boundingBox(), y = box.y + box.height / 2;
  await page.mouse.move(box.x + 8, y);
  await page.mouse.down();
  for (let i = 1; i <= steps; i++) {
    await page.mouse.move(box.x + 8 + ((box.width - 16) * i) / steps, y);
    await page.waitForTimeout(16);
  }
  await page.mouse.up();
  await page.waitForTimeout(1500); // what is computed when the reader pauses counts, too
  return page.evaluate(() => globalThis.unwatch());
}

for (const [what, hash] of [["one machine", "#v1=hello"], ["two machines side by side", "#v2=hello&beside=cpus%3D2"]]) {
  test(`a drag across the boot leaves no task longer than 50 ms: ${what}`, async (t) => {
    const { page, complaints, close } = await open(b, site.url + hash);
    if (hash.includes("beside")) await page.waitForSelector('[data-machine="B"]');
    await page.waitForTimeout(1500);
    let found;
    for (let attempt = 0; attempt < 3; attempt++) { // another program may have had the processor
      found = await drag(page, 120);
      t.diagnostic(`${found.views} views; longest gap between frames ${Math.round(Math.max(...found.frames))} ms; tasks over 50 ms: ${found.long.join(" ") || "none"}`);
      if (found.long.length === 0) break;
    }
    assert.ok(found.views > 10, "the panes follow");
    assert.deepEqual(found.long, []);
    assert.deepEqual(complaints, []);
    await close();
  });
}

// A test shares the computer with others: it holds times to a multiple of the budget. `make bench` measures them.
const slack = 3;

test("the first picture comes soon", async (t) => {
  const { ms, phases } = await firstPicture(b, site.url);
  t.diagnostic(`first picture after ${ms} ms; ${phases.map((p) => `${p.name} ${p.from}+${p.ms}`).join(", ")}`);
  assert.ok(ms <= slack * budgets["first picture"].atMost);
});

test("guest code runs fast", async (t) => {
  const { page, complaints, close } = await open(b, site.url);
  const { cold, warm } = await speed(page);
  t.diagnostic(`fib: ${Math.round(cold)} MIPS in a page just opened, then ${Math.round(warm)}`);
  assert.ok(warm >= budgets.fib.atLeast / slack);
  assert.deepEqual(complaints, []);
  await close();
});
