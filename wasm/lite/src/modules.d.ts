declare module "*.css";
declare module "*/wasm_exec.js";

/** What the site was built from: see ../../web/build.js. */
declare const BUILD: string;

/** The notebooks of the lessons: see static.js. */
declare const NOTEBOOKS: { path: string; size: number }[];
