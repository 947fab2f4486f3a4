// Bundles the page, the drawing of the explorer's pages, and its editor's workers into dist/, for `python -m api.graphiql.build` and for the Dockerfile.
import { build } from "esbuild";

const common = {
  bundle: true,
  minify: true,
  outdir: "dist",
  target: "es2022",
  logLevel: "warning",
  legalComments: "linked", // The licences ask for their notices.
  define: { "process.env.NODE_ENV": '"production"' },
};

await build({
  ...common,
  entryPoints: ["src/app.jsx", "src/drawing.js", "src/index.html"],
  format: "esm",
  splitting: true,
  jsx: "automatic",
  loader: { ".html": "copy", ".ttf": "file", ".woff2": "file" },
  publicPath: "/graphiql",
});

await build({
  ...common,
  entryPoints: {
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  format: "iife",
});
