// Screenshots for people to look at, and what can be said of a layout without looking: nothing wider than the screen.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { atTick, browser, native, open, root, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

const folder = join(root, "build", "screenshots");
mkdirSync(folder, { recursive: true });

for (const width of [390, 820, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${width} pixels wide, ${colorScheme}`, async () => {
      const pidle = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "pidle");
      const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=${pidle.tick}`, { colorScheme, viewport: { width, height: 900 }, locale: colorScheme === "dark" ? "zh" : "en" });
      await atTick(page, pidle.tick);
      await page.waitForSelector('main:not([data-hash=""])');
      await page.waitForSelector(".source li.now");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
      await page.screenshot({ path: join(folder, `${width}-${colorScheme}.png`), fullPage: true });
      assert.deepEqual(complaints, []);
      await close();
    });
  }
}

test("the first picture comes soon, and a drag is smooth", async (t) => {
  const begun = Date.now();
  const { page, close } = await open(b, site.url);
  const marks = await page.evaluate(() => performance.getEntriesByType("measure").map((m) => `${m.name} ${Math.round(m.duration)}`).join(", "));
  t.diagnostic(marks);
  t.diagnostic(`first view after ${Date.now() - begun} ms`);
  const times = await page.evaluate(async () => {
    const slider = document.querySelector("input[type=range]"), out = [], long = [];
    new PerformanceObserver((l) => long.push(...l.getEntries().map((e) => Math.round(e.duration)))).observe({ type: "longtask" });
    for (let i = 1; i <= 16; i++) {
      const begun = performance.now(), tick = document.querySelector("main").dataset.tick;
      slider.value = String((i * 7919) % 16000);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      while (document.querySelector("main").dataset.tick === tick && performance.now() - begun < 3000) await new Promise(requestAnimationFrame);
      out.push(Math.round(performance.now() - begun));
    }
    return { out, long };
  });
  t.diagnostic(`slider to new view, ms: ${times.out.join(" ")}; tasks over 50 ms: ${times.long.join(" ") || "none"}`);
  assert.ok(Math.max(...times.out) < 3000, "the slider moves the machine");
  await close();
});
