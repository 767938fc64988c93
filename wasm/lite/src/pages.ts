// How the pages hang together: on a static host each is an index.html in a folder of its own, and what it shows is in the
// query.
import { Dialog, showDialog } from "@jupyterlab/apputils";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { IMainMenu } from "@jupyterlab/mainmenu";
import { INotebookPathOpener } from "@jupyter-notebook/application";
import { notebookIcon } from "@jupyterlab/ui-components";
import { Widget } from "@lumino/widgets";
import { base, site } from "./config";
import { language, say } from "./translator";

/** Opens a notebook in a page of its own. */
function show(path: string): Window | null {
  if (!path.endsWith(".ipynb")) {
    void showDialog({
      title: say("Cannot open this file"), body: say("Only notebooks (.ipynb) can be opened here; other files can be downloaded."), buttons: [Dialog.okButton()],
    });
    return null;
  }
  const url = new URL("notebooks/index.html", base);
  url.searchParams.set("path", path);
  return window.open(url);
}

export const pathOpener: JupyterFrontEndPlugin<INotebookPathOpener> = {
  id: "rt0:path-opener",
  autoStart: true,
  provides: INotebookPathOpener,
  activate: () => ({ open: ({ path }) => show(path ?? "") }),
};

/** Links to the list of notebooks and to the machine's page, at the top and, since a phone has no room there, in the Help menu. */
export const links: JupyterFrontEndPlugin<void> = {
  id: "rt0:links",
  autoStart: true,
  requires: [IMainMenu],
  activate: (app: JupyterFrontEnd, menu: IMainMenu) => {
    const all = new URL("tree/index.html", base).href;
    const machine = new URL("index.html", site).href;
    app.shell.add(link("rt0", all, "rt0-logo", say("All notebooks")), "top", { rank: 0 });
    app.shell.add(link(say("The machine"), machine, "rt0-machine", say("The same machine on a page of its own")), "top", { rank: 1000 });
    const go = (id: string, label: string, url: string): { command: string } => {
      app.commands.addCommand(id, { label: say(label), execute: () => window.location.assign(url) });
      return { command: id };
    };
    go("notebook:open-tree-tab", "All notebooks", all);
    menu.helpMenu.addGroup([go("application:open-tree", "All notebooks", all), go("rt0:machine", "The machine", machine)], 0);
  },
};

/**
 * The list of notebooks begins with those in the reader's language. Jupyter Notebook makes a document, with a kernel, before it
 * opens the page in which that will be seen; here the list only opens the page.
 */
export const list: JupyterFrontEndPlugin<void> = {
  id: "rt0:list",
  autoStart: true,
  requires: [IDefaultFileBrowser, IDocumentManager],
  activate: (app: JupyterFrontEnd, browser: IDefaultFileBrowser, documents: IDocumentManager) => {
    const open = (path: string): undefined => void show(path);
    Object.assign(documents, { open, openOrReveal: open });
    app.commands.addCommand("notebook:create-new", {
      label: "Go (rt0)",
      caption: say("A new notebook"),
      icon: notebookIcon,
      execute: async () => show((await documents.newUntitled({ path: browser.model.path, type: "notebook" })).path),
    });
    void app.restored.then(() => browser.model.cd(`/${language()}`));
  },
};

function link(text: string, href: string, id: string, title: string): Widget {
  const node = document.createElement("a");
  Object.assign(node, { textContent: text, href, title });
  const widget = new Widget({ node });
  widget.id = id;
  return widget;
}
