// Builds the notebook pages into build/web/lite: npm run build, after ../web has been built.
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rspack } from "@rspack/core";
import { build } from "../web/build.js";
import { StaticFiles, notebooks } from "./static.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here("../../build/web/lite");
const nothing = here("src/nothing.ts");

const config = {
  mode: "production",
  context: here("."),
  entry: { main: "./src/main.ts" },
  target: ["web", "es2022"],
  devtool: false,
  output: { path: out, filename: "assets/[name]-[contenthash:8].js", cssFilename: "assets/[name]-[contenthash:8].css", assetModuleFilename: "assets/[name]-[hash:8][ext]", publicPath: "auto" },
  resolve: {
    extensions: [".ts", ".js"],
    fallback: { path: false, url: false, fs: false, crypto: false, process: false },
    alias: {
      ajv$: nothing, // see src/settings.ts
      "@rjsf/validator-ajv8$": nothing, // checks the forms of the settings editor, which is not here
      "@fortawesome/fontawesome-free/css": false, // icons of JupyterLab 1, for extensions of that time
    },
  },
  module: {
    rules: [
      { test: /\.ts$/, loader: "builtin:swc-loader", options: { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }, type: "javascript/auto" },
      { test: /\.js$/, resolve: { fullySpecified: false } },
      { test: /\.css$/, exclude: /\.raw\.css$/, type: "css" },
      { test: /\.raw\.css$/, type: "asset/source" },
      { test: /\.svg$/, issuer: /\.css$/, type: "asset/inline" },
      { test: /\.svg$/, issuer: { not: /\.css$/ }, type: "asset/source" },
      { test: /\.(woff2?|ttf|eot|png|gif)$/, type: "asset/resource" },
    ],
  },
  plugins: [
    new rspack.DefinePlugin({ BUILD: JSON.stringify(build), NOTEBOOKS: JSON.stringify(notebooks().map(({ path, size }) => ({ path, size }))) }),
    new StaticFiles(),
  ],
  performance: false,
  ignoreWarnings: [/request starts with '~' is deprecated/], // in a style sheet of JupyterLab
};

rmSync(out, { recursive: true, force: true });
rspack(config, (error, stats) => {
  if (error) throw error;
  console.log(stats.toString({ preset: "errors-warnings" }));
  process.exitCode = stats.hasErrors() ? 1 : 0;
});
