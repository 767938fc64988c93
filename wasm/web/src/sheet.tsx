import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hasLessons, keyName, moves, others, sheet } from "./commands";
import { lang, t } from "./state";

/** A dialog over the page. The browser keeps the focus in it, and gives it back when the dialog closes. */
export function Sheet({ name, title, children }: { name: "help" | "whatIf"; title: string; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  // At once: a key pressed before the dialog is modal would be the page's, and Escape would not close it.
  useLayoutEffect(() => {
    const d = box.current!;
    d.showModal();
    return () => d.close();
  }, []);
  const close = (): void => {
    box.current?.close(); // gives the focus back, and at once: the next key is the machine's
    if (sheet.peek() === name) sheet.value = "";
  };
  return (
    <dialog ref={box} class={"sheet " + name} aria-labelledby={"sheet-" + name} onClose={close} onCancel={(e) => { e.preventDefault(); close(); }} onClick={(e) => { if (e.target === box.current) close(); }}>
      <header><h2 id={"sheet-" + name}>{title}</h2><button type="button" onClick={close}>{t("close")}</button></header>
      {children}
    </dialog>
  );
}

export function Help() {
  if (sheet.value !== "help") return null;
  const all = [...moves.flatMap((m) => [m.back, m.ahead]), ...others.filter((c) => c.what !== "lesson" || hasLessons.value)];
  return (
    <Sheet name="help" title={t("keys")}>
      <dl lang={lang.value}>
        {all.map((c) => <div key={c.what}><dt>{c.keys.map((k) => <kbd key={k}>{keyName(k)}</kbd>)}</dt><dd>{t(c.what)}</dd></div>)}
      </dl>
      <p>{t("keysHint")}</p>
      <p><a href="lite/tree/index.html" target="_blank" rel="noopener">{t("jupyter")}<span aria-hidden="true"> ↗</span></a></p>
    </Sheet>
  );
}

