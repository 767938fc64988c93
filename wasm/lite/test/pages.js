// What the tests do in a notebook's page.
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { blank, root } from "../../web/test/site.js";

/** Warnings that JupyterLab's own document model writes whenever a notebook is opened. */
const known = /Add Yjs type to a document|\[yjs#509\]/;

/** A page with an empty cache; complaints is filled with what goes wrong in it, and hosts with where its requests went. */
export async function open(b, url, options = {}) {
  const opened = await blank(b, options, known), hosts = new Set();
  opened.context.on("request", (r) => { if (/^https?:/.test(r.url())) hosts.add(new URL(r.url()).host); });
  await opened.page.goto(url);
  return { ...opened, hosts };
}

export const notebook = (site, path) => `${site.url}lite/notebooks/index.html?path=${encodeURIComponent(path)}`;

/** Waits until the notebook is shown and its kernel answers. */
export async function ready(page) {
  await page.waitForSelector(".jp-Notebook .jp-Cell");
  await page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', { state: "attached" });
}

const chinese = JSON.parse(readFileSync(join(root, "wasm/lite/src/words.zh.json"), "utf8"));

/** Runs a command by its English name in the menu, in the language of the page. */
export async function menu(page, ...names) {
  const zh = (await page.getAttribute("html", "lang")) === "zh";
  for (const name of names.map((n) => (zh ? chinese[n] : n))) await page.click(`.lm-MenuBar-itemLabel:text-is("${name}"), .lm-Menu-itemLabel:text-is("${name}")`);
}

/** Waits until no cell runs or waits to run. */
export const settled = (page) =>
  page.waitForFunction(() => ![...document.querySelectorAll(".jp-InputPrompt")].some((e) => e.textContent.includes("*")));

/** Runs the cell that has the focus, the nth of code, to its end: that it runs is shown a moment after the key. */
export async function execute(page, n = 0) {
  await page.locator(".jp-CodeCell .jp-InputPrompt").nth(n).evaluate((e) => { e.textContent = "not yet"; }); // a number may come again
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction((n) => /^\[\d+\]/.test(document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")[n].textContent), n);
}

/** Clears what the notebook shows and runs all of it in a new kernel. */
export async function runAll(page) {
  await menu(page, "Edit", "Clear Outputs of All Cells");
  await page.waitForFunction(() => !document.querySelector(".jp-OutputArea-child"));
  await menu(page, "Run", "Run All Cells");
  await page.waitForFunction(() => [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].every((e) => /\d|\*/.test(e.textContent)));
  await settled(page);
}

/** The outputs shown, cell by cell: their text, the number of figures and that of errors. A slow computer shows besides how
 * far long work has come. */
export const outputs = (page) => page.$$eval(".jp-CodeCell", (cells) => cells.map((c) => ({
  text: [...c.querySelectorAll(".jp-OutputArea-output")].filter((e) => !e.querySelector(".rt0-progress")).map((e) => e.textContent).join(""),
  figures: c.querySelectorAll(".rt0-figure img").length,
  drawn: [...c.querySelectorAll(".rt0-figure img")].every((i) => i.complete && i.naturalWidth > 0),
  errors: c.querySelectorAll('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"], .jp-RenderedText[data-mime-type="application/vnd.jupyter.error"]').length,
})));

/** What a notebook of the repository shows: the native kernel wrote it. */
export function recorded(path) {
  const file = JSON.parse(readFileSync(join(root, "notebooks", path.split("/").pop()), "utf8"));
  return file.cells.filter((c) => c.cell_type === "code").map((c) => ({
    figures: c.outputs.filter((o) => o.data?.["image/svg+xml"]).length,
    errors: c.outputs.filter((o) => o.output_type === "error").length,
    streams: c.outputs.filter((o) => o.output_type === "stream").map((o) => [].concat(o.text).join("")).join(""),
  }));
}

/** Waits until the browser's storage holds the file with this text in it, or, if text is null, no longer holds the file. */
export const stored = (page, path, text) => page.waitForFunction(([path, text]) => new Promise((resolve) => {
  const open = indexedDB.open("rt0 notebooks");
  open.onsuccess = () => {
    const get = open.result.transaction("files").objectStore("files").get(path);
    get.onsuccess = () => { open.result.close(); resolve(text === null ? get.result === undefined : JSON.stringify(get.result ?? "").includes(text)); };
  };
}), [path, text], { polling: 200 });
