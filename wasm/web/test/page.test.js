// The page against rt0 itself: every stage, tick for tick and hash for hash; moves, questions, links, other machines.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { atTick, browser, fact, factsShown, hashShown, moves, native, nativeHashes, open, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

const shown = (v) => (Array.isArray(v) ? `[${v.join(" ")}]` : String(v));

for (const cpus of [1, 4, 8]) {
  test(`the boot of hello on ${cpus} CPUs is rt0 boot's, stage by stage`, async () => {
    const want = native("boot", "-format", "json", "-cpus", String(cpus));
    const hashes = nativeHashes(cpus);
    const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=${cpus}&tick=0`);
    assert.equal(await page.evaluate(() => globalThis.rt0.bootJSON()), want);
    for (const stage of JSON.parse(want)) {
      await page.click(`[data-stage="${stage.id}"]`);
      await atTick(page, stage.tick);
      assert.deepEqual(await factsShown(page), Object.fromEntries(Object.entries(stage.facts).map(([k, v]) => [k, shown(v)])), stage.id);
      for (const [name, value] of Object.entries(stage.registers)) {
        const there = await page.$(`[data-register="${name}"] .value`);
        if (there) assert.equal(await there.textContent(), value, `${stage.id}: ${name}`);
      }
      assert.equal(await page.textContent(".code .row.now .addr"), stage.registers.rip, `${stage.id}: the current instruction is marked`);
      for (const img of await page.$$("figure img")) assert.ok(await img.evaluate((e) => e.decode().then(() => e.naturalWidth > 0)), `${stage.id}: a figure`);
      if (hashes[stage.id]) assert.equal(await hashShown(page), hashes[stage.id], `${stage.id}: the state hash`);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("steps go forwards and back to the same state", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=3000`);
  await atTick(page, 3000);
  const first = await hashShown(page);
  for (let i = 1; i <= 5; i++) {
    await page.keyboard.press("ArrowRight");
    await atTick(page, 3000 + i);
  }
  assert.notEqual(await hashShown(page), first);
  for (let i = 4; i >= 0; i--) {
    await page.keyboard.press("ArrowLeft");
    await atTick(page, 3000 + i);
  }
  assert.equal(await hashShown(page), first);
  await page.fill(".runto input", "runtime.schedinit");
  await page.click(".runto button[type=button]"); // back to it
  await page.waitForFunction(() => document.querySelector(".code .symbol").textContent === "runtime.schedinit");
  await page.waitForFunction(() => /func schedinit\(\)/.test(document.querySelector(".source .row.now")?.textContent));
  await page.click(".runto button[type=button]"); // there is none before, so the machine stands at its start
  await atTick(page, 0);
  assert.match(await page.textContent(".notice"), /first instruction/);
  assert.deepEqual(complaints, []);
  await close();
});

test("every move has a button and a key, and both do the same", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=5000`);
  await atTick(page, 5000);
  const tick = () => page.getAttribute("main", "data-tick");
  for (const [what, key] of moves) {
    await page.fill(".runto input", "x"); // the keys are the machine's only elsewhere
    await page.keyboard.press(key);
    assert.equal(await tick(), "5000", `${key} while one types`);
    await page.click("h1");
    const ends = [];
    for (const move of [() => page.click(`[data-command="${what}"]`), () => page.keyboard.press(key)]) {
      await move();
      await page.waitForFunction(() => document.querySelector("main").dataset.tick !== "5000" || document.querySelector(".notice, .problem"));
      ends.push(await tick());
      await page.evaluate(() => {
        history.replaceState(null, "", "#"); // the page may not have put its own link there yet, and to go where one is is nothing
        location.hash = "#v1=hello&cpus=4&tick=5000";
      });
      await atTick(page, 5000);
      await page.waitForSelector(".notice", { state: "detached" });
    }
    assert.equal(ends[0], ends[1], `${what}: by button and by key`);
  }
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
    assert.equal(await page.textContent(".code .row.now .addr"), last.registers.rip);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("facts, registers, stack words and fields tell who wrote them, and the way back", async () => {
  const pidle = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "pidle");
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=${pidle.tick}`);
  await atTick(page, pidle.tick);
  const sp = pidle.registers.rsp;
  const word = await page.$eval(".stack tr.now", (r) => [r.querySelector("th").textContent, r.querySelector(".value").textContent]);
  assert.ok(word[0].endsWith(sp));
  for (const [what, field] of [["sched.npidle", ".facts"], ["rsp", ".registers"], [sp, ".stack"], ["P3.status", ".graph"], ["sched.pidle", ".lists"]]) {
    const button = `${field} [data-who="${what}"]`, value = await page.textContent(button);
    await page.click(button);
    await page.waitForSelector(".wrote b");
    assert.match(await page.textContent(".wrote b"), /^(runtime|internal)/, what);
    const tick = Number(await page.getAttribute("main", "data-tick"));
    assert.ok(tick < pidle.tick, what);
    if (value.startsWith("0x")) assert.match(await page.textContent(".wrote"), new RegExp(`→ 0x0*${value.slice(2)},`), `${what} becomes what it is`);
    await page.click(".wrote button");
    await atTick(page, pidle.tick);
  }
  // What nothing has written says so, and moves nothing.
  await page.click('[data-stage="osstack"]');
  await atTick(page, 0);
  await page.click('[data-who="rax"]');
  assert.match(await (await page.waitForSelector(".problem")).textContent(), /rax: no instruction has changed it/);
  assert.deepEqual(complaints, []);
  await close();
});

test("the graph's structures stay at their places while the slider moves", async () => {
  const stages = JSON.parse(native("boot", "-format", "json"));
  const { page, complaints, close } = await open(b, site.url);
  const places = new Map();
  for (const stage of stages) {
    await page.click(`[data-stage="${stage.id}"]`);
    await atTick(page, stage.tick);
    for (const [name, left, top] of await page.$$eval(".node", (all) => all.map((n) => [n.getAttribute("aria-label"), n.style.left, n.style.top]))) {
      const at = `${left} ${top}`;
      assert.equal(places.get(name) ?? at, at, `${name} at ${stage.id}`);
      places.set(name, at);
    }
  }
  for (const name of ["&g0", "&m0", "P0", "P1", "P2", "P3", "G1"]) assert.ok(places.has(name), name);
  assert.equal(await page.textContent('[data-list="sched.pidle"] .who'), "sched.pidle");
  assert.deepEqual(complaints, []);
  await close();
});

test("lanes tell who ran when, and threads go from turn to turn", async () => {
  const { page, complaints, close } = await open(b, site.url);
  await page.waitForSelector(".lanes path.thick[d]:not([d=''])", { state: "attached" });
  const names = await page.$$eval(".names span", (all) => all.map((e) => e.textContent));
  assert.ok(names.length > 1 && names[0] === "1000", names.join(" "));
  const box = await (await page.$(".lanes svg")).boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + 3);
  await page.waitForFunction(() => Number(document.querySelector("main").dataset.tick) > 0);
  const main = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "main");
  await page.click('[data-stage="main"]');
  await atTick(page, main.tick);
  await page.click('.threads tr:not(.now) .turn'); // the previous turn of another thread
  await page.waitForFunction((t) => Number(document.querySelector("main").dataset.tick) < t, main.tick);
  const tid = await page.$eval(".threads tr.now th", (e) => e.textContent.replace("► ", ""));
  assert.notEqual(tid, "1000");
  assert.deepEqual(complaints, []);
  await close();
});

test("another machine boots from the form, in every version of Go there is", async () => {
  const { page, complaints, close } = await open(b, site.url);
  await page.keyboard.press("w");
  const versions = await page.$$eval('select[name="go"] option', (all) => all.map((o) => o.value));
  assert.ok(versions.length > 0);
  await page.keyboard.press("Escape");
  for (const [i, v] of versions.entries()) {
    await page.click('[data-command="whatIf"]');
    if ((await page.$$eval('select[name="sample"] option', (all) => all.map((o) => o.value))).includes("hello")) await page.selectOption('select[name="sample"]', "hello");
    await page.selectOption('select[name="go"]', v);
    await page.fill('input[name="cpus"]', "6");
    await page.fill('input[name="gomaxprocs"]', String(i + 2));
    await page.click("button.main");
    await page.waitForFunction((v) => document.querySelector(".stamp").textContent.includes(`${v} `) && document.querySelector(".stamp").textContent.includes("6 CPUs"), v);
    await page.click('[data-stage="pidle"]');
    await page.waitForFunction((n) => document.querySelector('[data-fact="sched.npidle"] .value')?.textContent === n, String(i + 1));
  }
  assert.equal(await fact(page, "gomaxprocs"), String(versions.length + 1));
  assert.deepEqual(complaints, []);
  await close();
});

test("what older versions of the page have left is thrown away", async () => {
  const { page, close } = await open(b, site.url);
  await page.waitForSelector("html[data-kept]");
  const cached = () => page.evaluate(async () => {
    const names = [];
    for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) names.push(new URL(r.url).pathname);
    return names;
  });
  const before = await cached();
  assert.equal(before.filter((n) => /hello-go.*\.elf\.gz$/.test(n)).length, new Set(before.filter((n) => /hello-go.*\.json$/.test(n))).size);
  await page.evaluate(async () => {
    const cache = await caches.open((await caches.keys())[0]);
    for (const old of ["assets/index-old.js", "session-0123.wasm.gz", "lite/assets/1-old.js"]) await cache.put(new URL(old, document.baseURI), new Response("old"));
  });
  const again = [];
  page.on("request", (r) => { if (/\/src\/|\.gz$/.test(r.url()) && !r.serviceWorker()) again.push(r.url()); });
  await page.reload();
  await page.waitForSelector("html[data-kept]");
  assert.ok(again.length < 10, `what never changes is asked for again: ${again.length} files`);
  assert.deepEqual((await cached()).filter((n) => /old|0123/.test(n)), ["/lite/assets/1-old.js"], "what the notebooks have is theirs");
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
  await page.waitForFunction(() => /CALL\s+runtime·schedinit/.test(document.querySelector("main").innerText)); // a source that was not shown before
  await page.click('[data-command="lesson"]');
  await page.selectOption(".lessons .toolbar select", "pidle");
  await page.click(".lessons .toolbar .bar button");
  await page.waitForFunction(() => { // the second cell boots an older version
    const cells = [...document.querySelectorAll(".lessons [data-cell]")];
    return cells.length > 2 && cells.every((c) => /\bran\b/.test(c.className));
  });
  await close();
});
