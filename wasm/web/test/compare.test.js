// Two machines side by side.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { address, atTick, browser, native, open, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

const pair = (page, name) => page.$eval(`[data-pair="${name}"]`, (r) => [...r.querySelectorAll("td")].slice(1).map((c) => c.textContent).concat(r.querySelector("abbr") ? "≠" : "="));
const tickOf = (page, name) => page.getAttribute(`[data-machine="${name}"]`, "data-tick").then(Number);

test("two machines follow one slider, and what differs is marked", async () => {
  const [four, two] = ["4", "2"].map((n) => JSON.parse(native("boot", "-format", "json", "-cpus", n)));
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=0`);
  await page.keyboard.press("w");
  await page.fill('input[name="cpus"]', "2");
  await page.click('button[value="beside"]');
  await page.waitForSelector('[data-machine="B"]');
  for (const id of ["schedinit", "pidle", "main"]) {
    await page.click(`[data-stage="${id}"]`);
    const [a, c] = [four, two].map((all) => all.find((s) => s.id === id));
    await atTick(page, a.tick);
    await page.waitForSelector(`[data-machine="B"][data-tick="${c.tick}"]`);
    for (const [name, value] of Object.entries(a.facts)) {
      const text = (v) => (v === undefined ? "—" : Array.isArray(v) ? `[${v.join(" ")}]` : String(v)), same = text(value) === text(c.facts[name]);
      assert.deepEqual(await pair(page, name), [text(value), text(c.facts[name]), same ? "=" : "≠"], `${id}: ${name}`);
    }
  }
  assert.deepEqual((await pair(page, "ncpu")), ["4", "2", "≠"]);
  const rows = await page.$$eval(".pairs:last-of-type tbody tr", (all) => all.length);
  assert.equal(rows, four.length, "a row for each stage");
  await page.check('.compare input[type="checkbox"]');
  assert.equal(await page.$('[data-pair="argc"]'), null, "what is the same is left out");

  // By tick instead: both have run equally long.
  await page.selectOption(".compare select", "tick");
  await page.$eval("input[type=range]", (e) => { e.value = "12500"; e.dispatchEvent(new Event("input", { bubbles: true })); });
  await page.waitForFunction(() => document.querySelector('[data-machine="A"]').dataset.tick === document.querySelector('[data-machine="B"]').dataset.tick && document.querySelector("main").dataset.tick !== "0");

  // The other machine in the panes: steps go there, and the first one follows.
  await page.selectOption(".compare select", "stage");
  await page.click("h1");
  await page.keyboard.press("x");
  await page.waitForFunction(() => document.querySelector(".stamp").textContent.includes("2 CPUs"));
  await page.click('[data-stage="pidle"]');
  await atTick(page, two.find((s) => s.id === "pidle").tick);
  await page.waitForSelector(`[data-machine="A"][data-tick="${four.find((s) => s.id === "pidle").tick}"]`);
  assert.equal(await page.textContent('[data-fact="sched.npidle"] .value'), "1");

  // The link brings both back.
  await page.waitForFunction((t) => location.hash.includes(`tick=${t}&beside=`), four.find((s) => s.id === "pidle").tick);
  const again = await open(b, await address(page));
  await again.page.waitForSelector('[data-machine="B"]');
  await again.page.waitForSelector(`[data-machine="B"][data-tick="${two.find((s) => s.id === "pidle").tick}"]`);
  assert.equal(await tickOf(again.page, "A"), four.find((s) => s.id === "pidle").tick);
  assert.deepEqual(again.complaints, []);
  await again.close();

  await page.click(".compare header button");
  await page.waitForSelector(".compare", { state: "detached" });
  await page.waitForFunction(() => document.querySelector(".stamp").textContent.includes("4 CPUs") && !location.hash.includes("beside="));
  assert.deepEqual(complaints, []);
  await close();
});

test("two versions of Go: stages that end elsewhere are marked", async (t) => {
  const { page, complaints, close } = await open(b, site.url);
  await page.keyboard.press("w");
  const versions = await page.$$eval('select[name="go"] option', (all) => all.map((o) => o.value));
  if (versions.length < 2) t.diagnostic("ONE VERSION ONLY: two are not compared");
  else {
    await page.selectOption('select[name="go"]', versions.at(-1));
    await page.click('button[value="beside"]');
    await page.waitForSelector('[data-machine="B"]');
    const differ = await page.$$eval(".pairs:last-of-type tbody tr.changed abbr", (all) => all.map((e) => e.textContent));
    assert.ok(differ.length > 5 && differ.every((s) => s === "≠"));
    await page.keyboard.press("Escape");
    // A machine that cannot be booted beside leaves the page as it was.
    await page.evaluate(() => { location.hash = "#v2=hello&beside=sample%3Dnone"; });
    assert.match(await (await page.waitForSelector(".problem")).textContent(), /There is no program none/);
  }
  assert.deepEqual(complaints, []);
  await close();
});
