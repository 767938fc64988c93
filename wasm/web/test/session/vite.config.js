import { defineConfig } from "vite";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."), base: "./", publicDir: here("../../public"), logLevel: "warn",
  build: { outDir: here("../../../../build/session-test"), emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  worker: { format: "es" },
});
