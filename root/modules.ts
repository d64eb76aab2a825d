/**
 * The root's ROM modules: the code of components, and what each needs of its sandbox.
 *
 * A module is found by name: a bundle that came with the package (`drivers/uart`, or `uart` alone), or a file of the
 * user's project (`./blink.ts`), which is type-stripped and bundled here.
 */
import { existsSync, readdirSync as readDirectory, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SessionError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { type Infer, type Problem, s } from "../base/schema.js";
import { packageRoot } from "../bindings/prebuilt.js";
import { Document } from "../lib/document.js";
import { codeName, compiledModule, moduleName } from "./compiled-module.js";
import { ownName, withoutFramework } from "./framework.js";

const kinds = ["servers", "drivers", "apps", "examples", "test"] as const;

/** What `sandbox.json` beside a component's main.ts says. */
const sandboxSchema = s.object({
  filter: s.array(
    s.enumeration(["io-uring", "terminals", "file-io", "devices", "accept", "threads", "read-files", "clock"]),
    {
      default: [],
      doc: "What the running component's system-call filter leaves beside the minimum.",
    },
  ),
  filterAfterMain: s.boolean({
    default: false,
    doc: "The filter comes when main has returned, not before any of its code: for libraries that open paths.",
  }),
  permissions: s.array(s.enumeration(["sockets", "processes", "io-uring", "proc"]), {
    default: [],
    doc: "What the sandbox permits from the start.",
  }),
  packages: s.array(s.string({ maxBytes: 100 }), {
    default: [],
    doc: "Packages of node_modules that it loads at run time.",
  }),
});
export type SandboxNeeds = Infer<typeof sandboxSchema>;

export interface Module {
  readonly name: string;
  readonly document: Document;
  /** The file name under which stack traces show it. */
  readonly file: string;
  /** What V8 made of it ahead, if anything. */
  readonly compiled: Uint8Array | undefined;
  readonly needs: SandboxNeeds;
  /** Where its code comes from: JSON text whose sources are URLs; undefined when nothing is known. */
  readonly sourceMap: () => string | undefined;
}

/** A file that the build made for component processes. */
export function componentFile(name: string): string {
  return join(packageRoot(), "dist/components", name);
}

/** The folder of an npm package that this one depends on, here or beside it in a user's node_modules; undefined when it lies within another package. */
export function dependencyFolder(name: string): string | undefined {
  const folders = createRequire(join(packageRoot(), "package.json")).resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
}

function parseNeeds(text: string | undefined, file: string): SandboxNeeds {
  const problems: Problem[] = [];
  const needs = sandboxSchema.parse(text === undefined ? {} : JSON.parse(text), [], problems);
  const [first] = problems;
  if (first !== undefined)
    throw new SessionError("InvalidArgument", `${file}: ${first.path.join(".")}: ${first.message}`);
  return needs;
}

/** When a file changed last, in milliseconds of Unix time; undefined when there is none. */
function timeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** A source map whose sources are found from anywhere, not from its folder alone. */
function withSourceUrls(text: string | undefined, folder: string): string | undefined {
  if (text === undefined) return undefined;
  const map = JSON.parse(text) as { sources: string[] };
  return JSON.stringify({
    ...map,
    sources: map.sources.map((source) => pathToFileURL(resolve(folder, source)).href),
  });
}

/** The source map of the framework, as that of a {@link Module}. */
export function frameworkSourceMap(): string | undefined {
  const file = componentFile("framework.cjs");
  return withSourceUrls(textOf(`${file}.map`), dirname(file));
}

/** Bundles a component of the user's project to one CommonJS file, and beside it a source map, which no process carries. */
async function bundle(file: string): Promise<{ content: Uint8Array; sourceMap: string }> {
  const { build } = await import("esbuild");
  const root = packageRoot();
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      outfile: `${file}.cjs`,
      platform: "node",
      target: "node20",
      format: "cjs",
      // import() becomes require(): what it would need costs every process memory.
      supported: { "dynamic-import": false },
      sourcemap: "external",
      logLevel: "silent",
      plugins: [ownName(join(root, "dist")), withoutFramework(join(root, "dist"))],
      define: { "import.meta.url": "undefined" },
      external: ["*.node"],
    });
    const output = (ending: string): { contents: Uint8Array; text: string } =>
      outputFiles.find(({ path }) => path.endsWith(ending)) as (typeof outputFiles)[number];
    return { content: output(".cjs").contents, sourceMap: output(".map").text };
  } catch (error) {
    throw new SessionError(
      "NotFound",
      `Cannot bundle "${file}": ${(error as Error).message.split("\n").slice(0, 3).join(" ")}`,
    );
  }
}

export class Modules {
  readonly #project: string;
  readonly #known = new Map<string, { file: string; changed: number; module: Module }>();

  /** `project` is the folder of the system file: paths of user components are relative to it. */
  constructor(project: string) {
    this.#project = project;
  }

  /** Finds a module; throws `NotFound`. Read again when its file changed. */
  async find(name: string): Promise<Module> {
    const known = this.#known.get(name);
    if (known !== undefined && timeOf(known.file) === known.changed) return known.module;
    const file = this.#file(name);
    const changed = statSync(file).mtimeMs;
    const own = file.endsWith(".cjs");
    const needsFile = own ? file.replace(/\.cjs$/, ".sandbox.json") : join(dirname(file), "sandbox.json");
    const needs = parseNeeds(textOf(needsFile), needsFile);
    const { content, sourceMap } = own
      ? { content: new Uint8Array(readFileSync(file)), sourceMap: undefined }
      : await bundle(file);
    const module = {
      name,
      document: new Document(content),
      file: codeName(own ? moduleName(componentFile(""), file) : name),
      compiled: own ? compiledModule(file, content) : undefined,
      needs,
      sourceMap: () => withSourceUrls(sourceMap ?? textOf(`${file}.map`), dirname(file)),
    };
    this.#known.set(name, { file, changed, module });
    return module;
  }

  #file(name: string): string {
    if (name.startsWith("./") || name.startsWith("../") || isAbsolute(name)) {
      const file = resolve(this.#project, name);
      const found = [file, `${file}.ts`, join(file, "main.ts")].find(
        (path) => existsSync(path) && statSync(path).isFile(),
      );
      if (found === undefined)
        throw new SessionError("NotFound", `There is no component "${name}" in ${this.#project}`);
      return found;
    }
    const candidates = (name.includes("/") ? [name] : kinds.map((kind) => `${kind}/${name}`)).map((path) =>
      componentFile(`${path}.cjs`),
    );
    const found = candidates.find((path) => existsSync(path));
    if (found === undefined) {
      const close = nearest(name, this.names());
      throw new SessionError(
        "NotFound",
        `There is no component "${name}"${close === undefined ? "" : `; did you mean "${close}"?`} (a file of your own begins with "./")`,
      );
    }
    return found;
  }

  /** Names of the components that came with the package. */
  names(): string[] {
    return kinds.flatMap((kind) => {
      const folder = componentFile(kind);
      return existsSync(folder) ? [...new Set(readNames(folder))] : [];
    });
  }
}

function readNames(folder: string): string[] {
  return readDirectory(folder)
    .filter((file) => file.endsWith(".cjs"))
    .map((file) => file.slice(0, -4));
}
