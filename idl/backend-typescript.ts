/** One TypeScript file for one definition: straight-line code on the contract of base/interface.ts. */
import { type Diagnostics, type Position, positionText } from "./diagnostics.js";
import type { Definition, Documented, Interface, Packet, Type, TypeDeclaration } from "./model.js";
import { camelCase } from "./names.js";
import { preludePath } from "./prelude.js";
import { errorList, errorsName, interfaceText } from "./typescript-interface.js";
import { constantName, importedNames, typeName } from "./typescript-names.js";
import { packet, packetFunctions } from "./typescript-packets.js";
import { constant, declaration } from "./typescript-types.js";

/** Where generated code finds what it imports. */
export interface TypeScriptTargets {
  /** The module specifier of one of base's modules: `../../base/message.js`, or the package for all of them. */
  runtime(module: "errors" | "interface" | "message" | "schema"): string;
  /** The module specifier of the file generated from another definition. */
  generated(definition: string): string;
}

/** What one definition refers to in others. */
interface References {
  /** Types of the prelude are generated into each file that uses them. */
  readonly builtIn: Set<TypeDeclaration>;
  readonly foreign: Map<string, Set<string>>;
}

function everyType(definition: Definition): Type[] {
  const declared = [...definition.types, ...definition.interfaces.flatMap((subject) => subject.types)];
  const packets = [...definition.packets, ...definition.interfaces.flatMap((subject) => subject.packets)];
  return [
    ...definition.interfaces.flatMap((subject) =>
      subject.operations.flatMap((operation) => [...operation.inputs, ...operation.outputs].map((field) => field.type)),
    ),
    ...packets.flatMap((subject) => subject.fields.map((field) => field.type)),
    ...declared.flatMap(innerTypes),
  ];
}

function innerTypes(subject: TypeDeclaration): Type[] {
  if (subject.declares === "struct") return subject.fields.map((field) => field.type);
  if (subject.declares === "variant") return subject.cases.flatMap((entry) => entry.type ?? []);
  return [];
}

function references(definition: Definition): References {
  const found: References = { builtIn: new Set(), foreign: new Map() };
  const packetEnums = new Set(
    [...definition.packets, ...definition.interfaces.flatMap((subject) => subject.packets)].flatMap((subject) =>
      subject.fields.map((field) => (field.type.kind === "array" ? field.type.element : field.type)),
    ),
  );
  const from = (file: string, names: readonly string[]): void => {
    const known = found.foreign.get(file) ?? new Set();
    for (const name of names) known.add(name);
    found.foreign.set(file, known);
  };
  const visit = (type: Type): void => {
    if (type.kind === "array") visit(type.element);
    else if (type.kind === "optional") visit(type.inner);
    else if (type.kind === "declared") {
      const { declaration: subject } = type;
      if (subject.file === preludePath) {
        found.builtIn.add(subject);
        innerTypes(subject).forEach(visit);
      } else if (subject.file !== definition.file) {
        const name = typeName(subject);
        from(subject.file, [
          `type ${name}`,
          `read${name}`,
          `write${name}`,
          ...(packetEnums.has(type) ? [`is${name}`] : []),
        ]);
      }
    }
  };
  everyType(definition).forEach(visit);
  const parts = new Set(
    definition.interfaces.flatMap((subject) => subject.parts).filter((part) => part.file !== definition.file),
  );
  for (const part of parts) from(part.file, [`type ${part.name}Client`, `type ${part.name}Handlers`]);
  return found;
}

/** Interfaces whose errors the file names: its own, and the origins of what its compounds take over. */
function errorOwners(definition: Definition): readonly Interface[] {
  const origins = definition.interfaces.flatMap((subject) => subject.operations.map((operation) => operation.origin));
  return [...new Set([...definition.interfaces, ...origins])];
}

/** Names of one file that collide with each other, or with what generated code needs. */
export function checkNames(definition: Definition, diagnostics: Diagnostics): void {
  const taken = new Map<string, string>([...importedNames].map((name) => [name, "generated code itself"]));
  /** Takes all names of one thing; the first that is taken already tells enough. */
  const claim = (names: readonly string[], at: Position): void => {
    const clash = names.find((name) => taken.has(name));
    if (clash !== undefined) {
      diagnostics.report(
        at,
        `The name ${clash} in generated code belongs to ${taken.get(clash)} already: choose another`,
      );
    }
    for (const name of names) if (!taken.has(name)) taken.set(name, `what stands at ${positionText(at)}`);
  };
  const distinct = (fields: readonly Documented[], where: string): void => {
    const known = new Map<string, string>();
    for (const { name, at } of fields) {
      const other = known.get(camelCase(name));
      if (other !== undefined)
        diagnostics.report(at, `${other} and ${name} of ${where} are both ${camelCase(name)} in generated code`);
      known.set(camelCase(name), name);
    }
  };
  const top = { file: definition.file, line: 1, column: 1 };
  const found = references(definition);
  for (const subject of found.builtIn) claim([typeName(subject)], top);
  for (const names of found.foreign.values()) {
    claim(
      [...names].map((name) => name.replace("type ", "")),
      top,
    );
  }
  for (const owner of [definition, ...definition.interfaces]) {
    for (const subject of owner.types) {
      const name = typeName(subject);
      const checks = subject.declares === "enum" ? [`is${name}`, `checked${name}`] : [];
      claim([name, `read${name}`, `write${name}`, ...checks], subject.at);
      if (subject.declares === "struct") distinct(subject.fields, `struct ${subject.name}`);
      if (subject.declares === "variant") distinct(subject.cases, `variant ${subject.name}`);
      if (subject.declares !== "enum") continue;
      const odd = subject.items.find((item) => item.name === "__proto__");
      if (odd !== undefined) diagnostics.report(odd.at, "An item cannot be named __proto__ in generated code");
    }
    for (const subject of owner.packets) {
      claim([typeName(subject)], subject.at);
      distinct(subject.fields, `packet ${subject.name}`);
    }
    for (const subject of owner.constants) claim([constantName(subject)], subject.at);
  }
  for (const subject of definition.interfaces) {
    const { name } = subject;
    claim([name, `${name}Client`, `${name}Handlers`, `${name}Args`, `${name}Proxy`, errorsName(subject)], subject.at);
    distinct(subject.arguments, `the session arguments of ${subject.name}`);
    distinct(subject.operations, subject.name);
    for (const operation of subject.operations) {
      if (camelCase(operation.name) === "constructor") {
        diagnostics.report(operation.at, "An operation cannot be named constructor in generated code");
      }
      distinct(operation.inputs, `operation ${operation.name}`);
      distinct(operation.outputs, `operation ${operation.name}`);
    }
  }
}

function imports(body: string, targets: TypeScriptTargets, found: References): string[] {
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(body);
  const modules = new Map<string, string[]>();
  const add = (specifier: string, names: readonly string[]): void => {
    if (names.length > 0) modules.set(specifier, [...(modules.get(specifier) ?? []), ...names]);
  };
  if (body.includes("new SessionError(")) add(targets.runtime("errors"), ["SessionError"]);
  add(
    targets.runtime("interface"),
    ["Call", "CallOptions", "Interface", "Operation", "RpcPort"].filter(uses).map((name) => `type ${name}`),
  );
  add(
    targets.runtime("message"),
    ["Capability", "Reader", "Writer"].filter(uses).map((name) => `type ${name}`),
  );
  if (body.includes("s.object(")) add(targets.runtime("schema"), ["s"]);
  for (const [file, names] of found.foreign) {
    const used = [...names].filter((name) => uses(name.replace("type ", "")));
    add(targets.generated(file), used);
  }
  const plain = (name: string): string => name.replace("type ", "");
  return [...modules]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([specifier, names]) => {
      const list = [...names].sort((a, b) => (plain(a) < plain(b) ? -1 : 1));
      if (list.every((name) => name.startsWith("type ")))
        return `import type { ${list.map(plain).join(", ")} } from "${specifier}";`;
      return `import { ${list.join(", ")} } from "${specifier}";`;
    });
}

/** The text of the generated file: the same for the same definition. */
export function typeScript(definition: Definition, targets: TypeScriptTargets): string {
  const found = references(definition);
  const owners = [definition, ...definition.interfaces];
  const packets: Packet[] = owners.flatMap((owner) => owner.packets);
  const interfaces = definition.interfaces.flatMap(interfaceText);
  const namesErrors = (subject: Interface): boolean =>
    interfaces.some((line) => new RegExp(`\\b${errorsName(subject)}\\b`).test(line));
  const errors = errorOwners(definition).filter(namesErrors).flatMap(errorList);
  const body = [
    ...owners.flatMap((owner) => owner.constants).flatMap(constant),
    ...[...found.builtIn].flatMap(declaration),
    ...owners.flatMap((owner) => owner.types).flatMap(declaration),
    ...packetFunctions(packets),
    ...packets.flatMap(packet),
    ...errors,
    ...(errors.length > 0 ? [""] : []),
    ...interfaces,
  ].join("\n");
  const name = definition.file.slice(definition.file.lastIndexOf("/") + 1);
  return `${[`// Generated from ${name}. Do not edit: change the definition and run "bulkhead idl gen".`, ...imports(body, targets, found), "", body.trimEnd()].join("\n")}\n`;
}
