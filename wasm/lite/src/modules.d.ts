declare module "*.css";
declare module "*/wasm_exec.js";

/** Where the site's service worker keeps what it fetched: see ../../web/vite.config.js. */
declare const CACHE_NAME: string;

/** The notebooks of the lessons: see static.js. */
declare const NOTEBOOKS: { path: string; size: number }[];
