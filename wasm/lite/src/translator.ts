// The language of the menus and dialogs. JupyterLab's own translator asks a server for catalogues and compiles their rules
// for plurals with eval; its Chinese catalogue is a Python package. Ours is words.zh.json: what one sees here without looking
// for it. The rest stays English. Chinese has no plural forms, so that one entry serves both.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Dialog } from "@jupyterlab/apputils";
import { Gettext } from "@jupyterlab/translation/lib/gettext";
import { ITranslator, nullTranslator, type TranslationBundle } from "@jupyterlab/translation";
import chinese from "./words.zh.json";

export type Lang = "en" | "zh";

/** The language of the notebook that is open, or else that which the reader chose on the machine's page, or the browser's. */
export function language(): Lang {
  const path = new URLSearchParams(location.search).get("path") ?? "";
  const wanted = /^(en|zh)\//.exec(path)?.[1] ?? localStorage.getItem("rt0.lang") ?? navigator.language;
  return wanted.startsWith("zh") ? "zh" : "en";
}

type Words = Record<string, string>;

/** What JupyterLab calls a bundle, of one catalogue for all parts of it. */
function bundle(words: Words): TranslationBundle {
  const say = (text: string, ...args: unknown[]): string => Gettext.strfmt(words[text] ?? text, ...(args as string[]));
  const count = (one: string, many: string, n: number, ...args: unknown[]): string => say(n === 1 ? one : many, n, ...args);
  return {
    __: say, gettext: say,
    _n: count, ngettext: count,
    _p: (_context, text, ...args) => say(text, ...args),
    pgettext: (_context, text, ...args) => say(text, ...args),
    _np: (_context, one, many, n, ...args) => count(one, many, n, ...args),
    npgettext: (_context, one, many, n, ...args) => count(one, many, n, ...args),
    dcnpgettext: (_domain, _context, one, many, n, ...args) => count(one, many, n, ...args),
  };
}

const inChinese = bundle(chinese as Words);

/** A word of our own, in the language of the page. */
export const say = (text: string): string => (language() === "zh" ? inChinese.__(text) : text);

export const translator: JupyterFrontEndPlugin<ITranslator> = {
  id: "rt0:translator",
  autoStart: true,
  provides: ITranslator,
  activate: (_app: JupyterFrontEnd) => {
    const lang = language();
    document.documentElement.lang = lang;
    const chosen: ITranslator = lang === "zh" ? { languageCode: "zh_CN", load: () => inChinese } : nullTranslator;
    Dialog.translator = chosen;
    return chosen;
  },
};
