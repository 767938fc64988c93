import { page } from "./config";
import "./styles";
import { NotebookApp } from "@jupyter-notebook/application";
import { showErrorMessage } from "@jupyterlab/apputils";
import { editorNames, elements } from "./accessible";
import { links, list, pathOpener } from "./pages";
import { prepare } from "./drive";
import { figures } from "./figures";
import { keepAll } from "./offline";
import { plugins } from "./plugins";
import { services } from "./services";
import { registry } from "./settings";
import { say, translator } from "./translator";

async function main(): Promise<void> {
  await prepare();
  const { manager, kernels } = services();
  const app = new NotebookApp({ serviceManager: manager } as never);
  kernels.failed.connect((_, why) => void showErrorMessage(say("The kernel has stopped"), why));
  app.registerPlugins(plugins(page));
  app.registerPlugins([registry, translator, pathOpener, links, elements, editorNames, ...(page === "tree" ? [list] : [figures])]);
  await app.start();
  await app.restored;
  void keepAll();
}

void main();
