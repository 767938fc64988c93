// The editor of a cell: CodeMirror in a shadow tree, because only there does it take its style from style sheets that the
// page's Content-Security-Policy allows.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, completionStatus, startCompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { goLanguage } from "@codemirror/lang-go";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { drawSelection, EditorView, hoverTooltip, keymap, lineNumbers, showTooltip, type Tooltip } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

export interface Wishes {
  parent: HTMLElement;
  code: string;
  label(): string;
  changed(code: string): void;
  run(onward: boolean): void;
  leave(): void;
  focused(): void;
  complete(code: string, at: number): Promise<{ from: number; to: number; matches: { text: string; type: string }[] }> | null;
  inspect(code: string, at: number): Promise<string> | null;
}

export interface Editor { set(code: string): void; focus(): void; relabel(): void; destroy(): void }

const theme = EditorView.theme({
  "&": { backgroundColor: "var(--bg)", color: "var(--fg)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--fg)", padding: ".4rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--fg)" },
  ".cm-gutters": { backgroundColor: "var(--bg)", color: "var(--muted)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "1.9rem", padding: "0 .5rem 0 .2rem" },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": { backgroundColor: "var(--accentbg)", outline: "1px solid var(--line)" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "var(--accentbg)" },
  ".cm-tooltip": { backgroundColor: "var(--pane)", color: "var(--fg)", border: "1px solid var(--line)", borderRadius: "6px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px", maxHeight: "12rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--bg)" },
  ".cm-completionDetail": { color: "inherit", opacity: "1", fontStyle: "normal", fontSize: "11px", marginLeft: "1rem" },
  ".about": { margin: "0", padding: ".4rem .6rem", maxWidth: "34rem", maxHeight: "14rem", overflow: "auto", whiteSpace: "pre-wrap", font: "12.5px/1.45 var(--mono)" },
  ".tok-keyword": { color: "var(--lesson-keyword)", fontWeight: "600" },
  ".tok-string, .tok-string2": { color: "var(--lesson-string)" },
  ".tok-comment": { color: "var(--muted)", fontStyle: "italic" },
  ".tok-number, .tok-bool, .tok-atom": { color: "var(--lesson-number)" },
  ".tok-typeName, .tok-className": { color: "var(--lesson-type)" },
});

// What is typed over a selection is put there by us: Chromium would do it with style attributes, to keep the look of what was
// there, and the page's Content-Security-Policy would complain.
const replaceSelection = EditorView.domEventHandlers({
  beforeinput: (e, view) => {
    const { from, to, empty } = view.state.selection.main, text = e.data;
    if (e.inputType !== "insertText" || text === null || empty || view.composing || e.isComposing) return false;
    e.preventDefault();
    const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some((f) => f(view, from, to, text, insert))) view.dispatch(insert());
    return true;
  },
});

const word = /[\w.]$/;
const kinds: Record<string, string> = { func: "function", type: "type", var: "variable", const: "constant", package: "namespace", field: "property", method: "method", keyword: "keyword" };

export function edit(w: Wishes): Editor {
  const root = w.parent.shadowRoot ?? w.parent.attachShadow({ mode: "open" });
  root.replaceChildren();

  const source = async (c: CompletionContext): Promise<CompletionResult | null> => {
    if (!c.explicit && !c.matchBefore(/[\w.%]+$/)) return null;
    const found = await w.complete(c.state.doc.toString(), c.pos);
    if (!found || c.aborted || found.matches.length === 0) return null;
    const options = found.matches.map(({ text, type }, i): Completion => ({ label: text, ...(type && { detail: type, type: kinds[type] ?? type }), boost: -Math.min(i, 99) }));
    return { from: found.from, to: Math.max(found.to, c.pos), options, validFor: /^\w*$/ };
  };

  const about = (text: string, pos: number): Tooltip => ({
    pos, above: true,
    create: () => {
      const dom = document.createElement("pre");
      dom.className = "about";
      dom.textContent = text; // never markup
      return { dom };
    },
  });
  const tell = StateEffect.define<Tooltip | null>();
  const told = StateField.define<Tooltip | null>({
    create: () => null,
    update: (old, tr) => tr.effects.reduce<Tooltip | null>((now, e) => (e.is(tell) ? e.value : now), tr.docChanged || tr.selection ? null : old),
    provide: (f) => showTooltip.from(f),
  });
  const explain = async (view: EditorView): Promise<void> => {
    const pos = view.state.selection.main.head;
    const text = await w.inspect(view.state.doc.toString(), pos);
    if (text && view.state.selection.main.head === pos) view.dispatch({ effects: tell.of(about(text, pos)) });
  };
  const before = (v: EditorView): string => v.state.sliceDoc(v.state.doc.lineAt(v.state.selection.main.head).from, v.state.selection.main.head);

  const keys = Prec.highest(keymap.of([
    { key: "Shift-Enter", run: () => (w.run(true), true) },
    { key: "Mod-Enter", run: () => (w.run(false), true) },
    {
      key: "Tab",
      run: (v) => {
        if (completionStatus(v.state) === "active") return acceptCompletion(v);
        if (v.state.selection.main.empty && word.test(before(v))) return startCompletion(v);
        return indentMore(v);
      },
      shift: (v) => {
        if (v.state.selection.main.empty && before(v).trim() !== "") return void explain(v), true;
        return indentLess(v);
      },
    },
    {
      key: "Escape",
      run: (v) => {
        if (closeCompletion(v)) return true;
        if (v.state.field(told)) v.dispatch({ effects: tell.of(null) });
        else w.leave();
        return true;
      },
    },
  ]));

  const view = new EditorView({
    parent: root as unknown as Element, root,
    state: EditorState.create({
      doc: w.code,
      extensions: [
        keys, lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), indentUnit.of("\t"), EditorState.tabSize.of(4),
        goLanguage, syntaxHighlighting(classHighlighter), autocompletion({ override: [source], icons: false, activateOnTypingDelay: 250 }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]), told, theme, replaceSelection,
        hoverTooltip(async (v, pos) => {
          const end = v.state.wordAt(pos)?.to ?? pos, text = await w.inspect(v.state.doc.toString(), end);
          return text ? about(text, pos) : null;
        }, { hoverTime: 600 }),
        EditorView.contentAttributes.of(() => ({ "aria-label": w.label(), "aria-multiline": "true", tabindex: "0", spellcheck: "false", autocapitalize: "off" })),
        EditorView.updateListener.of((u) => {
          if (u.docChanged) w.changed(u.state.doc.toString());
          if (u.focusChanged && u.view.hasFocus) w.focused();
        }),
      ],
    }),
  });
  return {
    set: (code) => {
      if (code !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } });
    },
    focus: () => view.focus(),
    relabel: () => view.dispatch({}),
    destroy: () => view.destroy(),
  };
}
