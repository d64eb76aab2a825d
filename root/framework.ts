/**
 * The framework that every component process has loaded before it knows what it will be: a bundle of a component leaves
 * it out, and asks the loader for it by name.
 */
import { relative, resolve } from "node:path";
import type { Plugin } from "esbuild";

/** What every component has: base/, what it takes to read a configuration, and the rehearsal of that. Names are paths without extension. */
const members =
  /^(base\/(?!(?:loader|compiled-code|standard-output)$).+|bindings\/native(-types)?|sessions\/rom\/.+|lib\/(config|document|rehearsal|repetition|watchers))$/;

/** How a bundle names a module of the framework; the loader knows the same. */
const scheme = "bulkhead:";

/** The name of a module, from its path below `folder`. */
function moduleName(folder: string, path: string): string {
  return relative(folder, path).replace(/\.(js|ts)$/, "");
}

/** Leaves imports of the framework's modules to the loader. `folder` holds base/, lib/ and so on. */
export function withoutFramework(folder: string): Plugin {
  return {
    name: "without-framework",
    setup: (build) =>
      build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
        const name = moduleName(folder, resolve(resolveDir, path));
        return members.test(name) ? { path: scheme + name, external: true } : undefined;
      }),
  };
}

/** What the package's `exports` name otherwise than a folder of its own is called. */
const ownFiles: Readonly<Record<string, string>> = {
  bulkhead: "./base/index.js",
  "bulkhead/config": "./lib/config.js",
  "bulkhead/drawing": "./lib/drawing/index.js",
};

/** Where the package has what its `exports` name so. */
function ownFile(name: string): string {
  return ownFiles[name] ?? `./${name.slice("bulkhead/".length)}/index.js`;
}

/** A component imports the package by its own name, and gets the modules that lie in `folder`. */
export function ownName(folder: string): Plugin {
  return {
    name: "own-name",
    setup: (build) =>
      build.onResolve({ filter: /^bulkhead(\/config|\/drawing|\/sessions\/[^/]+)?$/ }, ({ path, kind }) =>
        build.resolve(ownFile(path), { kind, resolveDir: folder }),
      ),
  };
}

/** The entry of the framework's own bundle: exports its modules by the names that bundles ask for. */
export function frameworkEntry(sources: readonly string[]): string {
  const names = sources.map((source) => moduleName("", source)).filter((name) => members.test(name));
  const imports = names.map((name, index) => `import * as m${index} from "./${name}.js";`);
  // Copies, not namespaces: reading an export of a namespace is a call.
  const table = names.map((name, index) => `  ${JSON.stringify(scheme + name)}: { ...m${index} },`);
  return [...imports, "export const modules = {", ...table, "};"].join("\n");
}
