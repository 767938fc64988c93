// What Jupyter's pages lack for readers who see or point otherwise, found with axe-core.
import { EditorView } from "@codemirror/view";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { EditorExtensionRegistry, IEditorExtensionRegistry } from "@jupyterlab/codemirror";
import { say } from "./translator";

/** Editors have a name. */
export const editorNames: JupyterFrontEndPlugin<void> = {
  id: "rt0:editor-names",
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app: JupyterFrontEnd, registry: IEditorExtensionRegistry) => {
    const extension = EditorView.contentAttributes.of({ "aria-label": say("Cell") });
    registry.addExtension({ name: "rt0:name", factory: () => EditorExtensionRegistry.createImmutableExtension(extension) });
  },
};

/** What is wrong in the elements that Jupyter makes, and what mends it. */
const mends: Record<string, (e: HTMLElement) => void> = {
  // A feed consists of articles.
  '[role="feed"] > .jp-Cell:not([role])': (e) => e.setAttribute("role", "article"),
  // The link goes to what only one of the two pages has, and comes in the order of tabs before the page's address.
  ".skip-link[tabindex]": (e) => {
    e.removeAttribute("tabindex");
    e.setAttribute("href", "#main-panel");
    e.textContent = say("Skip to Main");
    e.addEventListener("click", (event) => {
      event.stopImmediatePropagation();
      document.getElementById("main-panel")?.focus();
    }, true);
  },
  // Lines between the items of a menu; a menu belongs to no part of the page.
  '.lm-Menu-item[data-type="separator"]:not([role="separator"])': (e) => {
    e.setAttribute("role", "separator");
    e.removeAttribute("tabindex"); // else it would be a slider
  },
  ".lm-Menu:not([role])": (e) => {
    e.setAttribute("role", "region");
    e.setAttribute("aria-label", say("Menu"));
  },
  "#main-panel:not([tabindex])": (e) => e.setAttribute("tabindex", "-1"),
  // The state belongs to the button inside: the element around it is none.
  "jp-button[aria-pressed]": (e) => {
    const button = e.shadowRoot?.querySelector("button");
    if (!button) return;
    const pressed = e.getAttribute("aria-pressed") ?? "false";
    e.removeAttribute("aria-pressed");
    button.setAttribute("aria-pressed", pressed);
  },
};

export const elements: JupyterFrontEndPlugin<void> = {
  id: "rt0:elements",
  autoStart: true,
  activate: () => {
    let asked = false;
    const look = (): void => {
      asked = false;
      for (const [wrong, mend] of Object.entries(mends)) document.querySelectorAll<HTMLElement>(wrong).forEach(mend);
    };
    new MutationObserver(() => {
      if (!asked) requestAnimationFrame(look);
      asked = true;
    }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-pressed"] });
    look();
  },
};
