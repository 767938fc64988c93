declare module "*/wasm_exec.js";
declare module "*.css";

/** Where the page and its service worker keep what they fetch: see vite.config.js. */
declare const CACHE_NAME: string;

/** Vite's: the modules that match, each as a function that loads it. */
interface ImportMeta { glob<T>(pattern: string): Record<string, () => Promise<T>> }
