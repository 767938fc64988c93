import { defineConfig } from "vite";
import { build } from "./build.js";

export default defineConfig({
  base: "./", // any sub-path of any static host
  define: { BUILD: JSON.stringify(build) },
  build: {
    outDir: "../../build/web", emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0,
    rollupOptions: {
      input: ["index.html", "src/sw.ts"],
      // A service worker serves the folder that it lies in, and is known by its name.
      output: { entryFileNames: (c) => (c.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  plugins: [{
    name: "assets.json: what a visit without a network may need",
    generateBundle(_, bundle) {
      this.emitFile({ type: "asset", fileName: "assets.json", source: JSON.stringify(Object.keys(bundle).filter((f) => f.startsWith("assets/"))) });
    },
  }],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
});
