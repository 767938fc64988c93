// axe-core finds nothing to complain of: in any view, light and dark, in both languages, on a desk and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { faults } from "./axe.js";
import { atTick, browser, native, open, serve } from "./site.js";

let site, b, complaints;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

/** Notes what axe finds in the view. */
async function check(page, view) {
  const found = await faults(page);
  if (found.length > 0) complaints.push(`${view}: ${found.join("\n")}`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const locale of ["en", "zh-CN"]) {
    test(`${colorScheme}, ${locale}`, async () => {
      complaints = [];
      const pidle = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "pidle");
      const desk = await open(b, `${site.url}#v2=hello&cpus=4&tick=${pidle.tick}&break=runtime.newproc&off=no.such`, { colorScheme, locale });
      const { page } = desk;
      await atTick(page, pidle.tick);
      await page.waitForSelector('main:not([data-hash=""])');
      await check(page, "a stage");
      await page.click('[data-who="sched.npidle"]');
      await page.waitForSelector(".wrote");
      await check(page, "who wrote this");
      await page.keyboard.press("?");
      await page.waitForSelector("dialog.help");
      await check(page, "the keys");
      await page.keyboard.press("Escape");
      await page.click('[data-command="whatIf"]');
      await check(page, "the form");
      await page.fill('input[name="cpus"]', "2");
      await page.click('button[value="beside"]');
      await page.waitForSelector('[data-machine="B"]');
      await page.waitForSelector(".busy", { state: "detached" });
      await check(page, "two machines");
      await page.evaluate(() => { location.hash = "#v9"; });
      await page.waitForSelector(".problem");
      await page.click("figure details summary");
      await check(page, "a message, and a figure's text");
      await page.click("h1");
      await page.keyboard.press("End");
      await page.waitForFunction(() => document.querySelector("[data-output]").textContent.includes("hello"));
      await check(page, "the end");
      await desk.close();

      const phone = await open(b, `${site.url}#v1=hello&cpus=4&tick=${pidle.tick}`, { colorScheme, locale, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
      await atTick(phone.page, pidle.tick);
      for (const tab of await phone.page.$$("[role=tab]")) {
        await tab.click();
        await check(phone.page, `on a phone: ${await tab.textContent()}`);
      }
      await phone.page.click(".more");
      await check(phone.page, "on a phone: all moves");
      assert.equal([...complaints, ...desk.complaints, ...phone.complaints].join("\n"), "");
      await phone.close();
    });
  }
}
