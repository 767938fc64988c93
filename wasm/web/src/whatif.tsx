import { boot, index, moment, ownFile, problem, t } from "./state";

const maxFile = 64 << 20;
const list = (text: FormDataEntryValue | null): string[] => String(text ?? "").split("\n").map((s) => s.trimEnd()).filter((s) => s !== "");

/** The form that boots another machine. The tick stays 0: another machine has other moments. */
export function WhatIf() {
  const m = moment.value, samples = index.value?.samples ?? [];
  const names = [...new Set(samples.map((s) => s.name))], versions = [...new Set(samples.map((s) => s.go))];
  const procs = m.env.find((e) => e.startsWith("GOMAXPROCS="))?.slice("GOMAXPROCS=".length) ?? "";

  async function submit(e: SubmitEvent): Promise<void> {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    const env = list(form.get("env")).filter((e) => !e.startsWith("GOMAXPROCS="));
    const n = String(form.get("gomaxprocs") ?? "");
    if (n) env.push("GOMAXPROCS=" + n);
    const wish = {
      sample: String(form.get("sample")), go: String(form.get("go")), cpus: Number(form.get("cpus")), seed: Number(form.get("seed")),
      args: list(form.get("args")), env, tick: 0,
    };
    const file = form.get("file");
    if (!(file instanceof File) || file.size === 0) return boot(wish);
    if (file.size > maxFile) {
      problem.value = t("tooLarge");
      return;
    }
    return boot(wish, { name: file.name.replace(/[^\w.+-]/g, "_") || "program", bytes: new Uint8Array(await file.arrayBuffer()) });
  }

  return (
    <details class="whatif">
      <summary>{t("whatIf")}</summary>
      <form key={JSON.stringify({ ...m, tick: 0 })} onSubmit={(e) => void submit(e)}>
        <label>{t("program")}<select name="sample" defaultValue={m.sample}>{names.map((n) => <option key={n} value={n} selected={n === m.sample} title={samples.find((s) => s.name === n)?.summary}>{n}</option>)}</select></label>
        <label>{t("goVersion")}<select name="go">{versions.map((v) => <option key={v} value={v} selected={v === m.go}>{v}</option>)}</select></label>
        <label>{t("cpus")}<input name="cpus" type="number" min={1} max={1024} required value={m.cpus} /></label>
        <label>GOMAXPROCS<input name="gomaxprocs" type="number" min={1} max={1024} placeholder={t("inherit")} value={procs} /></label>
        <label>{t("seed")}<input name="seed" type="number" min={0} max={Number.MAX_SAFE_INTEGER} required value={m.seed} /></label>
        <label class="wide">{t("args")}<textarea name="args" rows={2} spellcheck={false}>{m.args.join("\n")}</textarea></label>
        <label class="wide">{t("env")}<textarea name="env" rows={2} spellcheck={false}>{m.env.filter((e) => !e.startsWith("GOMAXPROCS=")).join("\n")}</textarea></label>
        <label class="wide">{t("file")}<input name="file" type="file" />{ownFile.value}</label>
        <button type="submit">{t("boot")}</button>
      </form>
    </details>
  );
}
