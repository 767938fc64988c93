// The files: JupyterLite's drive in the browser's storage, over the lessons' notebooks, which lie on the site. A notebook
// that the reader saves is kept in the browser and shown in place of the site's; deleting it brings that back.
import type { Contents } from "@jupyterlab/services";
import type { BrowserStorageDrive } from "@jupyterlite/services";

type Folder = Map<string, Contents.IModel>;

/** JupyterLite asks the server for a list of each folder; which folders there are is known when the site is built. */
interface Served { _getServerDirectory(path: string): Promise<Folder> }

export function lessons(drive: BrowserStorageDrive): BrowserStorageDrive {
  const folders = new Map<string, Folder>([["", new Map()]]);
  for (const { path, size } of NOTEBOOKS) {
    const [folder = "", name = ""] = path.split("/");
    if (!folders.has(folder)) {
      folders.set(folder, new Map());
      folders.get("")?.set(folder, model(folder, folder, "directory", 0));
    }
    folders.get(folder)?.set(name, model(name, path, "notebook", size));
  }
  (drive as unknown as Served)._getServerDirectory = async (path) => folders.get(path) ?? new Map<string, Contents.IModel>();
  return drive;
}

function model(name: string, path: string, type: "directory" | "notebook", size: number): Contents.IModel {
  const never = new Date(0).toISOString();
  return { name, path, type, size, format: "json", mimetype: "application/json", content: null, created: never, last_modified: never, writable: true };
}
