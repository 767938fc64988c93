// What the page may cost: the sizes of what is loaded. `make bench` measures its times, which depend on what else the computer does.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { drag, sizes } from "../bench/measure.js";
import { browser, open, root, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

const budgets = Object.fromEntries(JSON.parse(readFileSync(join(root, "wasm", "BUDGETS.json"), "utf8")).budgets.map((x) => [x.name, x]));

test("what is loaded is small", (t) => {
  if (spawnSync("libdeflate-gzip", ["-V"]).error) return t.skip("without libdeflate-gzip (Debian: libdeflate-tools) modules are packed worse");
  const { machine, session, script } = sizes();
  for (const [name, size] of Object.entries({ "machine module": machine, "session module": session, "page script": script })) {
    t.diagnostic(`${name}: ${size} bytes gzipped, of ${budgets[name].atMost}`);
    assert.ok(size > 10_000 && size <= budgets[name].atMost, `${name}: ${size} bytes; at most ${budgets[name].atMost}`);
  }
});

for (const [what, hash] of [["one machine", "#v1=hello"], ["two machines side by side", "#v2=hello&beside=cpus%3D2"]]) {
  test(`the panes follow a drag across the boot: ${what}`, async (t) => {
    const { page, complaints, close } = await open(b, site.url + hash);
    if (hash.includes("beside")) await page.waitForSelector('[data-machine="B"]');
    const found = await drag(page);
    t.diagnostic(`${found.views} views; longest wait for one ${Math.round(found.waits.at(-1))} ms; longest gap between frames ${Math.round(Math.max(...found.frames))} ms; tasks over 50 ms: ${found.tasks.join(" ") || "none"}`);
    assert.ok(found.views > 0);
    assert.deepEqual(complaints, []);
    await close();
  });
}
