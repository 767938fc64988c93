// The session in its worker, driven by messages as a page or Jupyter sends them; no page around it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser, open, patience, root, serve } from "./site.js";

let site, b;
before(async () => {
  execFileSync("npx", ["vite", "build", "-c", "test/session/vite.config.js"], { cwd: join(root, "wasm", "web"), stdio: "inherit" });
  site = await serve(join(root, "build", "session-test"));
  b = await browser();
});
after(async () => { await b?.close(); site?.close(); });

/** A page with a session that answers; what it tells is noted in the page. */
async function session(options = {}) {
  const { page, complaints, close } = await open(b, site.url);
  await page.evaluate(async (options) => {
    globalThis.moments = [];
    globalThis.states = [];
    globalThis.asked = [];
    globalThis.s = new Session({
      base: ".",
      onMessage(channel, m) {
        if (m.header.msg_type === "input_request") {
          asked.push(m.content.prompt);
          s.send("stdin", message("input_reply", { value: "Gopher" }, m));
        }
      },
      onMoment: (m) => moments.push(m),
      onState: (state, why) => states.push(why ? `${state}: ${why}` : state),
      ...options,
    });
    await s.start();
    // Runs a cell. One to be interrupted shows something first: it is interrupted once that is there.
    globalThis.cell = async (code, { interrupt, ...options } = {}) => {
      const r = { out: "", err: "", value: "", failure: "", traceback: "", data: [] };
      const end = await run(s, interrupt ? `Display(HTML("begun"))\n${code}` : code, (o) => {
        const c = o.content;
        if (interrupt && o.type === "display_data") s.interrupt();
        if (o.type === "stream") r[c.name === "stdout" ? "out" : "err"] += c.text;
        if (o.type === "execute_result") r.value = c.data["text/plain"];
        if (o.type === "display_data" && !c.transient.display_id) r.data.push(c.data); // with one it is how far a boot has come
        if (o.type === "error") Object.assign(r, { failure: `${c.ename}: ${c.evalue}`, traceback: c.traceback.join("\n") });
      }, options);
      return { ...r, status: end.status, count: end.content.execution_count, expressions: end.content.user_expressions, payload: end.content.payload };
    };
    // Sends a request and returns the reply.
    globalThis.request = (channel, type, content) => new Promise((resolve) => {
      const m = message(type, content);
      const stop = s.listen(m, (from, reply) => {
        if (from !== channel) return;
        stop();
        resolve(reply.content);
      });
      s.send(channel, m);
    });
  }, options);
  return { page, complaints, close, cell: (code, options) => page.evaluate(([c, o]) => cell(c, o), [code, options]) };
}

test("cells of all kinds", async () => {
  const { page, complaints, close, cell } = await session();
  for (const [code, want] of [
    ["1+1", { value: "2", count: 1 }],
    ["x := 42\nx", { value: "42" }],
    ['import "fmt"\nfmt.Println("hi", x)', { out: "hi 42\n" }],
    ['import "os"\nos.Stdout.Write([]byte("written\\n"))\nfmt.Fprintln(os.Stderr, "complaint")', { out: "written\n", err: "complaint\n" }],
    ["type T struct{ A int }\nfunc (t T) String() string { return fmt.Sprint(\"T\", t.A) }\nT{3}", { value: "T3" }],
    ["func f() (int, error) { return 1, nil }\nf()", { value: "1 <nil>" }],
    ["a := 1\n\tb := nope", { failure: /cell\[7\]:2:7: undefined: nope/ }],
    ["var z int\n1/z", { failure: /divide by zero/ }],
    ['panic("boom")', { failure: "panic: boom" }],
    ["os.Exit(3)", { failure: /cannot end the kernel/ }],
    ['HTML("<b>x</b>")', { value: "<b>x</b>" }],
    ["func deep(n int) int { if n == 0 { return 0 }; return 1 + deep(n-1) }\ndeep(20000)", { value: "20000" }],
    ["func endless(n int) int { return endless(n + 1) }\nendless(0)", { failure: /stack overflow/ }],
    ["type S int\nfunc (s S) String() string { return fmt.Sprint(s) }\nfmt.Sprint(S(1))", { failure: /stack overflow/ }],
    ['import "sort"\ntype L []int\nfunc (l L) Len() int { return 2 }\nfunc (l L) Swap(i, j int) {}\nfunc (l L) Less(i, j int) bool { sort.Sort(l); return false }\nsort.Sort(L{1, 2})', { failure: /stack overflow/ }],
    ["x := 42\nfunc inGoroutine(n int) int { return inGoroutine(n + 1) }\nc := make(chan int)\ngo func() { c <- inGoroutine(0) }()\n<-c", { failure: /stack overflow/ }],
    ['import "time"\ngo func() { panic("in a goroutine") }()\ntime.Sleep(time.Second)', { failure: /in a goroutine/ }],
    ["x", { value: "42" }],
    ['import "net/http"', { failure: /package net\/http is not there: cells can use bufio, .*strings.* and github.com\/rt0lab\/rt0\/lessons\/lab/ }],
    ["$ ls", { failure: /cannot run commands/ }],
    ["%%boot\npackage main", { failure: /no Go toolchain/ }],
    ["%boot -go 1.2.3", { failure: /no hello built by Go 1.2.3; it has 1\.\d+/ }],
    ["%boot nosuch", { failure: /there are the samples hello/ }],
    ['name, err := Input("Who?")\nname', { value: "Gopher" }],
    ['import "encoding/json"\nb, err := json.Marshal(map[string]int{"a": 1})\nstring(b)', { value: '{"a":1}' }],
    ["go func() { for {} }()\n7", { value: "7" }], // others go on beside it
    ["x + 1", { value: "43" }],
  ]) {
    const r = await cell(code);
    for (const [key, v] of Object.entries({ failure: "", ...want })) {
      if (v instanceof RegExp) assert.match(r[key], v, code);
      else assert.equal(r[key], v, `${code}\n${r.traceback}`);
    }
  }
  assert.deepEqual(await page.evaluate(() => asked), ["Who?"]);
  const stage = await cell("%stage tls");
  assert.deepEqual(Object.keys(stage.data[0]).sort(), ["image/svg+xml", "text/html", "text/plain"]);
  assert.match(stage.data[0]["image/svg+xml"], /^<svg/);
  const big = await cell("for i := 0; i < 20000; i++ {\n\tfmt.Printf(\"%049d\\n\", i)\n}");
  assert.equal(big.out.length, 1_000_000);
  const values = await cell("y := 5", { silent: true, expressions: { ok: "y * 2", bad: "nope" } });
  assert.equal(values.expressions.ok.data["text/plain"], "10");
  assert.equal(values.expressions.bad.status, "error");
  assert.deepEqual(await page.evaluate(() => states), ["loading", "ready"]);
  assert.deepEqual(complaints, []);
  await close();
});

test("what a cell waits for can be interrupted, and its state stays", async () => {
  const { page, complaints, close, cell } = await session({ patience });
  await cell('import (\n\t"sync"\n\t"time"\n\t"github.com/rt0lab/rt0/lessons/lab"\n)\nx := 42\nm := lab.Boot(lab.Sample("timers"))');
  for (const code of [
    "for {}", "n := 0\nagain:\nn++\ngoto again", "func f(n int) { if n > 0 { f(n-1) } }\nfor { f(50) }", "time.Sleep(time.Hour)", "c := make(chan int)\n<-c", "select {}",
    "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()", "var mu sync.Mutex\nmu.Lock()\nmu.Lock()", "m.Finish()\nm.Seek(0)\nm.Finish()\nfor { m.Seek(0); m.Finish() }",
    'Input("")\nselect {}', 'lab.Exercise("wirep").Check("func wirep(pp *p) { for {} }")',
  ]) {
    assert.match((await cell(code, { interrupt: true })).failure, /^interrupted: the cell was stopped/, code);
    assert.equal((await cell("x")).value, "42", code);
  }
  assert.deepEqual(await page.evaluate(() => states), ["loading", "ready"]);
  assert.deepEqual(complaints, []);
  await close();
});

test("a stuck or dead worker is replaced, and loses only its cell", async () => {
  const { page, close, cell } = await session();
  await cell('import (\n\t"regexp"\n\t"strings"\n\t"github.com/rt0lab/rt0/lessons/lab"\n)\nx := 42\nfunc twice(n int) int { return 2 * n }');
  await cell("x++", { silent: true });
  await cell("nope");
  const m = await cell('machine = lab.Boot(lab.CPUs(2)).To("pidle")\nmachine.Tick()');
  assert.equal(m.count, 3);
  const moment = (await page.evaluate(() => moments)).at(-1);
  assert.equal(String(moment.tick), m.value);
  for (const [code, options, failure] of [
    ['regexp.MustCompile("(x+x+)+y").MatchString(strings.Repeat("x", 1<<27))', { interrupt: true }, /^interrupted: the cell was ended together with its worker: it did not notice/],
    ["var all [][]byte\nfor { all = append(all, make([]byte, 1<<28)) }", {}, /^interrupted: the cell was ended together with its worker: fatal error: .*memory/],
  ]) {
    const before = await page.evaluate(() => moments.length);
    const stuck = await cell(code, options);
    assert.equal(stuck.status, "error");
    assert.match(stuck.failure, failure);
    const next = await cell("twice(x)"); // waits for the cells before
    assert.equal(next.value, "86", next.failure);
    assert.equal((await cell("machine.Tick()")).value, m.value);
    assert.equal((await cell('machine.Eval("len(allp)")')).value, "2");
    assert.equal(await page.evaluate(() => moments.length), before, "what is run again is not told");
  }
  assert.equal((await cell("1")).count, 12); // numbers go on
  assert.match((await page.evaluate(() => states)).join(), /^loading,ready,restarting: it did not notice.*,ready,restarting: .*,ready$/);
  await page.evaluate(() => s.restart());
  assert.match((await cell("x")).failure, /undefined: x/);
  await close();
});

test("cells that wait when their worker is replaced are answered", async () => {
  const { page, close } = await session();
  const got = await page.evaluate(async () => {
    await cell('import ("regexp"; "strings")');
    const cells = ['regexp.MustCompile("(x+x+)+y").MatchString(strings.Repeat("x", 1<<27))', "1", "2"].map((c, i) => cell(c, { interrupt: i === 0 }));
    const complete = request("shell", "complete_request", { code: "fm", cursor_pos: 2 });
    return [...(await Promise.all(cells)).map((r) => r.status), (await complete).status, (await cell("3")).value];
  });
  assert.deepEqual(got, ["error", "aborted", "aborted", "error", "3"]);
  await close();
});

test("the machine of the page and that of the cells follow each other", async () => {
  const { page, complaints, close, cell } = await session();
  await page.evaluate(() => s.setMoment({ sample: "hello", go: "", cpus: 2, seed: 5, args: ["a"], env: ["K=V"], tick: 1000, mem: 64 << 20, maxTicks: 9e8 }));
  assert.equal((await cell("machine.Tick()")).value, "1000");
  await cell("machine.Step(5)");
  const there = (await page.evaluate(() => moments)).at(-1);
  assert.deepEqual({ ...there, go: "" }, { sample: "hello", go: "", cpus: 2, seed: 5, args: ["a"], env: ["K=V"], tick: 1005, mem: 64 << 20, maxTicks: 9e8 });
  assert.equal((await cell("%boot hello")).traceback, "");
  assert.equal((await page.evaluate(() => moments)).at(-1).mem, 512 << 20, "a machine has no more memory by default than the page's");
  // A program that is not the site's.
  await page.evaluate(async () => {
    const index = await (await fetch("index.json")).json();
    const packed = await fetch(index.samples.find((x) => x.name === "hello").file);
    const file = new Uint8Array(await new Response(packed.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
    s.setMoment({ sample: "mine", go: "", cpus: 1, seed: 0, args: [], env: [], tick: 0 }, file);
  });
  assert.equal((await cell('machine.Str(machine.Word(machine.Reg("sp")+8))')).value, "mine");
  assert.equal((await page.evaluate(() => moments)).at(-1).sample, "hello", "a cell that moves nothing is not told of");
  assert.deepEqual(complaints, []);
  await close();
});

test("what a Jupyter client asks", async () => {
  const { page, complaints, close, cell } = await session();
  await cell('import "strings"\nlongName := 1');
  const got = await page.evaluate(async () => ({
    info: await request("shell", "kernel_info_request", {}),
    members: await request("shell", "complete_request", { code: "strings.Rep", cursor_pos: 11 }),
    names: await request("shell", "complete_request", { code: "longN", cursor_pos: 5 }),
    inspect: await request("shell", "inspect_request", { code: "longName", cursor_pos: 3, detail_level: 0 }),
    incomplete: await request("shell", "is_complete_request", { code: "for {" }),
    history: await request("shell", "history_request", { hist_access_type: "tail", n: 5, output: false, raw: true }),
    comms: await request("control", "comm_info_request", {}),
  }));
  assert.equal(got.info.language_info.name, "go");
  assert.deepEqual(got.members.matches, ["Repeat", "Replace", "ReplaceAll", "Replacer"]);
  assert.deepEqual(got.names.matches, ["longName"]);
  assert.match(got.inspect.data["text/plain"], /var longName int/);
  assert.equal(got.incomplete.status, "incomplete");
  assert.match(got.history.history[0][2], /longName/);
  assert.deepEqual(got.comms.comms, {});
  const closed = await page.evaluate(async () => {
    let n = 0;
    const all = [];
    for (let i = 0; i < 2000; i++) {
      const m = message("comm_open", { comm_id: `c${i}`, target_name: "nobody", data: { text: "x".repeat(1000) } });
      all.push(new Promise((resolve) => { const stop = s.listen(m, (_, r) => { if (r.header.msg_type === "comm_close") { n++; stop(); resolve(); } }); }));
      s.send("shell", m);
    }
    await Promise.all(all);
    return n;
  });
  assert.equal(closed, 2000);
  // What makes no sense is dropped, and the session lives.
  await page.evaluate(() => {
    s.send("shell", message("nonsense", {}));
    s.send("shell", { header: {}, content: {} , parent_header: {}, metadata: {}, header: { msg_id: "", msg_type: "" } });
    s.send("stdin", message("input_reply", {}));
  });
  assert.equal((await cell("longName")).value, "1");
  await page.evaluate(() => request("control", "shutdown_request", { restart: true }));
  assert.match((await cell("longName")).failure, /undefined: longName/);
  assert.deepEqual(complaints.filter((c) => !c.includes("msg_type")), []);
  await close();
});

const notebooks = join(root, "notebooks");
for (const lang of ["en", "zh"]) {
  test(`every lesson runs, and shows what it shows elsewhere (${lang})`, async () => {
    const { page, close, cell } = await session();
    const versions = (await page.evaluate(async () => (await (await fetch("index.json")).json()).samples)).filter((x) => x.name === "hello").map((x) => x.go.slice(2));
    for (const name of readdirSync(notebooks).filter((n) => n.endsWith(`.${lang}.ipynb`)).sort()) {
      await page.evaluate(() => s.restart());
      for (const c of JSON.parse(readFileSync(join(notebooks, name), "utf8")).cells) {
        if (c.cell_type !== "code") continue;
        const code = [c.source].flat().join("");
        const missing = [...code.matchAll(/lab\.Go\("([\d.]+)"\)/g)].find((m) => !versions.includes(m[1]));
        const r = await cell(code);
        if (missing) {
          assert.match(r.failure, new RegExp(`no hello built by Go ${missing[1]}; it has`), name);
          console.log(`# NOT RUN: ${name}: a cell needs hello of Go ${missing[1]}; make web WEB_GO=… builds it`);
          break;
        }
        assert.equal(r.failure, "", `${name}: ${code}\n${r.traceback}`);
        const text = (type, name) => c.outputs.filter((o) => o.output_type === type && (!name || o.name === name)).map((o) => [o.text ?? o.data["text/plain"]].flat().join(""));
        assert.equal(r.out, text("stream", "stdout").join(""), `${name}: ${code}`);
        assert.deepEqual(r.data.map((d) => d["text/plain"]), text("display_data"), `${name}: ${code}`);
      }
    }
    await close();
  });
}
