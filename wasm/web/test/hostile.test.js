// What comes from a guest is text, whatever it is; what is no program is a message.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser, open, serve } from "./site.js";

let site, b, dir;
before(async () => { site = await serve(); b = await browser(); dir = mkdtempSync(join(tmpdir(), "rt0-web-")); });
after(async () => { await b?.close(); site?.close(); rmSync(dir, { recursive: true }); });

function build(name, source) {
  writeFileSync(join(dir, name + ".go"), source);
  execFileSync("go", ["build", "-ldflags=-compressdwarf=false", "-o", name, name + ".go"], { cwd: dir, env: { ...process.env, GOOS: "linux", GOARCH: "amd64", CGO_ENABLED: "0", GOFLAGS: "" } });
  return join(dir, name);
}

async function choose(page, file) {
  await page.click('[data-command="whatIf"]');
  await page.setInputFiles('input[type="file"]', file);
  await page.click("button.main");
}

const problem = async (page) => (await page.waitForSelector(".problem")).textContent();

/** Notes whatever a script of the guest's could do. */
function watch(page, complaints) {
  page.on("dialog", (d) => { complaints.push("a dialog: " + d.message()); void d.dismiss(); });
  page.on("request", (r) => { if (r.url().includes("hostile")) complaints.push("a request: " + r.url()); });
}

test("output with markup, escapes, turned text and endless lines is shown as text", async () => {
  const file = build("loud", `package main
import "os"
import "strings"
func main() {
	os.Stdout.WriteString(strings.Repeat("x", 1_000_000) + "\\n")
	os.Stdout.WriteString("<script>alert(1)</script><img src='hostile.png' onerror='alert(2)'>&amp;\\n")
	os.Stdout.WriteString("\\x1b[31mred\\x1b[0m \\x00nul \\x07 bell\\r\\n")
	os.Stdout.WriteString("\\u202egnirts\\u202c \\u2066isolate\\u2069 \\u200bzero \\ufeffbom \\xff\\xfe\\n")
}
`);
  const { page, complaints, close } = await open(b, site.url);
  watch(page, complaints);
  await choose(page, file);
  await page.waitForFunction(() => document.querySelector(".stamp").textContent.startsWith("loud "));
  await page.click("h1");
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector("[data-output]").textContent.includes("bom"));
  const text = await page.textContent("[data-output]");
  assert.ok(text.includes("<script>alert(1)</script><img src='hostile.png' onerror='alert(2)'>&amp;"));
  assert.ok(text.includes("␛[31mred␛[0m ␀nul ␇ bell␍"));
  assert.ok(text.includes("⟨U+202E⟩gnirts⟨U+202C⟩ ⟨U+2066⟩isolate⟨U+2069⟩ ⟨U+200B⟩zero ⟨U+FEFF⟩bom"));
  assert.ok(text.length < 40_000, "a long line is cut");
  assert.equal(await page.$("[data-output] *"), null, "no element came of it");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual(complaints, []);
  await close();
});

test("names of symbols and files with markup in them are text", async () => {
  const file = build("names", `package main
//go:noinline
func aLongNameToBeReplacedByMarkupInTheFile() { println("here") }
func main() { aLongNameToBeReplacedByMarkupInTheFile() }
`);
  const name = "aLongNameToBeReplacedByMarkupInTheFile", evil = "<img/src=hostile.png\u202eonerror=alert(3)>".slice(0, 100);
  const bytes = readFileSync(file), padded = Buffer.alloc(name.length, ".");
  assert.ok(Buffer.byteLength(evil) <= name.length + 8);
  Buffer.from(evil).copy(padded, 0, 0, name.length);
  let n = 0;
  for (let i = bytes.indexOf(name); i >= 0; i = bytes.indexOf(name, i + 1), n++) padded.copy(bytes, i);
  assert.ok(n > 1, "the name was in the file");
  const evilFile = join(dir, "<b onmouseover=alert(4)>.elf");
  writeFileSync(evilFile, bytes);
  const { page, complaints, close } = await open(b, site.url);
  watch(page, complaints);
  await choose(page, evilFile);
  await page.waitForFunction(() => document.querySelector(".stamp").textContent.startsWith("_b_onmouseover"));
  await page.click('[data-stage="main"]');
  await page.waitForSelector('[data-stage="main"].now');
  await page.fill(".runto input", "main." + padded.toString());
  await page.click(".runto button[type=submit]");
  await page.waitForFunction(() => document.querySelector(".code .symbol").textContent.includes("hostile"));
  const shown = await page.textContent(".code .symbol");
  assert.ok(shown.startsWith("main.<img/src=hostile.png⟨U+202E⟩"), shown);
  assert.equal(await page.$("img[src*=hostile], main b[onmouseover]"), null);
  await page.click("h1");
  await page.keyboard.press("b");
  await page.waitForSelector(".breakpoints li small");
  await page.keyboard.press("w");
  assert.match(await page.textContent('select[name="sample"] option'), /^_b_onmouseover/);
  assert.deepEqual(complaints, []);
  await close();
});

test("what is no program is a message, and the machine of before stays", async () => {
  const { page, complaints, close } = await open(b, `${site.url}#v1=hello&cpus=4&tick=777`);
  watch(page, complaints);
  const huge = join(dir, "huge"), fd = openSync(huge, "w");
  writeSync(fd, "\x7fELF");
  ftruncateSync(fd, 100 << 20);
  closeSync(fd);
  const hello = readFileSync(build("plain", "package main\nfunc main() { println(\"hi\") }\n"));
  const cut = join(dir, "cut"), arm = join(dir, "arm");
  writeFileSync(cut, hello.subarray(0, 5000));
  const other = Buffer.from(hello);
  other.writeUInt16LE(183, 18); // e_machine: AArch64
  writeFileSync(arm, other);
  for (const [file, says] of [
    [{ name: "<img src=x>.elf", mimeType: "application/octet-stream", buffer: Buffer.from("\x7fELF and then nothing") }, /cannot be loaded/],
    [{ name: "text", mimeType: "text/plain", buffer: Buffer.from("#!/bin/sh\n") }, /cannot be loaded/],
    [cut, /cannot be loaded/], [arm, /cannot be loaded/], [huge, /too large/],
  ]) {
    await choose(page, file);
    assert.match(await problem(page), says);
    await page.click(".problem button");
    assert.equal(await page.getAttribute("main", "data-tick"), "777");
  }
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector('main[data-tick="778"]');
  assert.deepEqual(complaints, []);
  await close();
});

test("a program dropped on the page boots, and one that never ends can be stopped", async () => {
  const file = build("forever", "package main\n\nfunc main() {\n\tprintln(\"on and on\")\n\tfor {\n\t}\n}\n");
  const { page, complaints, close } = await open(b, site.url);
  const drop = (name, base64) => page.evaluate(([name, base64]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    const told = new Promise((done) => {
      const seen = new MutationObserver(() => {
        const text = document.querySelector(".dropping")?.textContent;
        if (text) seen.disconnect(), done(text);
      });
      seen.observe(document.body, { childList: true, subtree: true });
    });
    document.body.dispatchEvent(new DragEvent("dragenter", { bubbles: true, dataTransfer: data }));
    return told.then((t) => (document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data })), t));
  }, [name, base64]);
  assert.match(await drop("notes.txt", btoa("no program")), /Drop the program/);
  assert.match(await problem(page), /cannot be loaded/);
  assert.equal(await page.$(".dropping"), null);
  await drop("forever", readFileSync(file).toString("base64"));
  await page.waitForSelector(".problem", { state: "detached" });
  await page.waitForFunction(() => document.querySelector(".stamp").textContent.startsWith("forever "));
  await page.keyboard.press("w");
  assert.equal(await page.$eval('select[name="sample"] option', (o) => o.textContent), "forever");
  await page.keyboard.press("Escape");
  await page.click("h1");
  await page.keyboard.press("End");
  await page.click(".busy button");
  await page.waitForSelector(".busy", { state: "detached" });
  await page.waitForFunction(() => document.querySelector(".notice, .problem")?.textContent.includes("Stopped"));
  await page.click('[data-stage="main"]');
  await page.waitForSelector('[data-stage="main"].now');
  assert.deepEqual(complaints, []);
  await close();
});
