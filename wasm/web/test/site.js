// Starts `rt0 serve` and Chromium for a test, and notes everything that a browser's console would complain of.
import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const rt0 = join(root, "bin", "rt0");

/** How long a test waits, in ms, for what has to come. Nothing is judged by when it comes: `make bench` measures times. */
export const patience = 300_000;

/** What rt0 writes. */
export const native = (...args) => execFileSync(rt0, args, { encoding: "utf8", maxBuffer: 1 << 26 });

/** The state hashes at the stages of hello's boot, computed outside of a browser. */
export const nativeHashes = (cpus) => JSON.parse(execFileSync("go", ["run", "./wasm/web/test/hashes", "-cpus", String(cpus)], { cwd: root, encoding: "utf8" }));

/** Serves a built site on a free port. */
export async function serve(dir = join(root, "build", "web")) {
  const server = spawn(rt0, ["serve", "-addr", "127.0.0.1:0", "-dir", dir], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve, reject) => {
    server.stdout.once("data", (b) => resolve(String(b).trim()));
    server.once("exit", (status) => reject(new Error(`rt0 serve ended with status ${status}`)));
  });
  return { url, close: () => server.kill("SIGINT") };
}

export const browser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** An empty page with an empty cache; complaints is filled with what goes wrong in it, but for what its console is known to say. */
export async function blank(b, options, known = /(?!)/) {
  const context = await b.newContext({ viewport: { width: 1440, height: 900 }, locale: "en", ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (m) => { if (["error", "warning"].includes(m.type()) && !known.test(m.text())) complaints.push(m.text()); });
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("requestfailed", (r) => {
    // A page that is left ends what it was still keeping for a visit without a network.
    if (r.failure()?.errorText !== "net::ERR_ABORTED") complaints.push(`${r.url()}: ${r.failure()?.errorText}`);
  });
  return { context, page, complaints, close: () => context.close() };
}

/** The playground with an empty cache; complaints is filled with what goes wrong in it. */
export async function open(b, url, options = {}) {
  const { page, complaints, close } = await blank(b, options);
  await page.goto(url);
  await page.waitForSelector("main[data-tick]");
  return { page, complaints, close };
}

/** Waits until the page shows the tick. */
export const atTick = (page, tick) => page.waitForSelector(`main[data-tick="${tick}"]`);

/** The page's address. That of Playwright comes later than what the page itself has done. */
export const address = (page) => page.evaluate(() => location.href);

/** The state hash, as soon as the page has computed it. */
export const hashShown = (page) => page.waitForSelector('main:not([data-hash=""])').then((m) => m.getAttribute("data-hash"));

/** The facts that the page shows, by name. */
export const factsShown = async (page) => Object.fromEntries(await page.$$eval("[data-fact]", (all) => all.map((e) => [e.dataset.fact, e.querySelector(".value").textContent])));
export const fact = (page, name) => page.textContent(`[data-fact="${name}"] .value`);

/** The moves with a key each. */
export const moves = [
  ["prevStage", "p"], ["nextStage", "n"], ["back", "ArrowLeft"], ["step", "ArrowRight"], ["lineBack", "L"], ["line", "l"], ["overBack", "O"], ["over", "o"],
  ["outBack", "U"], ["out", "u"], ["callBack", "C"], ["callNext", "c"], ["breakBack", "R"], ["breakNext", "r"], ["start", "Home"], ["end", "End"],
];
