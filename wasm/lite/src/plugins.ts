// Which of JupyterLab's, Jupyter Notebook's and JupyterLite's plugins the two pages have. What needs a server, another kind
// of document or another page is left out; what is not named is not registered.
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import application from "@jupyterlab/application-extension";
import apputils from "@jupyterlab/apputils-extension";
import codemirror from "@jupyterlab/codemirror-extension";
import completer from "@jupyterlab/completer-extension";
import docmanager from "@jupyterlab/docmanager-extension";
import search from "@jupyterlab/documentsearch-extension";
import filebrowser from "@jupyterlab/filebrowser-extension";
import mainmenu from "@jupyterlab/mainmenu-extension";
import markdown from "@jupyterlab/markedparser-extension";
import notebook from "@jupyterlab/notebook-extension";
import rendermime from "@jupyterlab/rendermime-extension";
import shortcuts from "@jupyterlab/shortcuts-extension";
import dark from "@jupyterlab/theme-dark-extension";
import light from "@jupyterlab/theme-light-extension";
import toc from "@jupyterlab/toc-extension";
import tooltip from "@jupyterlab/tooltip-extension";
import components from "@jupyterlab/ui-components-extension";
import shell from "@jupyter-notebook/application-extension";
import opener from "@jupyter-notebook/docmanager-extension";
import classic from "@jupyter-notebook/notebook-extension";
import tree from "@jupyter-notebook/tree-extension";
import lite from "@jupyterlite/application-extension";
import type { page } from "./config";

type Plugin = JupyterFrontEndPlugin<unknown>;
type Extension = Plugin | Plugin[];

/** Each line: the extension, its plugins by the last part of their names, and the page that alone has them. */
const chosen: [Extension, string, typeof page?][] = [
  [application as Extension, "commands context-menu faviconbusy top-bar"],
  [apputils as Extension, "palette sanitizer sessionDialogs settings-connector themes themes-palette-menu toolbar-registry utilityCommands"],
  [codemirror as Extension, "binding extensions languages services themes"],
  [codemirror as Extension, "commands", "notebooks"],
  [completer as Extension, "base-service manager", "notebooks"],
  [docmanager as Extension, "contexts dialogs manager plugin"],
  [search as Extension, "plugin", "notebooks"],
  [filebrowser as Extension, "browser default-file-browser factory settings"],
  [mainmenu as Extension, "plugin"],
  [markdown as Extension, "plugin"],
  [notebook as Extension, "cell-executor completer copy-output factory search toc tracker widget-factory", "notebooks"],
  [rendermime as Extension, "plugin"],
  [shortcuts as Extension, "shortcuts"],
  [dark as Extension, "plugin"],
  [light as Extension, "plugin"],
  [toc as Extension, "registry tracker", "notebooks"],
  [tooltip as Extension, "manager notebooks", "notebooks"],
  [components as Extension, "labicon-manager form-renderer-registry"],
  [shell as Extension, "dirty info menus menu-spacer paths rendermime shell sidepanel status tab-title title top translator zen"],
  [opener as Extension, "opener"],
  [classic as Extension, "kernel-logo kernel-status scroll-output full-width-notebook menu-override", "notebooks"],
  [tree as Extension, "new file-actions open-file-browser widget", "tree"],
  [lite as Extension, "download lite-router opener router"],
];

export function plugins(here: typeof page): Plugin[] {
  return chosen.flatMap(([extension, names, only]) => {
    if (only && only !== here) return [];
    const all = Array.isArray(extension) ? extension : [extension];
    return names.split(" ").map((name) => {
      const found = all.find((p) => p.id.endsWith(`:${name}`));
      if (!found) throw new Error(`no plugin ${name} in the extension of ${all[0]?.id}`);
      return found;
    });
  });
}
