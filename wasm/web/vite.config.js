import { defineConfig } from "vite";

export default defineConfig({
  base: "./", // any sub-path of any static host
  build: { outDir: "../../build/web", emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
});
