import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { sheet } from "./commands";
import { MiB, mostMem } from "./link";
import { Sheet } from "./sheet";
import { boot, bootBeside, index, moment, problem, shown, t } from "./state";

const maxFile = 64 << 20;
const list = (text: FormDataEntryValue | null): string[] => String(text ?? "").split("\n").map((s) => s.trimEnd()).filter((s) => s !== "");

interface Own { name: string; bytes: Uint8Array }

/** Reads a program of the reader's own; null, with the reason shown, if it cannot be one. */
async function read(file: File): Promise<Own | null> {
  if (file.size > maxFile) {
    problem.value = t("tooLarge");
    return null;
  }
  try {
    return { name: file.name.replace(/[^\w.+-]/g, "_") || "program", bytes: new Uint8Array(await file.arrayBuffer()) };
  } catch {
    problem.value = t("noFile"); // a folder, or a file that is gone
    return null;
  }
}

/** The form that boots another machine, in the place of this one or beside it. The tick stays 0: another machine has other
 * moments. */
export function WhatIf() {
  const form = useRef<HTMLFormElement>(null);
  if (sheet.value !== "whatIf") return null;
  const m = moment.value, samples = index.value?.samples ?? [], own = shown.value?.own.value ?? null;
  const names = [...new Set(samples.map((s) => s.name))], versions = [...new Set(samples.map((s) => s.go))];
  const procs = m.env.find((e) => e.startsWith("GOMAXPROCS="))?.slice("GOMAXPROCS=".length) ?? "";

  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    const data = new FormData(form.current!), besides = (e.submitter as HTMLButtonElement | null)?.value === "beside";
    const env = list(data.get("env")).filter((e) => !e.startsWith("GOMAXPROCS="));
    const n = String(data.get("gomaxprocs") ?? "");
    if (n) env.push("GOMAXPROCS=" + n);
    const wish = {
      sample: String(data.get("sample")), go: String(data.get("go")), cpus: Number(data.get("cpus")), seed: Number(data.get("seed")),
      args: list(data.get("args")), env, tick: 0, mem: Number(data.get("mem")) * MiB, maxTicks: Number(data.get("maxTicks")),
    };
    const file = data.get("file");
    sheet.value = "";
    let program = wish.sample === "" ? own : null;
    if (file instanceof File && file.size > 0 && !(program = await read(file))) return;
    if (wish.sample === "") wish.sample = m.sample;
    await (besides ? bootBeside(wish, program) : boot(wish, program));
  }

  return (
    <Sheet name="whatIf" title={t("whatIfTitle")}>
      <form ref={form} onSubmit={(e) => void submit(e)}>
        <label>{t("program")}<select name="sample" autofocus>{own && <option value="" selected>{own.name}</option>}{names.map((n) => <option key={n} value={n} selected={!own && n === m.sample} title={samples.find((s) => s.name === n)?.summary}>{n}</option>)}</select></label>
        <label>{t("goVersion")}<select name="go">{versions.map((v) => <option key={v} value={v} selected={v === m.go}>{v}</option>)}</select></label>
        <label>{t("cpus")}<input name="cpus" type="number" min={1} max={1024} required value={m.cpus} /></label>
        <label>GOMAXPROCS<input name="gomaxprocs" type="number" min={1} max={1024} placeholder={t("inherit")} value={procs} /></label>
        <label>{t("seed")}<input name="seed" type="number" min={0} max={Number.MAX_SAFE_INTEGER} required value={m.seed} /></label>
        <label>{t("memory")}<span class="with-unit"><input name="mem" type="number" min={1} max={mostMem / MiB} required value={Math.ceil(m.mem / MiB)} title={t("memoryHint")} /> MiB</span></label>
        <label>{t("maxTicks")}<input name="maxTicks" type="number" min={1} max={Number.MAX_SAFE_INTEGER} placeholder={t("unlimited")} value={m.maxTicks || ""} title={t("maxTicksHint")} /></label>
        <label class="wide">{t("args")}<textarea name="args" rows={2} spellcheck={false} defaultValue={m.args.join("\n")} /></label>
        <label class="wide">{t("env")}<textarea name="env" rows={2} spellcheck={false} defaultValue={m.env.filter((e) => !e.startsWith("GOMAXPROCS=")).join("\n")} /></label>
        <label class="wide">{t("file")}<input name="file" type="file" aria-describedby="file-hint" /></label>
        <p class="wide hint" id="file-hint">{t("fileHint")}</p>
        <div class="wide actions"><button type="submit" class="main">{t("boot")}</button><button type="submit" value="beside">{t("bootBeside")}</button></div>
      </form>
    </Sheet>
  );
}

/** Whether a file is being dragged over the page. */
export const dropping = signal(false);

/** Boots a program that is dropped on the page, with the present machine's CPUs, seed and so on. */
export function acceptDrops(): void {
  const files = (e: DragEvent): boolean => e.dataTransfer?.types.includes("Files") ?? false;
  let depth = 0; // one enters a child before one leaves its parent
  addEventListener("dragenter", (e) => {
    if (files(e)) dropping.value = ++depth > 0;
  });
  addEventListener("dragleave", (e) => {
    if (files(e)) dropping.value = --depth > 0;
  });
  addEventListener("dragover", (e) => {
    if (files(e)) e.preventDefault();
  });
  addEventListener("drop", (e) => {
    depth = 0;
    dropping.value = false;
    const file = e.dataTransfer?.files[0];
    if (!file) return;
    e.preventDefault();
    sheet.value = "";
    void read(file).then((own) => own && boot({ ...moment.peek(), tick: 0 }, own));
  });
}
