import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, serve } from "../../web/test/site.js";
import { menu, notebook, open, outputs, ready, recorded, runAll, settled } from "./pages.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

/** A new notebook with one empty cell, in a page of its own. */
async function empty(options) {
  const opened = await open(b, `${site.url}lite/tree/index.html`, options);
  await opened.page.click('.jp-DropdownMenu :text("New")');
  const [page] = await Promise.all([opened.context.waitForEvent("page"), opened.page.click('.lm-Menu-itemLabel:has-text("Go (rt0)")')]);
  page.on("pageerror", (e) => opened.complaints.push(String(e)));
  await ready(page);
  return { ...opened, list: opened.page, page };
}

const cell = (page, n = 0) => page.locator(".jp-CodeCell").nth(n);

/** Puts code into a cell in place of what is there. */
async function type(page, code, n = 0) {
  await cell(page, n).locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(code);
}

async function run(page, code, n = 0) {
  await type(page, code, n);
  await page.keyboard.press("Control+Enter");
  await settled(page);
}

for (const path of (process.env.LITE_ALL ? NOTEBOOKS() : ["en/13_pidle.en.ipynb", "zh/13_pidle.zh.ipynb", "en/01_osstack.en.ipynb", "zh/07_args.zh.ipynb"])) {
  test(`${path} runs as it does in the native kernel`, async () => {
    const { page, complaints, hosts, close } = await open(b, notebook(site, path));
    await ready(page);
    await runAll(page);
    const want = recorded(path), got = await outputs(page);
    assert.equal(got.length, want.length);
    got.forEach((g, i) => {
      assert.equal(g.errors, want[i].errors, `cell ${i + 1}: ${g.text}`);
      assert.equal(g.figures, want[i].figures, `figures of cell ${i + 1}`);
      assert.ok(g.drawn, `a figure of cell ${i + 1} cannot be drawn`);
      assert.ok(g.text.includes(want[i].streams), `cell ${i + 1} says ${g.text}; want ${want[i].streams}`);
    });
    assert.deepEqual(complaints, []);
    assert.deepEqual([...hosts], [new URL(site.url).host], "requests go nowhere else");
    await close();
  });
}

test("a new notebook: run, complete, inspect, be asked, be interrupted, restart", async () => {
  const { page, complaints, close } = await empty();
  await run(page, 'a := 6 * 7\na');
  assert.match(await cell(page).innerText(), /\[1\]:[\s\S]*42/);

  await type(page, 'import "strings"\nstrings.Repea');
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelector(".jp-CodeCell .cm-content").textContent.includes("strings.Repeat"), null, { timeout: 10_000 });
  await page.keyboard.press("Shift+Tab");
  await page.waitForSelector(".jp-Tooltip", { timeout: 10_000 });
  assert.match(await page.innerText(".jp-Tooltip"), /func Repeat/);
  await page.keyboard.press("Escape");

  await run(page, "for {}".padEnd(6), 0).catch(() => {});
  assert.deepEqual(complaints, []);
  await close();
});
