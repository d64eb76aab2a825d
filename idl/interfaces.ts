/** Interfaces: from members as written to operations, numbers and session arguments. */
import { suggestion } from "../base/nearest.js";
import { checkOperation, checkThrows } from "./checks.js";
import type { Diagnostics } from "./diagnostics.js";
import type { InterfaceLock } from "./lock.js";
import type { Argument, Documented, Field, Interface, Operation, Signal } from "./model.js";
import { errorOrder, maxOpcode, maxSignals, type Numbered, numbers } from "./numbering.js";
import type { FileScope } from "./scope.js";
import type { InterfaceSyntax, Member, Name, OperationSyntax, ParameterSyntax, SessionSyntax } from "./syntax.js";
import { type TypeResolver, unknownType } from "./types.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class InterfaceResolver {
  readonly #types: TypeResolver;
  readonly #diagnostics: Diagnostics;
  readonly #file: FileScope;
  readonly #locks: ReadonlyMap<string, InterfaceLock>;
  readonly #busy = new Set<string>();

  constructor(
    file: FileScope,
    locks: ReadonlyMap<string, InterfaceLock>,
    types: TypeResolver,
    diagnostics: Diagnostics,
  ) {
    this.#file = file;
    this.#locks = locks;
    this.#types = types;
    this.#diagnostics = diagnostics;
  }

  resolve(name: string, syntax: readonly InterfaceSyntax[]): Interface {
    const known = this.#file.interfaces.get(name);
    if (known !== undefined) return known;
    this.#busy.add(name);
    const first = syntax[0] as InterfaceSyntax;
    const members = syntax.flatMap((opening) => opening.members);
    const of = <Kind extends Member["declares"]>(kind: Kind) =>
      members.filter((member): member is Extract<Member, { declares: Kind }> => member.declares === kind);
    const parts = this.#parts(first);
    const version =
      first.version === undefined
        ? 1
        : (this.#types.integer(first.version, this.#file, name, 1n, 65535n, "A version") ?? 1);
    const subject: Mutable<Interface> = {
      name,
      docs: syntax.flatMap((opening) => opening.docs),
      at: first.name.at,
      file: this.#file.file,
      version,
      protocol: first.protocol,
      parts,
      operations: [],
      errors: [],
      signals: [],
      arguments: [],
      types: [],
      constants: [],
      packets: [],
      ...this.#quota(of("quota"), name, parts),
    };
    const lock = this.#locks.get(name);
    subject.errors = this.#errors(subject, of("error"), lock);
    subject.operations = this.#operations(subject, of("operation"), lock);
    subject.signals = this.#signals(subject, of("signal"), lock);
    subject.arguments = this.#arguments(subject, of("session"));
    for (const operation of subject.operations)
      if (operation.origin === subject) checkThrows(operation, this.#diagnostics);
    this.#busy.delete(name);
    this.#file.interfaces.set(name, subject);
    return subject;
  }

  #parts(syntax: InterfaceSyntax): readonly Interface[] {
    return this.#distinct(syntax.parts, "the parts of a compound").flatMap((name) => {
      const own = this.#file.interfaceSyntax.get(name.text);
      if (this.#busy.has(name.text)) {
        this.#diagnostics.report(name.at, `Interface ${name.text} is a part of itself`);
        return [];
      }
      const found = own === undefined ? this.#file.findInterface(name.text) : this.resolve(name.text, own);
      if (found !== undefined) return [found];
      const known = [...this.#file.reachable()].flatMap((file) => [...file.interfaceSyntax.keys()]);
      this.#diagnostics.report(name.at, `Unknown interface "${name.text}"${suggestion(name.text, known)}`);
      return [];
    });
  }

  #distinct(names: readonly Name[], where: string): readonly Name[] {
    return this.#types
      .distinct(
        names.map((name) => ({ name })),
        where,
      )
      .map(({ name }) => name);
  }

  #quota(
    syntax: readonly Extract<Member, { declares: "quota" }>[],
    scope: string,
    parts: readonly Interface[],
  ): Pick<Interface, "ramQuota" | "capQuota"> {
    // A compound costs what its parts cost together, unless it says otherwise.
    const quota = {
      ramQuota: parts.reduce((sum, part) => sum + part.ramQuota, 0),
      capQuota: parts.reduce((sum, part) => sum + part.capQuota, 0),
    };
    const amounts = this.#types.distinct(
      syntax.flatMap((entry) => entry.amounts),
      "the quota",
    );
    for (const { name, value } of amounts) {
      const key = name.text === "ram" ? "ramQuota" : name.text === "caps" ? "capQuota" : undefined;
      if (key === undefined)
        this.#diagnostics.report(name.at, `Unknown quota "${name.text}"${suggestion(name.text, ["ram", "caps"])}`);
      else
        quota[key] = this.#types.integer(value, this.#file, scope, 0n, BigInt(Number.MAX_SAFE_INTEGER), "A quota") ?? 0;
    }
    return quota;
  }

  #errors(
    subject: Interface,
    syntax: readonly Extract<Member, { declares: "error" }>[],
    lock: InterfaceLock | undefined,
  ): readonly Documented[] {
    const declared = new Map(
      this.#types
        .distinct(syntax, `the errors of ${subject.name}`)
        .map((error) => [error.name.text, { name: error.name.text, docs: error.docs, at: error.name.at }]),
    );
    return errorOrder([...declared.keys()], lock).map(
      (name) => declared.get(name) ?? { name, docs: ["No longer raised; the name keeps its number."], at: subject.at },
    );
  }

  #operations(
    subject: Interface,
    syntax: readonly OperationSyntax[],
    lock: InterfaceLock | undefined,
  ): readonly Operation[] {
    const own = this.#types
      .distinct(syntax, `the operations of ${subject.name}`)
      .map((operation) => this.#operation(operation, subject));
    const all = new Map<string, Operation>();
    for (const operation of [...subject.parts.flatMap((part) => part.operations), ...own]) {
      const other = all.get(operation.name);
      if (other === undefined) all.set(operation.name, operation);
      // The same part may come in along two paths.
      else if (other.origin !== operation.origin)
        this.#diagnostics.report(
          operation.origin === subject ? operation.at : subject.at,
          `Operation ${operation.name} of ${operation.origin.name} has the name of one of ${other.origin.name}`,
        );
    }
    const operations = [...all.values()];
    const wanted: Numbered[] = operations.map((operation) => ({
      name: operation.name,
      at: operation.at,
      explicit: operation.explicit ? operation.opcode : undefined,
      preferred: operation.origin === subject ? undefined : operation.opcode,
    }));
    const locked = new Map(
      Object.entries({ ...lock?.removed, ...lock?.operations }).map(([name, entry]) => [name, entry.opcode]),
    );
    const gone = Object.entries({ ...lock?.removed, ...lock?.operations }).filter(([name]) => !all.has(name));
    const reserved = new Map(gone.map(([name, entry]) => [entry.opcode, name]));
    const opcodes = numbers(wanted, { what: "Opcode", locked, reserved, max: maxOpcode }, this.#diagnostics);
    return operations
      .map((operation) => ({ ...operation, opcode: opcodes.get(operation.name) ?? 0 }))
      .sort((a, b) => a.opcode - b.opcode);
  }

  #operation(syntax: OperationSyntax, subject: Interface): Operation {
    const { name, docs } = syntax;
    const explicit =
      syntax.opcode === undefined
        ? undefined
        : this.#types.integer(syntax.opcode, this.#file, subject.name, 0n, BigInt(maxOpcode), "An opcode");
    const side = (directions: readonly ParameterSyntax["direction"][], where: string): readonly Field[] =>
      this.#types.fields(
        syntax.parameters.filter((parameter) => directions.includes(parameter.direction)),
        this.#file,
        subject.name,
        `${where} of ${name.text}`,
      );
    const operation: Operation = {
      name: name.text,
      docs,
      at: name.at,
      kind: syntax.kind,
      asynchronous: syntax.asynchronous,
      opcode: explicit ?? 0,
      explicit: explicit !== undefined,
      inputs: side(["in", "inout"], "the parameters"),
      outputs: side(["out", "inout"], "the results"),
      throws: this.#distinct(syntax.throws, "throws").map((error) => error.text),
      origin: subject,
    };
    checkOperation(operation, this.#diagnostics);
    return operation;
  }

  #signals(
    subject: Interface,
    syntax: readonly Extract<Member, { declares: "signal" }>[],
    lock: InterfaceLock | undefined,
  ): readonly Signal[] {
    const own = this.#types.distinct(syntax, `the signals of ${subject.name}`).map(({ name, docs, number }) => ({
      name: name.text,
      docs,
      at: name.at,
      explicit:
        number === undefined
          ? undefined
          : this.#types.integer(number, this.#file, subject.name, 0n, BigInt(maxSignals - 1), "The number of a signal"),
    }));
    const inherited = new Map<Signal, Signal>();
    for (const part of subject.parts)
      for (const signal of part.signals)
        inherited.set([...inherited.keys()].find((other) => other.at === signal.at) ?? signal, signal);
    // A client that knows only one part hears numbers, so the signals of parts cannot be renumbered.
    const wanted: Numbered[] = [
      ...[...inherited.keys()].map((signal) => ({ ...signal, explicit: signal.number, preferred: undefined })),
      ...own.map((signal) => ({ ...signal, preferred: undefined })),
    ];
    const names = new Set(wanted.map((signal) => signal.name));
    const locked = new Map(Object.entries(lock?.signals ?? {}));
    const reserved = new Map([...locked].filter(([name]) => !names.has(name)).map(([name, number]) => [number, name]));
    if (names.size < wanted.length)
      this.#diagnostics.report(subject.at, `Two parts of ${subject.name} have a signal of the same name`);
    const given = numbers(wanted, { what: "Signal", locked, reserved, max: maxSignals - 1 }, this.#diagnostics);
    const all = [
      ...inherited.keys(),
      ...own.map((signal) => ({ ...signal, number: 0, explicit: signal.explicit !== undefined })),
    ];
    return all
      .map((signal) => ({ ...signal, number: given.get(signal.name) ?? 0 }))
      .sort((a, b) => a.number - b.number);
  }

  #arguments(subject: Interface, syntax: readonly SessionSyntax[]): readonly Argument[] {
    const own = this.#types
      .distinct(
        syntax.flatMap((entry) => entry.fields),
        `the session arguments of ${subject.name}`,
      )
      .map((field): Argument => {
        const resolved = this.#types.field(field, this.#file, subject.name);
        const { type } = resolved;
        const plain = type.kind === "optional" ? type.inner : type;
        const scalar = plain.kind === "scalar" && !plain.bigint;
        if (
          !scalar &&
          plain.kind !== "string" &&
          !(plain.kind === "declared" && plain.declaration.declares === "enum")
        ) {
          this.#diagnostics.report(
            field.type.at,
            "A session argument is a number, bool, char, str or enum, or one of them optional",
          );
          return { ...resolved, type: unknownType, default: undefined };
        }
        return {
          ...resolved,
          default:
            field.value === undefined ? undefined : this.#types.value(field.value, type, this.#file, subject.name),
        };
      });
    const all = new Map<string, Argument>();
    for (const argument of [...subject.parts.flatMap((part) => part.arguments), ...own]) {
      const other = all.get(argument.name);
      if (other === undefined) all.set(argument.name, argument);
      else if (other.at !== argument.at)
        this.#diagnostics.report(subject.at, `Two parts of ${subject.name} have a session argument "${argument.name}"`);
    }
    return [...all.values()];
  }
}
