/** Compiles definitions from memory, and loads what is generated from them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import type { Interface } from "../../base/interface.js";
import { checkNames, type TypeScriptTargets, typeScript } from "../../idl/backend-typescript.js";
import { type Compilation, compile, type Source } from "../../idl/compiler.js";
import { Diagnostics, diagnosticText } from "../../idl/diagnostics.js";

export type Files = Readonly<Record<string, string>>;

/** Files by name; imports are names too. */
export function memorySource(files: Files): Source {
  return {
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    resolve: (_importer, written) => [written],
  };
}

/** What the compiler says about the definitions: one line each. */
export function complaints(files: Files, paths: readonly string[] = ["x.idl"]): readonly string[] {
  const compilation = compile(paths, memorySource(files));
  if (compilation.diagnostics.length > 0) return compilation.diagnostics.map(diagnosticText);
  const names = new Diagnostics();
  for (const { definition } of compilation.files) checkNames(definition, names);
  return names.sorted().map(diagnosticText);
}

export function compiled(files: Files, paths: readonly string[] = ["x.idl"]): Compilation {
  const found = complaints(files, paths);
  if (found.length > 0) throw new Error(found.join("\n"));
  return compile(paths, memorySource(files));
}

const targets: TypeScriptTargets = {
  runtime: (module) => new URL(`../../base/${module}.js`, import.meta.url).href,
  generated: (definition) => `./${definition}.mjs`,
};

export function generatedText(files: Files, path = "x.idl"): string {
  return typeScript((compiled(files, [path]).files[0] as Compilation["files"][number]).definition, targets);
}

/** An interface of generated code, its types unknown to the type checker. */
// biome-ignore lint/suspicious/noExplicitAny: the types exist only once the test runs
export type Loaded = Record<string, any> & Record<string, Interface<any, any, any>>;

/** Handlers whose types are known only once the test runs. */
export type AnyHandlers = Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;

/** The modules generated from all files, in the order of `paths`. */
export async function load(files: Files, paths: readonly string[] = ["x.idl"]): Promise<readonly Loaded[]> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-idl-"));
  try {
    for (const path of Object.keys(files).filter((name) => name.endsWith(".idl"))) {
      writeFileSync(
        join(folder, `${path}.mjs`),
        transformSync(generatedText(files, path), { loader: "ts", format: "esm", target: "node20" }).code,
      );
    }
    return await Promise.all(
      paths.map((path) => import(pathToFileURL(join(folder, `${path}.mjs`)).href) as Promise<Loaded>),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
