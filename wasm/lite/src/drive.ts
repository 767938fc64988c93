// The files: JupyterLite's drive in the browser's storage, over the lessons' notebooks, which lie on the site. A notebook
// that the reader saves is kept in the browser and shown in place of the site's; deleting it brings that back.
import type { Contents } from "@jupyterlab/services";
import { BrowserStorageDrive } from "@jupyterlite/services";

type Folder = Map<string, Contents.IModel>;

/** What a notebook says of its kernel, as those of the lessons do. */
const metadata = {
  kernelspec: { name: "rt0", display_name: "Go (rt0)", language: "go" },
  language_info: { name: "go", mimetype: "text/x-go", file_extension: ".go" },
};

/** The database in the browser, of files and of settings. */
export const storageName = "rt0 notebooks";

/**
 * Makes all stores of the database at once. localforage makes each when it is first used, with a new version of the database,
 * which pages that are open with the version before then complain of.
 */
export async function prepare(): Promise<void> {
  await new Promise<void>((resolve) => {
    const opening = indexedDB.open(storageName, 2);
    opening.onupgradeneeded = () => {
      for (const name of ["files", "counters", "checkpoints", "settings", "local-forage-detect-blob-support"]) {
        if (!opening.result.objectStoreNames.contains(name)) opening.result.createObjectStore(name);
      }
    };
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
    opening.onerror = () => resolve(); // localforage falls back on what the browser has, and tells
  });
}

export class Drive extends BrowserStorageDrive {
  constructor(options: BrowserStorageDrive.IOptions) {
    super(options);
    // JupyterLite asks the server for a list of each folder; which there are is known when the site is built. The method is
    // private there, so that a subclass cannot have one of its name.
    const folders = lessons();
    Object.assign(this, { _getServerDirectory: async (path: string): Promise<Folder> => folders.get(path) ?? new Map() });
  }

  /** A new notebook names its kernel: JupyterLab would ask the reader, who has one to choose from. */
  override async newUntitled(options?: Contents.ICreateOptions): Promise<Contents.IModel> {
    const file = await super.newUntitled(options);
    if (file.type !== "notebook") return file;
    return this.save(file.path, { ...file, content: { nbformat: 4, nbformat_minor: 5, metadata, cells: [] } });
  }
}

/** The folders of the site by their paths; "" is that of the languages. */
function lessons(): Map<string, Folder> {
  const folders = new Map<string, Folder>([["", new Map()]]);
  for (const { path, size } of NOTEBOOKS) {
    const [folder = "", name = ""] = path.split("/");
    if (!folders.has(folder)) {
      folders.set(folder, new Map());
      folders.get("")?.set(folder, model(folder, folder, "directory", 0));
    }
    folders.get(folder)?.set(name, model(name, path, "notebook", size));
  }
  return folders;
}

function model(name: string, path: string, type: "directory" | "notebook", size: number): Contents.IModel {
  const never = new Date(0).toISOString();
  return { name, path, type, size, format: "json", mimetype: "application/json", content: null, created: never, last_modified: never, writable: true };
}
