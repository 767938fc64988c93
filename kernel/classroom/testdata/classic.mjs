// Opens a notebook in the classic Notebook, runs all cells, and prints as JSON what a person would see.
//
//	node classic.mjs FOLDER_OF_PLAYWRIGHT URL NOTEBOOK SCREENSHOT
import { createRequire } from "node:module";

const [, , modules, url, notebook, screenshot] = process.argv;
const { chromium } = createRequire(modules + "/")("playwright-core");
const patience = 300_000;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const errors = [];
  page.on("pageerror", (e) => errors.push(e.message));
  const [base, query] = url.split("?");
  await page.goto(`${base}notebooks/${notebook}?${query}`, { timeout: patience });
  await page.waitForFunction(() => globalThis.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook._fully_loaded, null, { timeout: patience });
  await page.evaluate(() => Jupyter.notebook.clear_all_output());
  await page.evaluate(() => Jupyter.notebook.execute_all_cells());
  await page.waitForFunction(() => Jupyter.notebook.get_cells().every((c) => c.cell_type !== "code" || typeof c.input_prompt_number === "number"),
    null, { timeout: patience });
  await page.waitForFunction(() => document.querySelector(".kernel_idle_icon"), null, { timeout: patience });
  const seen = await page.evaluate(() => {
    const box = (e) => {
      const b = e.getBoundingClientRect();
      return { x: b.x, right: b.right, width: b.width, height: b.height };
    };
    return {
      kernel: document.querySelector(".kernel_indicator_name").textContent,
      logo: document.querySelector(".current_kernel_logo").naturalWidth,
      pictures: [...document.querySelectorAll(".output_area svg")].map((e) => ({
        title: e.querySelector("title")?.textContent ?? "",
        ...box(e),
        area: box(e.closest(".output_subarea")),
        scrolls: e.closest(".output_subarea").scrollWidth > e.closest(".output_subarea").clientWidth,
      })),
      failed: document.querySelectorAll(".output_error").length,
      prompts: document.querySelectorAll(".code_cell").length,
    };
  });
  // The page scrolls inside a box of its own; a window as high as the notebook shows all of it.
  const height = await page.evaluate(() => document.querySelector("#notebook-container").scrollHeight + 200);
  await page.setViewportSize({ width: 1280, height: Math.min(height, 6000) });
  await page.evaluate(() => document.querySelector("#site").scrollTo(0, 0));
  await page.screenshot({ path: screenshot });
  console.log(JSON.stringify({ ...seen, errors }));
} finally {
  await browser.close();
}
