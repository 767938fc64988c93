// How a cell's figures are shown. A figure comes as SVG, as HTML that holds the same SVG, and as text. JupyterLab would take
// the HTML, which is cleaned of SVG while a notebook is not trusted; here the SVG is an image, in which no script runs, trusted
// or not, with its text below, and what HTML there is besides is always cleaned.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IRenderMimeRegistry, RenderedCommon, RenderedHTML } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { say } from "./translator";

class Figure extends RenderedCommon {
  async render(model: IRenderMime.IMimeModel): Promise<void> {
    const source = String(model.data["image/svg+xml"]);
    const text = String(model.data["text/plain"] ?? "");
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
    image.alt = /<title>([^<]*)<\/title>/.exec(source)?.[1] ?? say("figure");
    this.addClass("rt0-figure");
    this.node.replaceChildren(image);
    if (!text.includes("\n")) return;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const twin = document.createElement("pre");
    summary.textContent = say("as text");
    twin.textContent = text;
    details.append(summary, twin);
    this.node.append(details);
  }
}

class CleanHTML extends RenderedHTML {
  override render(model: IRenderMime.IMimeModel): Promise<void> {
    return super.render({ ...model, data: model.data, metadata: model.metadata, setData: model.setData.bind(model), trusted: false });
  }
}

export const figures: JupyterFrontEndPlugin<void> = {
  id: "rt0:figures",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: (_app: JupyterFrontEnd, registry: IRenderMimeRegistry) => {
    registry.addFactory({ safe: true, mimeTypes: ["image/svg+xml"], createRenderer: (options) => new Figure(options) }, 40);
    registry.addFactory({ safe: true, mimeTypes: ["text/html"], createRenderer: (options) => new CleanHTML(options) }, 50);
  },
};
