import { page } from "./config";
import "./styles";
import { NotebookApp } from "@jupyter-notebook/application";
import { showErrorMessage } from "@jupyterlab/apputils";
import { links, pathOpener, start } from "./pages";
import { figures } from "./figures";
import { keep } from "./offline";
import { plugins } from "./plugins";
import { services } from "./services";
import { registry } from "./settings";
import { translator } from "./translator";

async function main(): Promise<void> {
  const { manager, kernels } = services();
  const app = new NotebookApp({ serviceManager: manager } as never);
  kernels.failed.connect((_, why) => void showErrorMessage("The kernel has stopped", why));
  app.registerPlugins(plugins(page));
  app.registerPlugins([registry, translator, pathOpener, links, start, figures]);
  await app.start();
  await app.restored;
  void keep();
}

void main();
