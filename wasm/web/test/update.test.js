// What a visitor's browser holds when the host has a new build: that build's files, and no others.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { atTick, browser, open, root, serve } from "./site.js";

const dir = mkdtempSync(join(tmpdir(), "rt0-update-"));
let site, b;
before(async () => {
  cpSync(join(root, "build", "web"), dir, { recursive: true });
  site = await serve(dir);
  b = await browser();
});
after(async () => { await b?.close(); site?.close(); rmSync(dir, { recursive: true, force: true }); });

/** The build that the service worker in the folder is of. */
const build = () => /rt0 ([0-9a-f]{16}) /.exec(readFileSync(join(dir, "sw.js"), "utf8"))[1];

/** Makes a new build of the one in the folder, as a change of a source would: another name of the build, and of every part. */
function rebuild() {
  const parts = readdirSync(join(dir, "assets")).filter((f) => !f.endsWith(".gz"));
  const renamed = [[build(), "0123456789abcdef"], ...parts.map((f) => [f, f.replace(/(\.\w+)$/, "x$1")])];
  for (const file of ["index.html", "sw.js", "assets.json", ...parts.map((f) => join("assets", f))]) {
    const text = renamed.reduce((t, [from, to]) => t.replaceAll(from, to), readFileSync(join(dir, file), "utf8"));
    writeFileSync(join(dir, file), text);
    rmSync(join(dir, `${file}.gz`), { force: true });
  }
  for (const f of parts) renameSync(join(dir, "assets", f), join(dir, "assets", f.replace(/(\.\w+)$/, "x$1")));
}

test("a build has a cache of its own, and older ones are deleted", async () => {
  const first = build(), { page, close } = await open(b, site.url);
  const caches = () => page.evaluate(() => globalThis.caches.keys().then((all) => all.sort()));
  const foreign = ["another page's", `rt0 ${"f".repeat(16)} ${site.url}fork/`];
  await page.evaluate(async (names) => {
    for (const name of names) await (await globalThis.caches.open(name)).put(new URL("old.js", document.baseURI), new Response("old"));
  }, [...foreign, "rt0-1", `rt0 ${"0".repeat(16)} ${site.url}`]);
  await page.waitForSelector("html[data-kept]");
  assert.deepEqual(await caches(), [...foreign, `rt0 ${first} ${site.url}`].sort(), "of the first build");

  rebuild();
  await page.reload();
  await page.waitForSelector("html[data-kept]");
  assert.notEqual(build(), first);
  assert.deepEqual(await caches(), [...foreign, `rt0 ${build()} ${site.url}`].sort(), "of the second build");
  const parts = await page.evaluate(async (name) => (await (await globalThis.caches.open(name)).keys()).map((r) => new URL(r.url).pathname), `rt0 ${build()} ${site.url}`);
  assert.deepEqual(parts.filter((p) => p.startsWith("/assets/")).sort(), readdirSync(join(dir, "assets")).filter((f) => !f.endsWith(".gz")).map((f) => `/assets/${f}`).sort());

  await page.context().setOffline(true);
  await page.reload();
  await atTick(page, 0);
  await close();
});
