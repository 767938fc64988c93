// Measures what a notebook costs a reader with an empty cache: npm run bench, after `make web`.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { browser, root, serve } from "../../web/test/site.js";
import { notebook, ready, settled } from "./pages.js";

const site = await serve(), b = await browser();
const context = await b.newContext({ viewport: { width: 1440, height: 900 }, locale: "en" });
const page = await context.newPage();
const client = await context.newCDPSession(page);
await client.send("Network.enable");
const sizes = new Map(), urls = new Map();
client.on("Network.responseReceived", (e) => urls.set(e.requestId, new URL(e.response.url).pathname));
client.on("Network.loadingFinished", (e) => sizes.set(e.requestId, e.encodedDataLength));

const begun = performance.now();
const since = () => Math.round(performance.now() - begun);
await page.goto(notebook(site, "en/13_pidle.en.ipynb"));
await page.waitForSelector(".jp-Notebook .jp-Cell");
const shown = since();
await ready(page);
const answers = since();
await page.locator(".jp-CodeCell .cm-content").first().click();
await page.keyboard.press("Control+Enter");
await settled(page);
const ran = since();
await page.locator(".jp-CodeCell .cm-content").first().click();
await page.keyboard.press("Control+Enter");
const again = since();
await settled(page);

// The service worker may have fetched the session's module already, so that its size is the file's.
const { session } = JSON.parse(readFileSync(join(root, "build/web/index.json"), "utf8"));
const bytes = { script: 0, style: 0, session: statSync(join(root, "build/web", session)).size, other: 0 };
for (const [id, n] of sizes) {
  const path = urls.get(id) ?? "";
  if (!path.endsWith(session)) bytes[path.endsWith(".js") ? "script" : path.endsWith(".css") ? "style" : "other"] += n;
}
console.log(JSON.stringify({ shown, answers, ran, again: since() - again, bytes }));
await b.close();
site.close();
