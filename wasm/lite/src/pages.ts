// How the pages hang together: on a static host each is an index.html in a folder of its own, and what it shows is in the
// query.
import { showErrorMessage } from "@jupyterlab/apputils";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { IMainMenu } from "@jupyterlab/mainmenu";
import { INotebookPathOpener } from "@jupyter-notebook/application";
import { Widget } from "@lumino/widgets";
import { base, page, site } from "./config";
import { language, say } from "./translator";

export const pathOpener: JupyterFrontEndPlugin<INotebookPathOpener> = {
  id: "rt0:path-opener",
  autoStart: true,
  provides: INotebookPathOpener,
  activate: () => ({
    open: ({ prefix, path, searchParams, target, features }) => {
      if (!prefix.endsWith("/notebooks")) {
        void showErrorMessage(say("Cannot open this file"), say("Only notebooks (.ipynb) can be opened here; others can be downloaded."));
        return null;
      }
      const url = new URL(`${prefix}/index.html`, base);
      for (const [name, value] of searchParams ?? []) url.searchParams.set(name, value);
      if (path) url.searchParams.set("path", path);
      return window.open(url, target, features);
    },
  }),
};

/** Links to the list of notebooks and to the machine's page, at the top and, since a phone has no room there, in the Help menu. */
export const links: JupyterFrontEndPlugin<void> = {
  id: "rt0:links",
  autoStart: true,
  requires: [IMainMenu],
  activate: (app: JupyterFrontEnd, menu: IMainMenu) => {
    const list = new URL("tree/index.html", base).href;
    const machine = new URL("index.html", site).href;
    app.shell.add(link("rt0", list, "rt0-logo", say("All notebooks")), "top", { rank: 0 });
    app.shell.add(link(say("The machine"), machine, "rt0-machine", say("The same machine on a page of its own")), "top", { rank: 1000 });
    const go = (id: string, label: string, url: string): { command: string } => {
      app.commands.addCommand(id, { label: say(label), execute: () => window.location.assign(url) });
      return { command: id };
    };
    go("notebook:open-tree-tab", "All notebooks", list);
    menu.helpMenu.addGroup([go("application:open-tree", "All notebooks", list), go("rt0:machine", "The machine", machine)], 0);
  },
};

/** The list of notebooks begins with those in the reader's language. */
export const start: JupyterFrontEndPlugin<void> = {
  id: "rt0:start",
  autoStart: true,
  requires: [IDefaultFileBrowser],
  activate: (app: JupyterFrontEnd, browser: IDefaultFileBrowser) => {
    if (page === "tree") void app.restored.then(() => browser.model.cd(`/${language()}`));
  },
};

function link(text: string, href: string, id: string, title: string): Widget {
  const node = document.createElement("a");
  Object.assign(node, { textContent: text, href, title });
  const widget = new Widget({ node });
  widget.id = id;
  return widget;
}
