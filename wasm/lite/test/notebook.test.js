import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser, root, serve } from "../../web/test/site.js";
import { execute, menu, notebook, open, outputs, ready, recorded, runAll, settled, stored } from "./pages.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

/** A new notebook with one empty cell, made from the list of notebooks as a reader would. */
async function empty() {
  const opened = await open(b, `${site.url}lite/tree/index.html`);
  await opened.page.click('.jp-DropdownMenu :text("New")');
  const [page] = await Promise.all([opened.context.waitForEvent("page"), opened.page.click('.lm-Menu-itemLabel:has-text("Go (rt0)")')]);
  page.on("pageerror", (e) => opened.complaints.push(String(e)));
  await ready(page);
  return { ...opened, page };
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
  await execute(page, n);
}

const text = async (page, n = 0) => (await outputs(page))[n].text.trim();

// LITE_ALL=1 runs every notebook: see `make bench`.
const all = readdirSync(join(root, "notebooks")).filter((f) => f.endsWith(".ipynb")).map((f) => `${f.split(".").at(-2)}/${f}`);
const some = ["en/00_overview.en.ipynb", "en/13_pidle.en.ipynb", "zh/07_args.zh.ipynb", "zh/13_pidle.zh.ipynb"];

for (const path of process.env.LITE_ALL ? all : some) {
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
    assert.deepEqual([...hosts], [new URL(site.url).host], "no request goes elsewhere");
    await close();
  });
}

test("a new notebook runs, completes, explains, asks, and draws anew", async () => {
  const { page, complaints, close } = await empty();
  await run(page, "a := 6 * 7\na");
  assert.equal(await text(page), "42");

  await run(page, 'import "strings"');
  await type(page, "strings.Repea");
  await page.keyboard.press("Tab");
  await page.waitForSelector(".jp-Completer-item");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".jp-CodeCell .cm-content").textContent.includes("strings.Repeat"));
  await page.keyboard.press("Shift+Tab");
  await page.waitForSelector(".jp-Tooltip");
  assert.match(await page.innerText(".jp-Tooltip"), /strings\.Repeat func\(/);
  await page.keyboard.press("Escape");

  await type(page, 'strings.To');
  await page.keyboard.press("Tab");
  await page.waitForSelector(".jp-Completer-item");
  assert.ok((await page.$$eval(".jp-Completer-item", (all) => all.map((e) => e.textContent))).some((t) => t.includes("ToUpper")));
  await page.keyboard.press("Escape");

  await type(page, 'import "fmt"\nvar name string\nfmt.Scanln(&name)\nfmt.Println("hello", name)');
  await page.keyboard.press("Control+Enter");
  await page.fill(".jp-Stdin-input", "gopher");
  await page.press(".jp-Stdin-input", "Enter");
  await settled(page);
  assert.match(await text(page), /hello gopher/);

  await run(page, 'DisplayID("before", "here")\nUpdateDisplay("after", "here")');
  assert.match(await text(page), /after/);
  assert.doesNotMatch(await text(page), /before/);
  assert.deepEqual(complaints, []);
  await close();
});

test("an endless cell is stopped and keeps its session; a restart forgets it", async () => {
  const { page, complaints, close } = await empty();
  await run(page, "kept := 41");
  await type(page, "for {}");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status="busy"]');
  await page.click('jp-button[data-command="notebook:interrupt-kernel"]');
  await settled(page);
  assert.match(await text(page), /interrupt/i);
  await run(page, "kept + 1");
  assert.equal(await text(page), "42");

  await page.click('jp-button[data-command="notebook:restart-kernel"]');
  await page.click(".jp-Dialog .jp-mod-accept");
  await ready(page);
  await run(page, "kept");
  assert.match(await text(page), /undefined: kept/);
  await run(page, "1 + 1");
  assert.equal(await text(page), "2");
  assert.deepEqual(complaints, []);
  await close();
});

test("an edited lesson is kept over a reload, downloaded, and brought back by deleting it", async () => {
  const path = "en/05_tls.en.ipynb";
  const { page, complaints, close } = await open(b, notebook(site, path));
  await ready(page);
  await run(page, "40 + 2");
  assert.equal(await text(page), "42");
  await page.keyboard.press("Control+s");
  await stored(page, path, '"42"');
  await page.reload();
  await ready(page);
  assert.equal(await cell(page).locator(".cm-content").innerText(), "40 + 2");
  assert.equal(await text(page), "42");

  await menu(page, "File");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click('.lm-Menu-itemLabel:text-is("Download")')]);
  assert.match(download.suggestedFilename(), /05_tls\.en\.ipynb$/);
  const file = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.equal([].concat(file.cells.find((c) => c.cell_type === "code").source).join(""), "40 + 2");
  assert.equal(file.metadata.kernelspec.name, "rt0");

  await page.goto(`${site.url}lite/tree/index.html`);
  await page.click('.jp-DirListing-item:has-text("05_tls.en") input[type="checkbox"]');
  await page.click('.jp-ToolbarButtonComponent:has-text("Move to Trash"), jp-button:has-text("Delete"), jp-button:has-text("Trash")');
  await page.click(".jp-Dialog .jp-mod-accept");
  await page.waitForSelector(".jp-Dialog", { state: "detached" });
  await stored(page, path, null); // the dialog is gone before the file is
  await page.goto(notebook(site, path));
  await ready(page);
  assert.match(await cell(page).locator(".cm-content").innerText(), /lab\.Boot/);
  assert.deepEqual(complaints, []);
  await close();
});

test("a notebook is uploaded and opened; what is none is refused with a sentence", async () => {
  const { page, context, complaints, close } = await open(b, `${site.url}lite/tree/index.html`);
  const file = { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: "rt0", display_name: "Go (rt0)", language: "go" } }, cells: [{ cell_type: "code", id: "a", metadata: {}, outputs: [], execution_count: null, source: "7 * 6" }] };
  const upload = async (name, content) => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click('.jp-ToolbarButtonComponent:has-text("Upload"), jp-button:has-text("Upload")')]);
    await chooser.setFiles({ name, mimeType: "application/json", buffer: Buffer.from(content) });
    await page.waitForSelector(`.jp-DirListing-item:has-text("${name}")`);
  };
  await upload("mine.ipynb", JSON.stringify(file));
  const [other] = await Promise.all([context.waitForEvent("page"), page.click('.jp-DirListing-itemText:has-text("mine.ipynb")')]);
  await ready(other);
  await other.locator(".cm-content").first().click();
  await execute(other);
  assert.equal(await text(other), "42");

  await upload("broken.ipynb", "no JSON");
  const [broken] = await Promise.all([context.waitForEvent("page"), page.click('.jp-DirListing-itemText:has-text("broken.ipynb")')]);
  await broken.waitForSelector(".jp-Dialog");
  assert.match(await broken.innerText(".jp-Dialog"), /broken\.ipynb[\s\S]*not valid JSON/);
  await upload("notes.txt", "text");
  await page.click('.jp-DirListing-itemText:has-text("notes.txt")');
  assert.match(await page.innerText(".jp-Dialog"), /Only notebooks/);
  assert.deepEqual(complaints, []);
  await close();
});

test("after the first visit the notebooks work without a network", async () => {
  const { page, close } = await open(b, notebook(site, "en/13_pidle.en.ipynb"));
  await page.waitForSelector("html[data-kept]", { state: "attached" });
  await page.context().setOffline(true);
  await page.reload();
  await ready(page);
  await runAll(page);
  assert.ok((await outputs(page)).every((o) => o.errors === 0));
  await page.goto(notebook(site, "zh/05_tls.zh.ipynb"));
  await ready(page);
  await close();
});

test("hostile output stays text", async () => {
  const { page, complaints, close } = await empty();
  await run(page, 'import "fmt"\nfmt.Println("<img src=x onerror=alert(1)><script>window.bad=1</script>\\x1b[31mred\\x1b[0m\\x00")');
  assert.match(await text(page), /<img src=x onerror=alert\(1\)>/);
  const bad = '<img src="data:,x" onerror="window.bad=1"><script>window.bad=1</script><svg onload="window.bad=1"></svg><b>bold</b>';
  await run(page, `HTML(\`${bad}\`)`);
  assert.equal(await text(page), "bold");
  await run(page, `SVG(\`<svg xmlns="http://www.w3.org/2000/svg" onload="window.bad=1"><script>window.bad=1</script></svg>\`)`);
  await run(page, `JavaScript("window.bad=1")`);
  await run(page, "40 + 2"); // what was there before has had its turn
  assert.equal(await text(page), "42");
  assert.equal(await page.evaluate(() => window.bad), undefined);
  assert.deepEqual(complaints, []);
  await close();
});

test("the pages carry the policy that rt0 serve sends", async () => {
  for (const name of ["notebooks", "tree"]) {
    const response = await fetch(`${site.url}lite/${name}/index.html`);
    const meta = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(await response.text())[1];
    assert.equal(response.headers.get("content-security-policy"), `${meta}; frame-ancestors 'none'`); // which a page cannot say of itself
  }
});
