// The lessons beside the machine: cells run in the session's worker, exercises are checked by machines.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { faults } from "./axe.js";
import { address, atTick, browser, native, open, root, serve } from "./site.js";

let site, b;
before(async () => { site = await serve(); b = await browser(); });
after(async () => { await b?.close(); site?.close(); });

const folder = join(root, "build", "screenshots");
mkdirSync(folder, { recursive: true });

/** The page with a lesson open. */
async function lesson(name, options = {}) {
  const p = await open(b, site.url, options);
  await p.page.click('#tab-lesson, [data-command="lesson"]'); // on a phone the lessons are a tab
  await p.page.waitForSelector(".lessons article");
  await choose(p.page, name);
  return p;
}

async function choose(page, name) {
  await page.selectOption(".lessons .toolbar select", name);
  await page.waitForFunction((name) => document.querySelector(".lessons .toolbar select").value === name, name);
}

const cell = (n) => `.lessons [data-cell="${n}"]`;
const run = async (page, n) => {
  await page.click(`${cell(n)} button.run`);
  await settled(page, n);
};
/** Waits until a cell has ended, and says how. */
async function settled(page, n) {
  await page.waitForFunction((c) => /\b(ran|failed|stopped)\b/.test(document.querySelector(c).className), cell(n));
  return (await page.getAttribute(cell(n), "class")).replace("cell ", "");
}
const outputs = (page, where) => page.locator(`${where} .outputs`).innerText();

/** Puts code into an editor as a reader does. */
async function write(page, where, code) {
  await page.locator(`${where} .cm-content`).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(code);
}

test("a cell runs, its picture appears, and all panes are at its moment", async () => {
  const { page, complaints, close } = await lesson("pidle");
  const stage = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "pidle");
  await run(page, 1);
  assert.equal(await page.getAttribute(cell(1), "class"), "cell ran", await outputs(page, cell(1)).catch(() => ""));
  const img = page.locator(`${cell(1)} .outputs img`).first();
  assert.ok(await img.evaluate((e) => e.decode().then(() => e.naturalWidth > 100)));
  assert.ok((await page.locator(`${cell(1)} .outputs figure pre`).first().textContent()).length > 100, "a text twin");
  await page.waitForFunction((tick) => document.querySelector("main").dataset.tick === String(tick), stage.tick);
  assert.match(await page.locator(`${cell(1)} .number`).first().textContent(), /In\s\[1\]/);
  assert.deepEqual(complaints, []);
  await close();
});

/** What the cells of a lesson have said, in lines. */
const said = (page) => page.$$eval(".lessons .cell", (all) => all.map((c) => [...c.querySelectorAll(".outputs pre")].flatMap((p) => p.textContent.trimEnd().split("\n"))));

/** What the cells of all lessons say without a browser. */
const notebooks = () => JSON.parse(execFileSync("go", ["run", "./wasm/web/test/notebook"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 }));
let withoutBrowser;

for (const lang of ["en", "zh"]) {
  test(`all cells of all lessons run, in ${lang}`, async () => {
    const { page, complaints, close } = await lesson("overview", { locale: lang });
    const names = (await page.$$eval(".lessons .toolbar option", (all) => all.map((o) => o.value))).filter((name) => name !== "own");
    assert.equal(names.length, 18);
    for (const name of names) {
      await choose(page, name);
      const cells = await page.$$eval(".lessons [data-cell]", (all) => all.length);
      assert.ok(cells >= 3);
      await page.click(".lessons .toolbar .bar button");
      for (let n = 1; n <= cells; n++) assert.equal(await settled(page, n), "ran", `${name}, cell ${n}: ${await outputs(page, cell(n)).catch(() => "")}`);
      assert.deepEqual(await said(page), (withoutBrowser ??= notebooks())[`${lang}/${name}`].map((texts) => texts.flatMap((text) => text.split("\n"))), `${name}: as without a browser`);
      for (const img of await page.$$(".lessons .outputs img")) assert.ok(await img.evaluate((e) => e.decode().then(() => e.naturalWidth > 0)), `${name}: a picture`);
      const jupyter = await page.locator(".lessons a.jupyter").evaluate((a) => a.href);
      const notebook = await page.request.get(new URL(`../files/${new URL(jupyter).searchParams.get("path")}`, jupyter).href);
      assert.equal((await page.request.get(jupyter)).status(), 200, jupyter);
      assert.equal((await notebook.json()).metadata.kernelspec.language, "go", `${name} in Jupyter`);
      if (lang === "zh") assert.match(await page.locator(".lessons article").innerText(), /[\u4e00-\u9fff]/);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("an exercise is checked: wrong, right, and remembered", async () => {
  const { page, complaints, close } = await lesson("acquirep");
  const card = '.lessons [data-exercise="wirep"]';
  await page.click(`${card} .check`);
  await page.waitForSelector(`${card}.wrong`);
  assert.match(await page.textContent(`${card} .verdict`), /^✗ Not yet\./);
  assert.ok(await page.locator(`${card} .outputs img`).first().evaluate((e) => e.decode().then(() => e.naturalWidth > 0)), "a figure of the difference");
  await write(page, card, "func wirep(pp *p) {\n\tgetg().m.p.set(pp)\n\tpp.m.set(getg().m)\n\tpp.status = _Prunning\n}");
  assert.equal(await page.locator(`${card}.wrong`).count(), 0, "the verdict is on the answer that was checked");
  await page.click(`${card} .check`);
  await page.waitForSelector(`${card}.right`);
  assert.match(await page.textContent(`${card} .verdict`), /^✓ Right\./);
  assert.match(await page.textContent(".lessons .progress"), /^1\/12/);
  await page.reload();
  await page.waitForSelector(`${card} .badge`);
  assert.match(await page.locator(`${card} .cm-content`).innerText(), /pp\.status = _Prunning/);
  assert.deepEqual(complaints, []);
  await close();
});

test("an exercise whose answer does not run says why", async () => {
  const { page, complaints, close } = await lesson("alignment", { serviceWorkers: "block" }); // it would have what is aborted below
  const card = '.lessons [data-exercise="sp-moves"]';
  for (const [answer, verdict, says] of [["const moved = \"a\\u2028\\\"`\"", "wrong", /must be an integer/], ["const moved = ", "wrong", /does not run/], ["const moved = 48", "right", /Right/]]) {
    await write(page, card, answer);
    await page.click(`${card} .check`);
    await page.waitForSelector(`${card}.${verdict}`);
    assert.match(await page.textContent(`${card} .verdict`), says);
  }
  await choose(page, "pidle");
  const other = '.lessons [data-exercise="pidle-order-125"]';
  await page.context().route(/hello-go1\.25/, (r) => r.abort());
  await page.click(`${other} .check`);
  await page.waitForSelector(`${other}.unchecked`);
  assert.match(await page.textContent(`${other} .verdict`), /cannot be checked: .*cannot be loaded/);
  complaints.splice(0, complaints.length, ...complaints.filter((c) => !/ERR_FAILED|Registration blocked/i.test(c)));
  assert.deepEqual(complaints, []);
  await close();
});

test("a loop without end is stopped, and what was before is still there", async () => {
  const { page, complaints, close } = await lesson("own");
  await write(page, cell(1), "kept := 42");
  await run(page, 1);
  await write(page, cell(1), "for {}");
  await page.click(`${cell(1)} button.run`);
  await page.waitForSelector(`${cell(1)}.running`);
  await page.click(".lessons .toolbar .stop");
  assert.notEqual(await settled(page, 1), "ran");
  await write(page, cell(1), "kept + 1");
  await run(page, 1);
  assert.match(await outputs(page, cell(1)), /43/);
  assert.deepEqual(complaints, []);
  await close();
});

test("long work says how far it has come, and what the cell prints stays whole", async () => {
  const { page, complaints, close } = await lesson("own");
  await write(page, cell(1), 'import "github.com/rt0lab/rt0/lessons/lab"\nfmt.Print("gomaxprocs: ")\nmany := lab.Boot(lab.CPUs(512))\nmany.To("mstart")\nfmt.Println(many.Eval("gomaxprocs"))');
  await page.click(`${cell(1)} button.run`);
  await page.waitForFunction((c) => /(booting|going to the moment) … tick [\d,]+.* MIPS/.test(document.querySelector(`${c} .working`)?.textContent), cell(1));
  assert.match(await outputs(page, cell(1)), /^gomaxprocs: \s/);
  await page.locator(cell(1)).screenshot({ path: join(folder, "working.png") });
  assert.equal(await settled(page, 1), "ran");
  assert.equal(await outputs(page, cell(1)), "gomaxprocs: 512");
  assert.deepEqual(complaints, []);
  await close();
});

test("edits survive a reload, and the lesson's own code comes back", async () => {
  const { page, complaints, close } = await lesson("tls");
  const original = await page.locator(`${cell(1)} .cm-content`).innerText();
  await write(page, cell(1), 'fmt.Println("mine")');
  await page.click(".lessons .more button");
  const last = await page.$$eval(".lessons [data-cell]", (all) => all.length);
  await write(page, cell(last), "1 + 1");
  await page.reload();
  await page.waitForSelector(cell(last));
  assert.equal(await page.locator(`${cell(1)} .cm-content`).innerText(), 'fmt.Println("mine")');
  assert.equal(await page.locator(`${cell(last)} .cm-content`).innerText(), "1 + 1");
  await page.click(`${cell(1)} button:has-text("Original")`);
  assert.equal(await page.locator(`${cell(1)} .cm-content`).innerText(), original);
  await page.click(`${cell(1)} button:has-text("Bring my edit back")`);
  assert.equal(await page.locator(`${cell(1)} .cm-content`).innerText(), 'fmt.Println("mine")');
  // An edit of code that the lesson does not have any more becomes a cell of its own.
  await page.evaluate(() => localStorage.setItem("rt0.lesson.1.bind", JSON.stringify({ edits: { gone: "lost()" }, own: ["x"] })));
  await page.evaluate(() => localStorage.setItem("rt0.lesson.1.args", "{broken"));
  await page.reload();
  await choose(page, "bind");
  assert.deepEqual((await page.locator(".lessons .cell .cm-content").allInnerTexts()).slice(-2), ["lost()", "x"]);
  await choose(page, "args");
  assert.deepEqual(complaints, []);
  await close();
});

test("a link opens its lesson", async () => {
  const first = await lesson("bind");
  await first.page.waitForFunction(() => location.hash.includes("lesson=bind"));
  const link = await address(first.page);
  await first.close();
  const { page, complaints, close } = await open(b, link);
  await page.waitForSelector(".lessons article");
  assert.equal(await page.locator(".lessons .toolbar select").inputValue(), "bind");
  await page.evaluate(() => (location.hash = "#v2=hello&tick=5&lesson=nosuch"));
  await page.waitForFunction(() => document.querySelector(".lessons .toolbar select").value === "overview");
  assert.deepEqual(complaints, []);
  await close();
});

test("a full storage is said, and nothing else breaks", async () => {
  const { page, complaints, close } = await lesson("tls");
  await page.evaluate(() => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; });
  await write(page, cell(1), "1");
  assert.match(await page.textContent(".lessons .notice"), /does not let the page keep your edits/);
  await run(page, 1);
  assert.deepEqual(complaints, []);
  page.on("dialog", (d) => d.accept());
  await close();
});

test("hostile output is text", async () => {
  const { page, complaints, close } = await lesson("own");
  await write(page, cell(1), String.raw`fmt.Println("<img src=x onerror=alert(1)>\x1b]0;title\x07\x1b[31mred\x1b[0m\x00\u202eback")
Display(HTML("<script>parent.document.title='broken'</script><b onclick=alert(1)>bold</b>"))
Display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10' onload='alert(1)'><script>alert(2)</script></svg>"))
for i := 0; i < 30000; i++ { fmt.Println("line", i) }`);
  const alarms = [];
  page.on("dialog", (d) => { alarms.push(d.message()); void d.dismiss(); });
  await run(page, 1);
  assert.equal(await page.getAttribute(cell(1), "class"), "cell ran", await outputs(page, cell(1)));
  const all = await page.locator(`${cell(1)} .outputs`).textContent();
  assert.match(all, /<img src=x onerror=alert\(1\)>red␀<202e>back/);
  assert.match(all, /line 29999/);
  assert.match(all, /characters before this are not shown/);
  assert.equal(await page.locator(`${cell(1)} .outputs .ansi-red`).textContent(), "red");
  assert.deepEqual(await page.$$eval(`${cell(1)} .outputs :is(script, b, svg)`, (l) => l.length), 0);
  const frame = page.locator(`${cell(1)} summary:has-text("as HTML")`);
  await frame.click();
  assert.equal(await page.locator(`${cell(1)} iframe`).getAttribute("sandbox"), "");
  await page.frameLocator(`${cell(1)} iframe`).getByText("bold").waitFor(); // what stands before it would have run
  assert.deepEqual(alarms, []);
  assert.match(await page.title(), /^rt0/);
  // Chromium says that it has kept the script in the frame from running: that is the point.
  assert.deepEqual(complaints.filter((c) => !/sandboxed|srcdoc/.test(c)), []);
  await close();
});

test("the language changes on the way, and work stays", async () => {
  const { page, complaints, close } = await lesson("osstack");
  await run(page, 1);
  const said = await outputs(page, cell(1));
  await write(page, cell(2), "m.Tell()");
  await page.click(".lang");
  await page.waitForFunction(() => document.documentElement.lang.startsWith("zh"));
  assert.match(await page.locator(".lessons .prose").first().innerText(), /Linux 留在栈上的东西/);
  assert.ok((await outputs(page, cell(1))).length > said.length / 2);
  assert.equal(await page.locator(`${cell(2)} .cm-content`).innerText(), "m.Tell()");
  await run(page, 2);
  assert.match(await outputs(page, cell(2)), /[\u4e00-\u9fff]/, "the machine speaks the page's language now");
  assert.deepEqual(complaints, []);
  await close();
});

test("a program asks, and goes on with the answer", async () => {
  const { page, complaints, close } = await lesson("own");
  await write(page, cell(1), 'name, err := Input("Who are you? ")\nfmt.Println("hello", name, err)');
  await page.click(`${cell(1)} button.run`);
  await page.waitForSelector(`${cell(1)} .question input`);
  await page.keyboard.type("gopher");
  await page.keyboard.press("Enter");
  await settled(page, 1);
  assert.match(await outputs(page, cell(1)), /hello gopher/);
  assert.deepEqual(complaints, []);
  await close();
});

test("displays are updated and cleared", async () => {
  const { page, complaints, close } = await lesson("own");
  await write(page, cell(1), 'DisplayID("before", "d")\nUpdateDisplay("after", "d")');
  await run(page, 1);
  assert.equal((await outputs(page, cell(1))).trim(), "after");
  await write(page, cell(1), 'fmt.Println("old")\nClearOutput(true)\nfmt.Println("new")');
  await run(page, 1);
  assert.equal((await outputs(page, cell(1))).trim(), "new");
  assert.deepEqual(complaints, []);
  await close();
});

test("free cells stand at the page's moment, and an error shows its place", async () => {
  const { page, complaints, close } = await lesson("own");
  const stage = JSON.parse(native("boot", "-format", "json")).find((s) => s.id === "alignment");
  await page.click('[data-stage="alignment"]');
  await page.waitForFunction((tick) => document.querySelector("main").dataset.tick === String(tick), stage.tick);
  await write(page, cell(1), "machine.Tick()");
  await run(page, 1);
  assert.match(await outputs(page, cell(1)), new RegExp(`\\b${stage.tick}\\b`));
  await write(page, cell(1), "machine.Step(5)\nmachine.Tick()");
  await run(page, 1);
  await page.waitForFunction((tick) => document.querySelector("main").dataset.tick === String(tick), stage.tick + 5);
  await write(page, cell(1), "x := 1\ny := nothing + x");
  await run(page, 1);
  assert.equal(await page.getAttribute(cell(1), "class"), "cell failed");
  assert.match(await outputs(page, cell(1)), /2:6.*undefined: nothing/s);
  assert.deepEqual(complaints, []);
  await close();
});

test("the keyboard does it all: complete, explain, run, leave, go to the machine and back", async () => {
  const { page, complaints, close } = await lesson("own");
  await page.clock.install();
  const editor = page.locator(`${cell(1)} .cm-content`);
  await editor.click();
  await page.waitForSelector('.lessons [data-condition="ready"]');
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.type("lab.Exerci");
  await page.waitForSelector(`${cell(1)} .cm-tooltip-autocomplete`); // by itself; Tab would take what it offers
  await page.keyboard.press("Escape");
  await page.waitForSelector(`${cell(1)} .cm-tooltip-autocomplete`, { state: "detached" });
  await page.keyboard.press("Tab");
  await page.waitForSelector(`${cell(1)} .cm-tooltip-autocomplete`);
  await page.clock.fastForward(200); // a completion may not be taken at once: it would hit what was not read
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await editor.innerText(), "lab.Exercises");
  await page.keyboard.press("Shift+Tab");
  await page.waitForSelector(`${cell(1)} .about`);
  assert.match(await page.locator(`${cell(1)} .about`).innerText(), /Exercises/);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(`${cell(1)} .about`).count(), 0);
  await page.keyboard.type("()");
  await page.keyboard.press("Control+Enter");
  await settled(page, 1);
  assert.match(await outputs(page, cell(1)), /sp-moves/);
  const tick = await page.getAttribute("main", "data-tick");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.className), "run");
  await page.keyboard.press("F6");
  assert.equal(await page.evaluate(() => document.activeElement.id), "machine");
  await page.keyboard.press("ArrowRight");
  await atTick(page, Number(tick) + 1); // keys in an editor do not move the machine
  await page.keyboard.press("F6");
  assert.ok(await page.evaluate(() => document.activeElement.classList.contains("lessons")));
  assert.deepEqual(complaints, []);
  await close();
});

for (const width of [390, 820, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    const locale = (width === 820) === (colorScheme === "light") ? "zh" : "en";
    test(`a lesson, ${width} pixels wide, ${colorScheme}, ${locale}: axe finds nothing`, async () => {
      const { page, complaints, close } = await lesson("alignment", { colorScheme, locale, viewport: { width, height: 900 } });
      // A caret that Playwright hides needs a style that the page's policy forbids.
      const picture = (part) => page.screenshot({ caret: "initial", path: join(folder, `lesson-${width}-${colorScheme}-${part}.png`) });
      await run(page, 1);
      await picture("cell");
      await write(page, cell(2), "nothing");
      await run(page, 2);
      const card = '.lessons [data-exercise="sp-moves"]';
      await page.click(`${card} .check`);
      await page.waitForSelector(`${card}.wrong`);
      await page.click(`${card} summary`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
      await picture("exercise");
      assert.deepEqual(await faults(page, ".lessons"), []);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
}
