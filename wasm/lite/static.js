// The files beside the script: the pages, the notebooks, the themes and the defaults of the settings.
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sources } from "@rspack/core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const lessons = here("../../notebooks/");

/** The lessons' notebooks, by language: en/13_pidle.en.ipynb. */
export function notebooks() {
  return readdirSync(lessons).filter((name) => name.endsWith(".ipynb")).map((name) => {
    const [, lang] = /\.(\w+)\.ipynb$/.exec(name);
    return { path: `${lang}/${name}`, file: lessons + name, size: readFileSync(lessons + name).length };
  });
}

/** The policy that the pages need: styles are set by scripts everywhere in JupyterLab, so that they must be allowed inline. */
export const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

const html = (title, script, style) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<link rel="icon" href="../kernel.svg">
<link rel="stylesheet" href="../${style}">
<script defer src="../${script}"></script>
</head>
<body class="jp-ThemedContainer" data-notebook="${title}"></body>
</html>
`;

/** Settings that are other than JupyterLab's. */
const overrides = {
  "@jupyterlab/apputils-extension:themes": { "adaptive-theme": true },
  "@jupyterlab/docmanager-extension:plugin": { autosaveInterval: 5, renameUntitledFileOnSave: false },
  "@jupyterlab/filebrowser-extension:browser": {
    navigateToCurrentDirectory: false, singleClickNavigation: true, showLastModifiedColumn: false, showFileSizeColumn: true, showFileCheckboxes: true,
  },
  // A notebook of ours is short: its outputs stay in the page, where the browser's search finds them.
  "@jupyterlab/notebook-extension:tracker": { windowingMode: "defer" },
};

/** Every entry of menus, at any depth. */
const entries = (menus = []) => menus.flatMap((m) => [m, ...entries(m.items), ...entries(m.submenu ? [m.submenu] : [])]);

/** Commands that nothing provides here, although their entries are shown. */
const absent = ["filemenu:create-console", "docmanager:clone"];

/** Jupyter Notebook places some commands of JupyterLab elsewhere: each is to be in the menus once. */
function dropMoved(all) {
  const moved = new Set(absent);
  for (const e of all.filter((p) => p.id.startsWith("@jupyter-notebook/")).flatMap((p) => entries(p.schema["jupyter.lab.menus"]?.main))) moved.add(e.command);
  for (const p of all.filter((p) => p.id.startsWith("@jupyterlab/"))) {
    for (const menu of entries(p.schema["jupyter.lab.menus"]?.main)) {
      if (menu.items) menu.items = menu.items.filter((i) => !i.command || !moved.has(i.command));
    }
  }
  return all;
}

/** The settings that each extension can have, in the form in which JupyterLite fetches them. */
function settings() {
  const modules = here("node_modules/");
  const all = [];
  for (const scope of ["@jupyterlab", "@jupyter-notebook", "@jupyterlite"]) {
    for (const name of readdirSync(modules + scope).filter((n) => n.endsWith("-extension"))) {
      const folder = `${modules}${scope}/${name}/schema`;
      if (!existsSync(folder)) continue;
      const { version } = JSON.parse(readFileSync(`${modules}${scope}/${name}/package.json`, "utf8"));
      for (const file of readdirSync(folder).filter((n) => n.endsWith(".json"))) {
        const id = `${scope}/${name}:${file.slice(0, -5)}`;
        const schema = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
        for (const [property, value] of Object.entries(overrides[id] ?? {})) {
          if (!schema.properties[property]) throw new Error(`${id} has no setting ${property}`);
          schema.properties[property].default = value;
        }
        all.push({ id, raw: "{}", schema, settings: {}, version });
      }
    }
  }
  return dropMoved(all);
}

function theme(name) {
  const folder = here(`node_modules/@jupyterlab/${name}/style/`);
  return readFileSync(`${folder}theme.css`, "utf8").replace(/@import '\.\/variables\.css';/, () => readFileSync(`${folder}variables.css`, "utf8"));
}

export class StaticFiles {
  apply(compiler) {
    compiler.hooks.thisCompilation.tap("StaticFiles", (compilation) => {
      compilation.hooks.processAssets.tap({ name: "StaticFiles", stage: compilation.constructor.PROCESS_ASSETS_STAGE_REPORT ?? 5000 }, () => {
        const emit = (name, content) => compilation.emitAsset(name, new sources.RawSource(content));
        const entry = compilation.entrypoints.get("main").getFiles();
        const script = entry.find((f) => f.endsWith(".js"));
        const style = entry.find((f) => f.endsWith(".css"));
        emit("assets.json", JSON.stringify(compilation.getAssets().map((a) => a.name))); // what a visit without a network may need
        emit("notebooks/index.html", html("rt0 notebook", script, style));
        emit("index.html", `<!doctype html>\n<meta charset="utf-8">\n<meta http-equiv="refresh" content="0; url=tree/index.html">\n<title>rt0 notebooks</title>\n<a href="tree/index.html">rt0 notebooks</a>\n`);
        emit("tree/index.html", html("rt0 notebooks", script, style));
        emit("settings/all.json", JSON.stringify(settings()));
        emit("settings/all_federated.json", "[]");
        for (const t of ["theme-light-extension", "theme-dark-extension"]) emit(`themes/@jupyterlab/${t}/index.css`, theme(t));
        emit("kernel.svg", readFileSync(here("../web/icon.svg")));
        for (const { path, file } of notebooks()) emit(`files/${path}`, readFileSync(file));
      });
    });
  }
}
