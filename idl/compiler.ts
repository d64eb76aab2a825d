/** From files to their meaning: loads a definition with its imports, and resolves all of them. */
import { checkAgainstLock, checkErrorNames, nextLock } from "./checks.js";
import { type Diagnostic, Diagnostics, type Position } from "./diagnostics.js";
import { InterfaceResolver } from "./interfaces.js";
import { emptyLock, type InterfaceLock, type Lock, parseLock } from "./lock.js";
import type { Constant, Definition, Interface, Packet, TypeDeclaration } from "./model.js";
import { parse } from "./parser.js";
import { prelude, preludePath } from "./prelude.js";
import { FileScope } from "./scope.js";
import type { ImportSyntax } from "./syntax.js";
import { TypeResolver } from "./types.js";

/** Where definitions come from. Paths are as the caller writes them, with "/" between names. */
export interface Source {
  /** The text of a file, or undefined when there is none. */
  read(path: string): string | undefined;
  /** The path that `written` means in an import of the file `importer`; a pattern with `*` may mean several. */
  resolve(importer: string, written: string): readonly string[];
}

export interface Compiled {
  readonly definition: Definition;
  /** The lock that the definition has, and the one that it should have. */
  readonly lock: Lock | undefined;
  readonly nextLock: Lock;
}

export interface Compilation {
  /** One for each path that was asked for; meaningless when there are diagnostics. */
  readonly files: readonly Compiled[];
  readonly diagnostics: readonly Diagnostic[];
}

export function lockPath(path: string): string {
  return `${path}.lock`;
}

export function compile(paths: readonly string[], source: Source): Compilation {
  const compiler = new Compiler(source);
  const files = paths.flatMap((path) => compiler.load(path, undefined) ?? []);
  return { files, diagnostics: compiler.diagnostics.sorted() };
}

class Compiler {
  readonly diagnostics = new Diagnostics();
  readonly #source: Source;
  readonly #types = new TypeResolver(this.diagnostics);
  readonly #prelude: FileScope;
  readonly #loaded = new Map<string, (Compiled & { readonly scope: FileScope }) | "busy" | undefined>();

  constructor(source: Source) {
    this.#source = source;
    this.#prelude = new FileScope(parse(preludePath, prelude, this.diagnostics), [], this.diagnostics);
  }

  /** Undefined when the file cannot be read, or imports itself. */
  load(path: string, importedAt: Position | undefined): (Compiled & { readonly scope: FileScope }) | undefined {
    const at = importedAt ?? { file: path, line: 1, column: 1 };
    const known = this.#loaded.get(path);
    if (known === "busy") {
      this.diagnostics.report(at, `"${path}" imports itself`);
      return undefined;
    }
    if (known !== undefined || this.#loaded.has(path)) return known;
    const text = this.#source.read(path);
    if (text === undefined) {
      this.diagnostics.report(at, `Cannot read "${path}": no such file`);
      this.#loaded.set(path, undefined);
      return undefined;
    }
    this.#loaded.set(path, "busy");
    const compiled = this.#resolve(path, text);
    this.#loaded.set(path, compiled);
    return compiled;
  }

  #imports(path: string, syntax: readonly ImportSyntax[]): FileScope[] {
    return syntax.flatMap(({ path: { text, at } }) => {
      const targets = this.#source.resolve(path, text);
      if (targets.length === 0) this.diagnostics.report(at, `Nothing matches "${text}"`);
      return targets.flatMap((target) => this.load(target, at)?.scope ?? []);
    });
  }

  #resolve(path: string, text: string): Compiled & { readonly scope: FileScope } {
    const syntax = parse(path, text, this.diagnostics);
    const scope = new FileScope(syntax, [...this.#imports(path, syntax.imports), this.#prelude], this.diagnostics);
    const lock = this.#lock(path);
    const locks = new Map<string, InterfaceLock>(Object.entries(lock?.interfaces ?? {}));
    const resolver = new InterfaceResolver(scope, locks, this.#types, this.diagnostics);
    const interfaces = [...scope.interfaceSyntax].map(([name, opened]) => resolver.resolve(name, opened));
    const definition = this.#definition(scope, interfaces);
    const next: Record<string, InterfaceLock> = {};
    for (const subject of definition.interfaces) {
      const former = locks.get(subject.name);
      checkErrorNames(subject, this.diagnostics);
      if (former !== undefined) checkAgainstLock(subject, former, this.diagnostics);
      next[subject.name] = nextLock(subject, former);
    }
    scope.definition = definition;
    return { scope, definition, lock, nextLock: { ...emptyLock, interfaces: next } };
  }

  #lock(path: string): Lock | undefined {
    const file = lockPath(path);
    const text = this.#source.read(file);
    if (text === undefined) return undefined;
    const lock = parseLock(text);
    if (typeof lock !== "string") return lock;
    this.diagnostics.report(
      { file, line: 1, column: 1 },
      `Cannot use the lock file: ${lock}; restore it from version control`,
    );
    return undefined;
  }

  #definition(scope: FileScope, interfaces: readonly Interface[]): Definition {
    const types: TypeDeclaration[] = [];
    const constants: Constant[] = [];
    const packets: Packet[] = [];
    for (const entry of scope.own()) {
      const meaning = this.#types.meaning(entry, scope);
      if (meaning?.kind === "const") constants.push(meaning.constant);
      else if (meaning?.kind === "packet") packets.push(meaning.packet);
      else if (meaning?.type.kind === "declared" && entry.syntax.declares !== "type")
        types.push(meaning.type.declaration);
    }
    const inside = <T extends { readonly scope: string | undefined }>(items: readonly T[], name: string | undefined) =>
      items.filter((item) => item.scope === name);
    for (const subject of interfaces) {
      Object.assign(subject, {
        types: inside(types, subject.name),
        constants: inside(constants, subject.name),
        packets: inside(packets, subject.name),
      });
    }
    return {
      file: scope.file,
      types: inside(types, undefined),
      constants: inside(constants, undefined),
      packets: inside(packets, undefined),
      interfaces,
    };
  }
}
