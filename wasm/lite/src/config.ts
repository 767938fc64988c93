// What JupyterLab asks PageConfig for. It is imported before all else, since some modules read it while they are loaded.
import { PageConfig } from "@jupyterlab/coreutils";

/** The folder of these pages, and that of the site, which holds index.json. */
export const base = new URL("../", document.baseURI).href;
export const site = new URL("../", base).href;

/** Which page this is: notebooks/index.html or tree/index.html. */
export const page = new URL(document.baseURI).pathname.includes("/tree/") ? "tree" : "notebooks";

const options = {
  appName: "rt0", appUrl: `/${page}`, notebookPage: page, baseUrl: base, wsUrl: base.replace(/^http/, "ws"), settingsUrl: `${base}settings`,
  themesUrl: "themes", defaultKernelName: "rt0", treePath: "",
};
for (const [name, value] of Object.entries(options)) PageConfig.setOption(name, value);
