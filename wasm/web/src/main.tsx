import { render } from "preact";
import { Controls, Help, onKey } from "./controls";
import { Code, Drawing, Facts, Pictures, Registers, Said, Source, Threads } from "./panes";
import { bootJSON, busy, go, hash, lang, load, outline, problem, setLang, stop, t, view, wrote } from "./state";
import "./style.css";
import { Stages, Timeline } from "./timeline";
import { WhatIf } from "./whatif";
import { inLang, shortFile, thousands } from "./words";

function Notice() {
  const w = wrote.value;
  if (!w) return null;
  const { write } = w;
  return (
    <p class="notice" role="status">
      <span><b>{write.func}</b> ({shortFile(write.file)}:{write.line}) {t("wrote")} <code>{w.expr}</code>: <code>{write.old || t("noMemory")} → {write.new}</code>, {t("tick")} {thousands(write.tick)}</span>
      <button onClick={() => { wrote.value = null; void go({ to: "tick", tick: w.from }); }}>{t("goBack")}</button>
      <button onClick={() => (wrote.value = null)}>{t("close")}</button>
    </p>
  );
}

function Story() {
  const v = view.value!, s = outline.value!.stages[v.stage]!;
  return (
    <div class="story" aria-live="polite">
      <h2>{v.stage + 1}. {inLang(s.title, lang.value)}{v.atStage ? "" : " …"}</h2>
      <p>{inLang(v.story, lang.value)}</p>
    </div>
  );
}

function App() {
  const v = view.value;
  return (
    <>
      <a class="skip" href="#machine" onClick={(e) => { e.preventDefault(); document.getElementById("machine")?.focus(); }}>{t("skip")}</a>
      <header>
        <h1><b>rt0</b> {t("title")}</h1>
        <p class="stamp">{v?.stamp}</p>
        <button class="lang" lang={lang.value === "en" ? "zh" : "en"} onClick={() => void setLang(lang.value === "en" ? "zh" : "en")}>{t("language")}</button>
      </header>
      {problem.value && <p class="problem" role="alert"><span>{problem.value.split("\n")[0]}</span><button onClick={() => (problem.value = "")}>{t("close")}</button></p>}
      {busy.value && <p class="busy" role="status"><span>{t(busy.value)}</span> <button onClick={stop}>{t("stop")}</button></p>}
      {!v || !outline.value ? <p class="loading" role="status">{problem.value ? "" : t("loading")}</p> : (
        <main id="machine" tabIndex={-1} data-tick={v.tick} data-hash={hash.value}>
          <div class="steer">
            <Timeline />
            <Controls />
          </div>
          <Notice />
          {v.note && <p class="notice" role="status"><span>{t("stopped")}: {v.note}</span></p>}
          <Story />
          <div class="panes">
            <Stages />
            <div class="column"><Code /><Source /></div>
            <div class="column"><Registers /><section class="pane"><Drawing name="stack" /></section></div>
            <div class="column wide"><Pictures /><Threads /><Said /></div>
            <Facts />
          </div>
          <footer>
            <WhatIf />
            <Help />
            <p class="hash">{t("hash")}: <code>{hash.value || "…"}</code></p>
          </footer>
        </main>
      )}
    </>
  );
}

addEventListener("keydown", onKey);
render(<App />, document.getElementById("app")!);
void load();

// For those who compare this machine with `rt0 boot -format json`, in the browser's console or in a test.
Object.assign(globalThis, { rt0: { bootJSON } });
