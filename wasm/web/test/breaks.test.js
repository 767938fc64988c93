// Breakpoints: set by click and by key, on instructions and on lines; runs to them both ways.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { address, atTick, browser, native, open, serve } from "./site.js";

let site, b, stages;
before(async () => { site = await serve(); b = await browser(); stages = JSON.parse(native("boot", "-format", "json")); });
after(async () => { await b?.close(); site?.close(); });

const symbol = (page) => page.textContent(".code .symbol");
const list = (page) => page.$$eval("[data-break]", (all) => all.map((e) => e.dataset.break));
/** Waits until the function's own lines are those in the gutter, which they are when the reader pauses. */
const settled = (page) => page.waitForSelector('main:not([data-hash=""])');

/** Goes from the first moment to the end of schedinit. */
async function toSchedinit(page) {
  await page.click('[data-stage="schedinit"]');
  await atTick(page, stages.find((s) => s.id === "schedinit").tick);
}

test("a click beside an instruction sets a breakpoint, and runs stop there both ways", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=0`);
  const main = stages.find((s) => s.id === "main");
  await toSchedinit(page);
  await settled(page);
  const addr = await page.textContent(".code .row.now .addr");
  await page.click(`.code [data-place="${addr}"]`);
  assert.deepEqual(await list(page), [addr]);
  assert.equal(await page.getAttribute(`.code [data-place="${addr}"]`, "aria-pressed"), "true");
  assert.equal(await page.textContent(`.code [data-place="${addr}"]`), "●");
  const tick = Number(await page.getAttribute("main", "data-tick"));
  await page.click('[data-stage="main"]');
  await atTick(page, main.tick);
  await page.click('[data-command="breakBack"]');
  await atTick(page, tick);
  assert.match(await page.textContent(".breakpoints li.now"), /stopped here/);
  await page.click('[data-stage="osstack"]');
  await atTick(page, 0);
  await page.click("h1");
  await page.keyboard.press("r");
  await atTick(page, tick);
  await page.click(`.code [data-place="${addr}"]`); // a second click removes it
  assert.deepEqual(await list(page), []);
  await page.click('[data-command="breakNext"]');
  assert.match(await page.textContent(".problem"), /No breakpoint is set/);
  assert.deepEqual(complaints, []);
  await close();
});

test("a line of the source, a name with a condition, and one that is switched off", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=0`);
  await toSchedinit(page);
  await page.waitForSelector(".source .row.now button.gutter");
  const line = await page.getAttribute(".source .row.now button.gutter", "data-place");
  assert.match(line, /\/runtime\/\w+\.(go|s):\d+$/);
  await page.click(".source .row.now button.gutter");
  await page.waitForSelector(".breakpoints small:has-text('0x')");
  assert.ok(await page.$(".code button.gutter.set"), "the line's instructions are marked, too");
  await page.click(".breakpoints .remove");

  const add = async (place, condition) => {
    await page.fill(".breakpoints form input", place);
    if (condition) await page.fill(".breakpoints form input:nth-of-type(2)", condition);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`[data-break="${place}"]`);
  };
  await add("runtime.newproc1", "");
  await add("runtime.schedule", "tid != 1000");
  await page.click('[data-stage="osstack"]');
  await atTick(page, 0);
  await page.click("h1");
  await page.keyboard.press("r");
  await page.waitForFunction(() => document.querySelector(".code .symbol").textContent === "runtime.newproc1");
  await page.click('[data-break="runtime.newproc1"] input'); // off
  await page.keyboard.press("r");
  await page.waitForFunction(() => document.querySelector(".code .symbol").textContent === "runtime.schedule");
  assert.doesNotMatch(await page.textContent(".registers .aside"), /1000/);
  const tick = await page.getAttribute("main", "data-tick");
  await page.waitForFunction((t) => location.hash.includes("off=runtime.newproc1") && location.hash.includes(`tick=${t}&`), tick);

  // The link has it all.
  const again = await open(b, await address(page));
  await atTick(again.page, tick);
  assert.deepEqual(await list(again.page), ["runtime.newproc1", "runtime.schedule"]);
  assert.match(await again.page.textContent('[data-break="runtime.schedule"]'), /only if tid != 1000/);
  assert.equal(await again.page.isChecked('[data-break="runtime.newproc1"] input'), false);
  await again.close();

  // What means nothing says so in the list, and in a run.
  await add("no.such.function", "");
  assert.match(await (await page.waitForSelector('[data-break="no.such.function"] .bad')).textContent(), /neither a function/);
  assert.deepEqual(complaints, []);
  await close();
});

test("the gutter is worked with keys alone", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=0`);
  await toSchedinit(page);
  await settled(page);
  await page.click("h1");
  await page.keyboard.press("b");
  assert.deepEqual(await list(page), [await page.textContent(".code .row.now .addr")]);
  await page.keyboard.press("b");
  assert.deepEqual(await list(page), []);
  const stop = await page.$eval('.code .gutter[tabindex="0"]', (e) => (e.focus(), e.dataset.place));
  assert.equal(stop, await page.textContent(".code .row.now .addr"), "the tab key comes to the current instruction");
  // Far down, where rows are drawn only when they come into sight.
  for (let i = 0; i < 4; i++) await page.keyboard.press("PageDown");
  const place = await page.evaluate(() => document.activeElement.dataset.place);
  assert.ok(place && place !== stop);
  await page.keyboard.press("Enter");
  assert.deepEqual(await list(page), [place]);
  await page.keyboard.press("ArrowUp");
  const above = await page.evaluate(() => document.activeElement.dataset.place);
  assert.notEqual(above, place);
  const inSight = await page.evaluate(() => {
    const r = document.activeElement.getBoundingClientRect(), box = document.activeElement.closest(".gutters").getBoundingClientRect();
    return r.top >= box.top - 1 && r.bottom <= box.bottom + 1;
  });
  assert.ok(inSight, "the focused line is in sight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("t");
  await page.waitForFunction((p) => document.querySelector(".code .row.now .addr")?.textContent === p || /:\d+$/.test(p) || document.querySelector(".notice"), place);
  assert.ok((await symbol(page)).length > 0);
  assert.deepEqual(complaints, []);
  await close();
});
