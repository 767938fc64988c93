declare module "*/wasm_exec.js";
declare module "*.css";

/** What the site was built from: see ../build.js. */
declare const BUILD: string;

/** Vite's: the modules that match, each as a function that loads it. */
interface ImportMeta { glob<T>(pattern: string): Record<string, () => Promise<T>> }
