// axe-core finds nothing to say of Jupyter's pages, whose pictures it takes on the way into build/screenshots.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { faults } from "../../web/test/axe.js";
import { browser, root, serve } from "../../web/test/site.js";
import { menu, notebook, open, ready, runAll } from "./pages.js";

const folder = join(root, "build", "screenshots");
let site, b;
before(async () => { mkdirSync(folder, { recursive: true }); site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

async function look(page, name) {
  await page.screenshot({ caret: "initial", path: join(folder, `lite-${name}.png`) });
  assert.deepEqual(await faults(page), [], name);
}

for (const [width, colorScheme, locale] of [[1440, "light", "en"], [1440, "dark", "zh"], [390, "dark", "en"], [390, "light", "zh"]]) {
  test(`${width} pixels wide, ${colorScheme}, ${locale}`, async () => {
    const { page, complaints, close } = await open(b, `${site.url}lite/tree/index.html`, { colorScheme, locale, viewport: { width, height: 900 } });
    await page.waitForSelector(".jp-DirListing-item");
    await look(page, `tree-${width}-${colorScheme}`);
    if (width > 500) { // a phone has no header to skip
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.id), "main-panel", "the link that skips");
    }

    await page.goto(notebook(site, `${locale}/13_pidle.${locale}.ipynb`));
    await ready(page);
    await runAll(page);
    await page.locator(".rt0-figure").first().scrollIntoViewIfNeeded();
    await look(page, `notebook-${width}-${colorScheme}`);
    await menu(page, "Kernel");
    await look(page, `menu-${width}-${colorScheme}`);
    await menu(page, "Restart Kernel…");
    await page.waitForSelector(".jp-Dialog");
    await look(page, `dialog-${width}-${colorScheme}`);
    assert.deepEqual(complaints, []);
    await close();
  });
}
