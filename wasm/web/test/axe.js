// What axe-core finds in a view.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The rules that the page breaks, or the part of it that selector names, each with its first places. */
export async function faults(page, selector = "html") {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe); // through the debugger, which the page's policy does not bind
  return page.evaluate(async (selector) => (await globalThis.axe.run(document.querySelector(selector))).violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 4).map((n) => `    ${n.html.slice(0, 160)}\n      ${n.failureSummary.split("\n").slice(1).join(" ").trim()}`).join("\n")}`), selector);
}
