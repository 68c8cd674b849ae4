/** Bundles the page with Grafana's components. */
import { join } from "node:path";
import { build } from "esbuild";

/** Returns the files of the page, by their addresses. */
export async function bundlePage(): Promise<Readonly<Record<string, string>>> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "page/page.tsx")],
    outdir: "page",
    write: false,
    bundle: true,
    format: "esm",
    target: "es2024",
    jsx: "automatic",
    minify: true,
    // Some dependencies of Grafana's components were written for Node.
    define: { global: "window", "process.env.NODE_ENV": '"production"' },
    // The font of the code editor, which the page does not have.
    loader: { ".ttf": "empty" },
    legalComments: "none",
    logLevel: "warning",
  });
  const read = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? "";
  const head = `<meta charset="utf-8"><link rel="icon" href="data:,"><style>${read(".css")}</style>`;
  return {
    "/": `<!doctype html>${head}<body><script type="module" src="/page.js"></script>`,
    "/page.js": read(".js"),
  };
}
