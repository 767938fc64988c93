// How long the first picture takes: from navigation on loopback, with an empty cache, to the first view of the machine.
import { browser, serve } from "../test/site.js";

const site = await serve(), b = await browser();
for (let i = 0; i < Number(process.argv[2] ?? 5); i++) {
  const context = await b.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      const main = document.querySelector("main[data-tick]");
      if (!main || performance.getEntriesByName("first picture").length) return;
      seen.disconnect();
      requestAnimationFrame(() => setTimeout(() => performance.mark("first picture")));
    });
    seen.observe(document, { childList: true, subtree: true, attributes: true });
  });
  await page.goto(site.url);
  await page.waitForFunction(() => performance.getEntriesByName("first picture").length, null, { timeout: 60_000 });
  const marks = await page.evaluate(() => [...performance.getEntriesByType("measure"), ...performance.getEntriesByType("mark")].map((m) => `${m.name} ${Math.round(m.startTime)}${m.duration ? "+" + Math.round(m.duration) : ""}`));
  const res = await page.evaluate(() => performance.getEntriesByType("resource").map((m) => `${m.name.split("/").pop()} ${Math.round(m.startTime)}-${Math.round(m.responseEnd)}`));
  console.log(marks.join(", "));
  if (i === 0) console.log("   ", res.join(", "));
  await context.close();
}
await b.close();
site.close();
