// What JupyterLab asks a server for, answered within the page: kernels and sessions by workers, files by the site and by
// the browser's storage.
import { ConfigSection, ContentsManager, KernelManager, KernelSpecManager, ServiceManager, SessionManager, UserManager, type KernelSpec } from "@jupyterlab/services";
import { LiteSessionClient, Settings, type LiteKernelClient } from "@jupyterlite/services";
import { LocalEventManager } from "@jupyterlite/services-extension/lib/event";
import { LiteConfigSectionManager } from "@jupyterlite/services-extension/lib/configsection";
import localforage from "localforage";
import { base, site } from "./config";
import { Kernels } from "./kernels";
import { Drive, storageName } from "./drive";

const specs: KernelSpec.ISpecModels = {
  default: "rt0",
  kernelspecs: {
    rt0: {
      name: "rt0", display_name: "Go (rt0)", language: "go", argv: [], env: {}, metadata: {},
      resources: { "logo-svg": `${base}kernel.svg`, "logo-64x64": `${base}kernel.svg` },
    },
  },
};

/** A user manager that has nobody to ask who the user is. */
class NoUser extends UserManager {
  protected override async requestUser(): Promise<void> {}
}

/** How long JupyterLab waits for a kernel's first answer before it sends the cells all the same; ours may have 3 MB to load. */
const firstAnswer = 120_000;

export function services(): { manager: ServiceManager; kernels: Kernels } {
  const client = new Kernels(site);
  const serverSettings = client.serverSettings;
  const drive = new Drive({ storageName, localforage, serverSettings });
  const kernelSpecAPIClient = { serverSettings, get: async () => specs };
  const kernels = new KernelManager({ kernelAPIClient: client, kernelSpecAPIClient, serverSettings });
  kernels.kernelInfoTimeout = firstAnswer;
  const sessionAPIClient = new LiteSessionClient({ kernelClient: client as unknown as LiteKernelClient, serverSettings });
  ConfigSection._setConfigSectionManager(new LiteConfigSectionManager({ serverSettings }));
  const manager = new ServiceManager({
    serverSettings,
    contents: new ContentsManager({ defaultDrive: drive, serverSettings }),
    events: new LocalEventManager({ serverSettings }),
    kernels,
    sessions: new SessionManager({ kernelManager: kernels, sessionAPIClient, serverSettings }),
    kernelspecs: new KernelSpecManager({ kernelSpecAPIClient, serverSettings }),
    settings: new Settings({ storageName, localforage, serverSettings }),
    user: new NoUser({ serverSettings }),
  });
  return { manager, kernels: client };
}
