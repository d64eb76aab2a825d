/** Hooks of Node.js's module loader that strip the types of TypeScript, and find what `./file.js` means in it. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

interface Loaded {
  readonly format: "module";
  readonly source: string;
  readonly shortCircuit: true;
}

/** What Node.js finds by itself, at once or later: hooks of both kinds look alike. */
type Next<Context> = (name: string, context: Context) => unknown;

const typeScript = /\.m?ts$/;

export function resolve(name: string, context: { readonly parentURL?: string }, next: Next<typeof context>): unknown {
  const { parentURL } = context;
  if (parentURL !== undefined && typeScript.test(parentURL) && /^\.\.?\//.test(name) && /\.m?js$/.test(name)) {
    const source = new URL(name.replace(/js$/, "ts"), parentURL);
    if (!existsSync(new URL(name, parentURL)) && existsSync(source)) return next(source.href, context);
  }
  return next(name, context);
}

export function load(url: string, context: object, next: Next<typeof context>): unknown {
  if (!url.startsWith("file:") || !typeScript.test(url) || url.includes("/node_modules/")) return next(url, context);
  const file = fileURLToPath(url);
  const { code } = transformSync(readFileSync(file, "utf8"), {
    loader: "ts",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    sourcefile: file,
  });
  return { format: "module", source: code, shortCircuit: true } satisfies Loaded;
}
