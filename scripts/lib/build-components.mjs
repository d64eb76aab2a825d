/** The bundling step of a build: one CommonJS file a component, since that starts soonest and loads no other file. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { typeScriptSources } from "./build-typescript.mjs";
import { filesBelow, recordStamp, signature, upToDate } from "./files.mjs";
import { Failure, inRoot, progress, root } from "./process.mjs";

const entryPattern = /^(?:(drivers|servers|apps)|(examples|test)\/components)\/([^/]+)\/main\.ts$/;
/** What a component process runs before its component. */
const loader = "base/loader.ts";
/** What the loader loads before it knows which component it will be. */
const framework = "framework";
/** What a component sends to browsers: text that its bundle carries. */
const pageText = "page-text:";
const singleFilePattern = /^(test|benchmark)\/components\/([^/]+)\.ts$/;

/** Bundles by output name without extension (`drivers/uart`), with the source file that each starts from. */
function componentEntries(sources) {
  const entries = {};
  for (const source of sources) {
    const folder = entryPattern.exec(source);
    const single = singleFilePattern.exec(source);
    if (folder) entries[`${folder[1] ?? folder[2]}/${folder[3]}`] = source;
    else if (source === loader) entries.loader = source;
    else if (single) entries[`${single[1]}/${single[2]}`] = source;
  }
  return entries;
}

/** What the root wants to know of a component without running it. */
const sideFiles = ["sandbox.json", "match.json"];

/** Lets a component import a file for browsers as text; of TypeScript, the script that it makes with all it imports. */
function pageTexts(build) {
  return {
    name: "page-texts",
    setup(bundler) {
      bundler.onResolve({ filter: new RegExp(`^${pageText}`) }, ({ path: name, resolveDir }) => ({
        path: path.resolve(resolveDir, name.slice(pageText.length)),
        namespace: "page-text",
      }));
      bundler.onLoad({ filter: /./, namespace: "page-text" }, async ({ path: file }) => {
        const common = { entryPoints: [file], write: false, minify: true, charset: "utf8", logLevel: "warning" };
        const text = file.endsWith(".html")
          ? readFileSync(file, "utf8")
          : (await build({ ...common, bundle: true, platform: "browser", format: "iife", target: "es2022" }))
              .outputFiles[0].text;
        return { contents: `export const text = ${JSON.stringify(text)};` };
      });
    },
  };
}

export async function buildComponents() {
  const sources = typeScriptSources();
  const entries = componentEntries(sources);
  const bundles = [...Object.keys(entries), framework].map((name) => `dist/components/${name}.cjs`);
  const compiled = bundles.filter((bundle) => bundle !== "dist/components/loader.cjs");
  const outputs = [...bundles, ...compiled.map((bundle) => `${bundle}.${process.version}-${process.arch}`)];
  const inputs = signature([
    ...sources,
    ...filesBelow(
      ["drivers", "servers", "apps", "examples"],
      (file) => sideFiles.includes(path.basename(file)) || /\.(html|css)$/.test(file),
    ),
    "package-lock.json",
    "scripts/lib/build-components.mjs",
  ]);
  if (outputs.length === 0 || upToDate("components", inputs, outputs)) return;
  progress(`Bundling ${bundles.length} components`);
  const { build } = await import("esbuild");
  const { frameworkEntry, ownName, withoutFramework } = await import("../../dist/root/framework.js");
  const common = {
    absWorkingDir: root,
    outdir: "dist/components",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // import() of a package becomes require(), which a bundle resolves by the paths that the loader gives it.
    supported: { "dynamic-import": false },
    // jsonc-parser's main file is UMD, whose inner requires a bundle cannot follow.
    mainFields: ["module", "main"],
    sourcemap: "linked",
    keepNames: false,
    external: ["*.node", "@serialport/bindings-cpp"],
    // bindings/ finds the addon from its own place, but inside a component the loader has put it in place already.
    logOverride: { "empty-import-meta": "silent" },
    logLevel: "warning",
  };
  // The loader runs before the framework is there.
  const { loader: first, ...components } = entries;
  try {
    await build({ ...common, entryPoints: { loader: first } });
    await build({
      ...common,
      stdin: { contents: frameworkEntry(sources), resolveDir: root, sourcefile: "framework.js" },
      entryNames: framework,
    });
    await build({
      ...common,
      entryPoints: components,
      plugins: [ownName(root), withoutFramework(root), pageTexts(build)],
    });
  } catch {
    throw new Failure("Cannot bundle the components");
  }
  await compileBundles();
  publishSideFiles(entries);
  recordStamp("components", inputs);
}

/** Has the version of Node.js that builds compile the bundles for its component processes. */
async function compileBundles() {
  const { compilerArguments } = await import("../../dist/root/compile-ahead.js");
  // Of older bundles, by this and other versions of Node.js.
  for (const file of filesBelow(["dist/components"], (name) => /\.cjs\.v[^/]*$/.test(name))) rmSync(inRoot(file));
  const compiler = compilerArguments(inRoot("dist/components"));
  const { status } = spawnSync(process.execPath, compiler, { env: {}, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Failure("Cannot compile the components");
}

/** Puts what stands beside a component's main.ts for the root beside its bundle, where the root looks for it. */
function publishSideFiles(entries) {
  for (const [name, source] of Object.entries(entries)) {
    for (const file of sideFiles) {
      const own = inRoot(path.dirname(source), file);
      const target = inRoot(`dist/components/${name}.${file}`);
      if (existsSync(own)) copyFileSync(own, target);
      else rmSync(target, { force: true });
    }
  }
}
