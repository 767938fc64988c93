// Links: the old ones keep working, and a damaged one says what is wrong with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { address, atTick, browser, hashShown, open, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

test("a link of version 1 brings the moment back, and the address is one of version 2", async () => {
  const first = await open(b, `${site.url}#v1=hello&cpus=2&seed=7&env=A%3D1&arg=x%20y&tick=12345`);
  await atTick(first.page, 12345);
  await hashShown(first.page);
  await first.page.keyboard.press("ArrowRight");
  await atTick(first.page, 12346);
  const hash = await hashShown(first.page), link = await address(first.page);
  assert.match(link, /#v2=hello&go=go[\d.]+&cpus=2&seed=7&arg=x\+y&env=A%3D1&tick=12346$/);
  await first.close();
  for (const url of [link, link.replace("v2=", "v1=")]) {
    const again = await open(b, url);
    await atTick(again.page, 12346);
    assert.equal(await hashShown(again.page), hash);
    assert.deepEqual(again.complaints, []);
    await again.close();
  }
});

test("a damaged link says so, and the page works", async () => {
  for (const [bad, says] of [
    ["#v1=hello&cpus=many", "cpus is many"], ["#v9=x", "a kind that this page does not know"], ["#v1=nothing", "There is no program nothing"],
    ["#v2=hello&tick=-1", "tick is -1"], ["#v2=hello&seed=1e99", "seed is 1e99"], ["#v2=hello&break=", "break names no place"], ["#v2=hello&follow=moon", "follow is moon"],
    ["#v2=hello&beside=cpus%3D0", "cpus is 0"], ["#%E0%A4%A", "a kind that this page does not know"], ["#v2=hello&cpus=" + "9".repeat(5000), "cpus is 9"],
    ["#v2=hello&mem=64", "mem is 64, and must be a whole number from 1M to 1024M"], ["#v2=hello&mem=2048M", "mem is 2048M"], ["#v2=hello&mem=M", "mem is M"], ["#v2=hello&max-ticks=0", "max-ticks is 0"],
    ["#v2=hello&beside=mem%3D0M", "mem is 0M"], ["#v2=hello&max-ticks=1000", "not reached within 1000 instructions"],
    ["#v2=hello" + "&break=main.main".repeat(101), "101 breakpoints"], ["#v1=<script>alert(1)</script>", "There is no program <script>"],
    ["#v2=hello&env=novalue", "environment novalue"], ["#v2=hello&go=go1.0", "There is no hello of go1.0 here; there is that of go1.26"],
  ]) {
    const { page, complaints, close } = await open(b, site.url + bad);
    const text = await (await page.waitForSelector(".problem")).textContent();
    assert.ok(text.includes(says), `${bad.slice(0, 60)}: ${text}`);
    assert.ok(text.length < 400, "a message of a length to read");
    await page.click(".problem button");
    await page.click('[data-stage="pidle"]');
    await page.waitForSelector('[data-fact="sched.pidle"]');
    assert.deepEqual(complaints, []);
    await close();
  }
});

test("a link that is followed while the page is open", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=100`);
  await atTick(page, 100);
  await page.evaluate(() => { location.hash = "#v2=hello&cpus=2&tick=200&break=main.main"; });
  await atTick(page, 200);
  await page.waitForSelector('[data-break="main.main"]');
  assert.match(await page.textContent(".stamp"), /2 CPUs/);
  await page.evaluate(() => { location.hash = "#v2=hello&cpus=zero"; });
  assert.match(await (await page.waitForSelector(".problem")).textContent(), /cpus is zero/);
  await atTick(page, 200);
  assert.deepEqual(complaints, []);
  await close();
});
