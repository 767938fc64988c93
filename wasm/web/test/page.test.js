import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { atTick, browser, native, open, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

const shown = (v) => (Array.isArray(v) ? `[${v.join(" ")}]` : String(v));

for (const cpus of [1, 4, 8]) {
  test(`the boot of hello on ${cpus} CPUs is rt0 boot's, stage by stage`, async () => {
    const want = native("boot", "-format", "json", "-cpus", String(cpus));
    const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=${cpus}&tick=0`);
    assert.equal(await page.evaluate(() => globalThis.rt0.bootJSON()), want);
    for (const stage of JSON.parse(want)) {
      await page.click(`[data-stage="${stage.id}"]`);
      await atTick(page, stage.tick);
      const facts = Object.fromEntries(await page.$$eval("[data-fact]", (all) => all.map((e) => [e.dataset.fact, e.firstChild.textContent])));
      assert.deepEqual(facts, Object.fromEntries(Object.entries(stage.facts).map(([k, v]) => [k, shown(v)])), stage.id);
      assert.equal(await page.textContent(".registers dl div:nth-child(17) dd"), stage.registers.rip + (await page.$(".registers dl div:nth-child(17) abbr") ? "*" : ""));
      assert.ok(await page.$eval("tr.now .addr", (e, rip) => e.textContent === rip, stage.registers.rip), `${stage.id}: the current instruction is marked`);
      for (const img of await page.$$("figure img")) assert.ok(await img.evaluate((e) => e.decode().then(() => e.naturalWidth > 0)), `${stage.id}: a figure`);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("steps go forwards and back to the same state", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=3000`);
  await atTick(page, 3000);
  const hash = () => page.waitForSelector('main:not([data-hash=""])').then((m) => m.getAttribute("data-hash"));
  const first = await hash();
  for (let i = 1; i <= 5; i++) {
    await page.keyboard.press("ArrowRight");
    await atTick(page, 3000 + i);
  }
  assert.notEqual(await hash(), first);
  for (let i = 4; i >= 0; i--) {
    await page.keyboard.press("ArrowLeft");
    await atTick(page, 3000 + i);
  }
  assert.equal(await hash(), first);
  await page.fill(".runto input", "runtime.schedinit");
  await page.click(".runto button[type=button]"); // back to it
  await page.waitForFunction(() => document.querySelector(".code h2 small").textContent === "runtime.schedinit");
  assert.match(await page.textContent(".source li.now"), /func schedinit\(\)/);
  await page.click(".runto button[type=button]"); // there is none before, so the machine stands at its start
  await atTick(page, 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("the slider reaches every stage, and all panes follow", async () => {
  const { page, complaints, close } = await open(b, site.url);
  const stages = JSON.parse(native("boot", "-format", "json"));
  const ticks = [...new Set(stages.map((s) => s.tick))];
  for (const [i, tick] of ticks.entries()) {
    await page.$eval("input[type=range]", (e, v) => { e.value = v; e.dispatchEvent(new Event("input", { bubbles: true })); }, i * 1000);
    await atTick(page, tick);
    const last = stages.filter((s) => s.tick <= tick).at(-1);
    await page.waitForFunction((id) => document.querySelector("[aria-current=step]").dataset.stage === id, last.id);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a fact tells who wrote it, and the way back", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=0`);
  const pidle = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "pidle");
  await page.click('[data-stage="pidle"]');
  await atTick(page, pidle.tick);
  await page.click('[aria-label="Who wrote this? sched.npidle"]');
  await page.waitForSelector(".notice b");
  assert.match(await page.textContent(".notice"), /runtime|internal/);
  assert.ok(Number(await page.getAttribute("main", "data-tick")) < pidle.tick);
  await page.click(".notice button");
  await atTick(page, pidle.tick);
  assert.deepEqual(complaints, []);
  await close();
});

test("a link brings the moment back, and a damaged one says so", async () => {
  const first = await open(b, `${site.url}#v1=hello&cpus=2&seed=7&env=A%3D1&tick=12345`);
  await atTick(first.page, 12345);
  await first.page.waitForSelector('main:not([data-hash=""])');
  await first.page.keyboard.press("ArrowRight");
  await atTick(first.page, 12346);
  const hash = await (await first.page.waitForSelector('main:not([data-hash=""])')).getAttribute("data-hash");
  const link = first.page.url();
  assert.match(link, /#v1=hello&go=go[\d.]+&cpus=2&seed=7&env=A%3D1&tick=12346$/);
  await first.close();
  const again = await open(b, link);
  await atTick(again.page, 12346);
  assert.equal(await (await again.page.waitForSelector('main:not([data-hash=""])')).getAttribute("data-hash"), hash);
  assert.deepEqual(again.complaints, []);
  await again.close();
  for (const [bad, says] of [["#v1=hello&cpus=many", "cpus is many"], ["#v9=x", "a kind that this page does not know"], ["#v1=nothing", "There is no program nothing"]]) {
    const { page, close } = await open(b, site.url + bad);
    assert.match(await (await page.waitForSelector(".problem")).textContent(), new RegExp(says));
    await close();
  }
});

test("another machine boots from the form, in every version of Go there is", async () => {
  const { page, complaints, close } = await open(b, site.url);
  await page.click(".whatif summary");
  const versions = await page.$$eval('select[name="go"] option', (all) => all.map((o) => o.value));
  assert.ok(versions.length > 0);
  for (const [i, v] of versions.entries()) {
    await page.selectOption('select[name="go"]', v);
    await page.fill('input[name="cpus"]', "6");
    await page.fill('input[name="gomaxprocs"]', String(i + 2));
    await page.click('.whatif button[type="submit"]');
    await page.waitForFunction((v) => document.querySelector(".stamp").textContent.startsWith(v + " ") && document.querySelector(".stamp").textContent.includes("6 CPUs"), v);
    await page.click('[data-stage="pidle"]');
    await page.waitForFunction((n) => document.querySelector('[data-fact="sched.npidle"]')?.firstChild.textContent === n, String(i + 1));
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("what a program writes is text, and what is no program is a message", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=0`);
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector("[data-output]").textContent.includes("hello"));
  await page.click(".whatif summary");
  await page.setInputFiles('input[type="file"]', { name: "<img src=x>.elf", mimeType: "application/octet-stream", buffer: Buffer.from("\x7fELF and then nothing") });
  await page.click('.whatif button[type="submit"]');
  assert.match(await (await page.waitForSelector(".problem")).textContent(), /cannot be loaded/);
  await page.keyboard.press("Escape");
  await page.click(".problem button");
  await page.click(".language, .lang");
  await page.waitForFunction(() => document.documentElement.lang === "zh" && document.querySelector("h1").textContent.includes("如何启动"));
  assert.deepEqual(complaints, []);
  await close();
});

test("a program of one's own that never ends can be stopped, and the machine goes on", async () => {
  const dir = mkdtempSync(join(tmpdir(), "rt0-web-"));
  writeFileSync(join(dir, "main.go"), "package main\n\nfunc main() {\n\tprintln(\"<script>alert(1)</script>\")\n\tfor {\n\t}\n}\n");
  execFileSync("go", ["build", "-o", "forever", "main.go"], { cwd: dir, env: { ...process.env, GOOS: "linux", GOARCH: "amd64", CGO_ENABLED: "0", GOFLAGS: "" } });
  const { page, complaints, close } = await open(b, site.url);
  await page.click(".whatif summary");
  await page.setInputFiles('input[type="file"]', join(dir, "forever"));
  await page.click('.whatif button[type="submit"]');
  await page.waitForFunction(() => document.querySelector(".whatif form").textContent.includes("forever"));
  await page.click("h1"); // out of the form, so that keys are the machine's again
  await page.keyboard.press("End");
  await page.click(".busy button");
  await page.waitForSelector(".busy", { state: "detached" });
  await page.waitForFunction(() => document.querySelector(".notice, .problem")?.textContent.includes("Stopped"));
  await page.click('[data-stage="main"]');
  await page.waitForSelector('[data-stage="main"].now');
  rmSync(dir, { recursive: true });
  assert.deepEqual(complaints, []);
  await close();
});

test("after the first visit the page works without a network", async () => {
  const { page, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=777`);
  await page.waitForSelector("html[data-kept]");
  await page.context().setOffline(true);
  await page.reload();
  await atTick(page, 777);
  await page.click('[data-stage="pidle"]');
  await page.waitForSelector('[data-fact="sched.pidle"]');
  await close();
});
