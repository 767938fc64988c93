// The limits of a machine: the form and links set them, and what reaches one says where to allow more.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { address, atTick, browser, hashShown, open, serve } from "./site.js";

let site, b, dir;
before(async () => { site = await serve(); b = await browser(); dir = mkdtempSync(join(tmpdir(), "rt0-web-")); });
after(async () => { await b?.close(); site?.close(); rmSync(dir, { recursive: true }); });

const problem = async (page) => (await page.waitForSelector(".problem")).textContent();
const linkHas = (page, text) => page.waitForFunction((t) => location.hash.includes(t), text);

/** Boots from the form, with these fields of it. */
async function boot(page, fields, file) {
  await page.click('[data-command="whatIf"]');
  for (const [name, value] of Object.entries(fields)) await page.fill(`input[name="${name}"]`, value);
  if (file) await page.setInputFiles('input[type="file"]', file);
  await page.click("button.main");
}

test("the form sets the limits, the link has them, and the defaults are left out", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=100`);
  await hashShown(page);
  assert.doesNotMatch(await address(page), /mem|max-ticks/);
  await page.keyboard.press("w");
  assert.equal(await page.inputValue('input[name="mem"]'), "512");
  assert.equal(await page.inputValue('input[name="maxTicks"]'), "");
  await page.keyboard.press("Escape");
  await boot(page, { mem: "64", maxTicks: "3000000" });
  await linkHas(page, "&mem=64M&max-ticks=3000000&tick=0");
  const link = (await address(page)).replace("tick=0", "tick=777");
  await boot(page, { mem: "512", maxTicks: "" });
  await page.waitForFunction(() => location.hash.includes("tick=0") && !/mem|max-ticks/.test(location.hash));

  const again = await open(b, link);
  await atTick(again.page, 777);
  await again.page.keyboard.press("w");
  assert.equal(await again.page.inputValue('input[name="mem"]'), "64");
  assert.equal(await again.page.inputValue('input[name="maxTicks"]'), "3000000");
  await again.page.fill('input[name="mem"]', "128");
  await again.page.click('button[value="beside"]'); // two machines of which only a limit differs
  await again.page.waitForSelector('[data-machine="B"]');
  assert.match(await again.page.textContent('[data-machine="A"] .facts-line'), /mem=64M max-ticks=3000000/);
  await linkHas(again.page, "mem%3D128M");
  assert.deepEqual(again.complaints, []);
  await again.close();
  assert.deepEqual(complaints, []);
  await close();
});

test("a limit that is no such number boots nothing", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=100`);
  await atTick(page, 100);
  await page.keyboard.press("w");
  for (const [name, bad] of [["mem", "0"], ["mem", "1025"], ["mem", "1.5"], ["mem", ""], ["maxTicks", "0"], ["maxTicks", "-1"], ["maxTicks", "2.5"]]) {
    const field = `input[name="${name}"]`, before = await page.inputValue(field);
    await page.fill(field, bad);
    await page.click("button.main");
    assert.notEqual(await page.$eval(field, (e) => e.validationMessage), "", `${name} ${bad}`);
    assert.ok(await page.$("dialog.whatIf"), `${name} ${bad}: the form stays`);
    await page.fill(field, before);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a boot that a limit ends says which field allows more, in both languages", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=100`);
  await atTick(page, 100);
  const labels = async () => {
    await page.keyboard.press("w");
    const all = await Promise.all(["mem", "maxTicks"].map((n) => page.$eval(`input[name="${n}"]`, (e) => e.closest("label").firstChild.textContent)));
    await page.keyboard.press("Escape");
    return all;
  };
  for (const says of [["needs 8 MiB", "ENOMEM", "within 1000 instructions"], ["需要 8 MiB", "ENOMEM", "1000 条指令"]]) {
    const [memory, limit] = await labels(), menu = await page.textContent('[data-command="whatIf"]');
    for (const [i, [fields, label]] of [[{ mem: "4", maxTicks: "" }, memory], [{ mem: "16", maxTicks: "" }, memory], [{ mem: "512", maxTicks: "1000" }, limit]].entries()) {
      await boot(page, fields);
      const text = await problem(page);
      for (const part of [says[i], menu, label]) assert.ok(text.includes(part), `${part} in: ${text}`);
      assert.doesNotMatch(text, /-mem|-max-ticks|rt0 trace/);
      await page.click(".problem button");
      assert.equal(await page.getAttribute("main", "data-tick"), "100", "the machine of before stays");
    }
    await page.click("button.lang");
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a run that a limit ends says so, and where to allow more", async () => {
  writeFileSync(join(dir, "hungry.go"), "package main\n\nvar all [][]byte\n\nfunc main() {\n\tfor {\n\t\tall = append(all, make([]byte, 1<<20))\n\t}\n}\n");
  execFileSync("go", ["build", "-o", "hungry", "hungry.go"], { cwd: dir, env: { ...process.env, GOOS: "linux", GOARCH: "amd64", CGO_ENABLED: "0", GOFLAGS: "" } });
  const { page, complaints, close } = await open(b, site.url);
  for (const [fields, says] of [[{ cpus: "1", mem: "64", maxTicks: "" }, /got no more memory: .*under “Memory”/], [{ cpus: "1", mem: "64", maxTicks: "400000" }, /instruction limit is reached.*under “Instruction limit”/]]) {
    await boot(page, fields, join(dir, "hungry"));
    await page.waitForFunction(() => document.querySelector(".stamp").textContent.startsWith("hungry ") && document.querySelector("main").dataset.tick === "0" && !document.querySelector(".notice"));
    await page.click("h1");
    await page.keyboard.press("End");
    assert.match(await (await page.waitForSelector(".notice")).textContent(), says);
  }
  assert.equal(await page.getAttribute("main", "data-tick"), "400000");
  assert.deepEqual(complaints, []);
  await close();
});
