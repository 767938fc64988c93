// Screenshots for people to look at, and what can be said of a layout without looking: nothing wider than the screen.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { atTick, browser, native, open, root, serve } from "./site.js";

let site, b, pidle;
before(async () => { site = await serve(); b = await browser(); pidle = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "pidle"); });
after(async () => { await b?.close(); site?.close(); });

const folder = join(root, "build", "screenshots");
mkdirSync(folder, { recursive: true });

async function look(page, name, fullPage = true) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name}: the page scrolls sideways by ${wide} pixels`);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

for (const width of [390, 820, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${width} pixels wide, ${colorScheme}`, async () => {
      const phone = width < 700;
      const { page, complaints, close } = await open(b, `${site.url}#v2=hello&cpus=4&tick=${pidle.tick}&break=runtime.newproc`,
        { colorScheme, viewport: { width, height: phone ? 844 : 900 }, locale: colorScheme === "dark" ? "zh" : "en", hasTouch: phone, isMobile: phone });
      await atTick(page, pidle.tick);
      await page.waitForSelector('main:not([data-hash=""])');
      await page.waitForSelector(".source .row.now");
      if (!phone) await look(page, `${width}-${colorScheme}`);
      else {
        for (const [i, tab] of (await page.$$("[role=tab]")).entries()) {
          await tab.click();
          await look(page, `${width}-${colorScheme}-tab${i + 1}`, false);
        }
        await page.click("[role=tab]"); // a touch of the gutter sets a breakpoint
        await page.tap(".code .row.now button.gutter");
        assert.equal(await page.getAttribute(".code .row.now button.gutter", "aria-pressed"), "true");
      }
      await page.keyboard.press("?");
      await look(page, `${width}-${colorScheme}-keys`, false);
      await page.keyboard.press("Escape");
      await page.keyboard.press("w");
      await look(page, `${width}-${colorScheme}-whatif`, false);
      await page.fill('input[name="cpus"]', "2");
      await page.click('button[value="beside"]');
      if (phone) {
        await page.waitForSelector("#tab-compare");
        await page.click("#tab-compare");
      }
      await page.waitForSelector('[data-machine="B"]');
      await look(page, `${width}-${colorScheme}-compare`);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
}

test("the sheets keep the focus and give it back", async () => {
  const { page, complaints, close } = await open(b, site.url);
  await page.focus('[data-command="help"]');
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open]");
  assert.ok(await page.evaluate(() => document.activeElement.closest("dialog")), "the focus is in the sheet");
  for (let i = 0; i < 5; i++) await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest("dialog")), "and stays there");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getAttribute("main", "data-tick"), "0", "keys are not the machine's while a sheet is open");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.dataset.command), "help");
  assert.deepEqual(complaints, []);
  await close();
});

test("a sheet is modal from its first moment", async () => {
  const { page, complaints, close } = await open(b, site.url);
  await page.evaluate(() => {
    globalThis.modal = [];
    new MutationObserver(() => {
      const d = document.querySelector("dialog");
      if (d) modal.push(d.open);
    }).observe(document.body, { childList: true, subtree: true });
  });
  for (const key of ["w", "?"]) {
    await page.keyboard.press(key);
    assert.deepEqual([...new Set(await page.evaluate(() => modal))], [true]); // Escape at once would not close it otherwise
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("what is said aloud is said once the reader pauses", async () => {
  const { page, close } = await open(b, site.url);
  await page.waitForFunction(() => document.querySelector(".unseen[role=status]").textContent !== "");
  await page.clock.install({ time: 0 }); // so that it is the reader who pauses, not a busy computer
  await page.clock.pauseAt(60_000);
  await page.evaluate(() => {
    globalThis.said = [];
    const all = [...document.querySelectorAll("[role=status], [aria-live], [role=alert]")];
    for (const e of all) new MutationObserver(() => said.push(e.textContent)).observe(e, { subtree: true, childList: true, characterData: true });
  });
  await page.focus("input[type=range]");
  for (let i = 1; i <= 20; i++) {
    await page.$eval("input[type=range]", (e, v) => { e.value = v; e.dispatchEvent(new Event("input", { bubbles: true })); }, i * 500);
    await page.clock.runFor(30);
  }
  const said = () => page.evaluate(() => globalThis.said);
  assert.deepEqual(await said(), []);
  while (!(await said()).at(-1)?.startsWith("11. ")) await page.clock.runFor(1000);
  assert.ok((await said()).length <= 2, (await said()).join(" | "));
  await close();
});

test("nothing moves for those who want no motion", async () => {
  const { page, close } = await open(b, site.url, { reducedMotion: "reduce" });
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  const times = await page.$$eval("*", (all) => [...new Set(all.filter((e) => e.isConnected).map((e) => getComputedStyle(e).transitionDuration))]);
  assert.deepEqual(times, ["0s"]);
  await close();
});
