/** The client, the handlers and the `Interface` value of one session interface. */
import { messageBytes } from "./layout.js";
import { allErrors, type Field, type Interface, type Operation } from "./model.js";
import { camelCase, pascalCase } from "./names.js";
import { decode, encode, typeText } from "./typescript-codec.js";
import { comment, localName } from "./typescript-names.js";
import { argumentName, argumentType, mayBeAbsent, schemaOf } from "./typescript-schema.js";
import { objectOf } from "./typescript-types.js";

/** The part of a name that tells one interface's functions from another's. */
function functionName(subject: Interface, operation: Operation): string {
  return `${camelCase(subject.name)}${pascalCase(camelCase(operation.name))}`;
}

export function errorsName(subject: Interface): string {
  return `${camelCase(subject.name)}Errors`;
}

/** What an operation results in: nothing, the one result itself, or an object of them. */
export function resultType(operation: Operation): string {
  const [only, ...others] = operation.outputs;
  if (only === undefined) return "void";
  if (others.length === 0) return typeText(only.type);
  return `{ ${operation.outputs.map((field) => `readonly ${camelCase(field.name)}${field.type.kind === "optional" ? "?" : ""}: ${typeText(field.type)}`).join("; ")} }`;
}

export function parameterList(fields: readonly Field[], last: string): string {
  return [...fields.map((field) => `${localName(field)}: ${typeText(field.type)}`), last].join(", ");
}

function described(operation: Operation): readonly string[] {
  const documented = operation.inputs
    .filter((field) => field.docs.length > 0)
    .map((field) => `@param ${localName(field)} ${field.docs.join(" ")}`);
  const thrown = operation.throws.map((name) => `@throws SessionError \`${name}\``);
  return [...operation.docs, ...documented, ...thrown];
}

function objectType(kind: "Client" | "Handlers", subject: Interface, methods: readonly string[]): string[] {
  const parts = subject.parts.map((part) => `${part.name}${kind}`).join(", ");
  const head = `export interface ${subject.name}${kind}${parts === "" ? "" : ` extends ${parts}`} {`;
  return methods.length === 0 ? [`${head}}`, ""] : [head, ...methods, "}", ""];
}

function own(subject: Interface): readonly Operation[] {
  return subject.operations.filter((operation) => operation.origin === subject);
}

function clientType(subject: Interface): string[] {
  return [
    ...comment([`A session of the service ${subject.name}, as its client sees it.`, ...subject.docs]),
    ...objectType(
      "Client",
      subject,
      own(subject).flatMap((operation) => [
        ...comment(described(operation), "  "),
        `  ${camelCase(operation.name)}(${parameterList(operation.inputs, "options?: CallOptions")}): Promise<${resultType(operation)}>;`,
      ]),
    ),
  ];
}

function handlersType(subject: Interface): string[] {
  return [
    ...comment([`What a server of ${subject.name} implements; a handler answers at once or with a promise.`]),
    ...objectType(
      "Handlers",
      subject,
      own(subject).flatMap((operation) => {
        const result = resultType(operation);
        return [
          ...comment(described(operation), "  "),
          `  ${camelCase(operation.name)}(${parameterList(operation.inputs, "call: Call")}): ${result} | Promise<${result}>;`,
        ];
      }),
    ),
  ];
}

function argumentsType(subject: Interface): string[] {
  if (subject.arguments.length === 0) return [`export type ${subject.name}Args = Record<string, never>;`, ""];
  return [
    `/** What a client says when it opens a session of ${subject.name}; the defaults are filled in. */`,
    `export interface ${subject.name}Args {`,
    ...subject.arguments.flatMap((argument) => [
      ...comment(argument.docs, "  "),
      `  readonly ${argumentName(argument)}${mayBeAbsent(argument) ? "?" : ""}: ${argumentType(argument)};`,
    ]),
    "}",
    "",
  ];
}

function replyDecoder(subject: Interface, operation: Operation): string[] {
  const [only, ...others] = operation.outputs;
  const name = `decode${pascalCase(functionName(subject, operation))}Reply`;
  if (only === undefined) return [`function ${name}(reader: Reader): void {`, "  reader.end();", "}", ""];
  return [
    `function ${name}(reader: Reader): ${resultType(operation)} {`,
    `  const result = ${others.length === 0 ? decode(only.type) : objectOf(operation.outputs)};`,
    "  reader.end();",
    "  return result;",
    "}",
    "",
  ];
}

function clientMethod(subject: Interface, operation: Operation): string[] {
  const result = operation.kind === "oneway" ? "void" : resultType(operation);
  const writes = operation.inputs.flatMap((field) => encode(field.type, localName(field), "      "));
  const sent =
    operation.kind === "oneway"
      ? "return this.#port.send(options);"
      : `return this.#port.call(${errorsName(operation.origin)}, ${messageBytes(operation.outputs)}, decode${pascalCase(functionName(subject, operation))}Reply, options);`;
  const head = `  ${camelCase(operation.name)}(${parameterList(operation.inputs, "options?: CallOptions")}): Promise<${result}> {`;
  if (writes.length === 0) return [head, `    this.#port.begin(${operation.opcode});`, `    ${sent}`, "  }", ""];
  return [
    head,
    "    try {",
    `      const writer = this.#port.begin(${operation.opcode});`,
    ...writes,
    "    } catch (error) {",
    "      return Promise.reject(error);",
    "    }",
    `    ${sent}`,
    "  }",
    "",
  ];
}

function proxy(subject: Interface): string[] {
  const methods = subject.operations.flatMap((operation) => clientMethod(subject, operation));
  return [
    ...subject.operations
      .filter((operation) => operation.kind === "call")
      .flatMap((operation) => replyDecoder(subject, operation)),
    `class ${subject.name}Proxy implements ${subject.name}Client {`,
    "  readonly #port: RpcPort;",
    "",
    "  constructor(port: RpcPort) {",
    "    this.#port = port;",
    "  }",
    "",
    ...methods.slice(0, -1),
    ...(methods.length === 0 ? [] : ["}", ""]),
    ...(methods.length === 0 ? ["}", ""] : []),
  ];
}

function operationValue(subject: Interface, operation: Operation): string[] {
  const [only, ...others] = operation.outputs;
  const value = (field: Field): string => (others.length === 0 ? "result" : `result.${camelCase(field.name)}`);
  return [
    `    [${operation.opcode}, {`,
    `      opcode: ${operation.opcode},`,
    `      name: "${camelCase(operation.name)}",`,
    `      kind: "${operation.kind}",`,
    ...(operation.origin === subject ? [] : [`      errors: ${errorsName(operation.origin)},`]),
    `      requestBytes: ${messageBytes(operation.inputs)},`,
    `      replyBytes: ${messageBytes(operation.outputs)},`,
    "      invoke(handlers, reader, call) {",
    ...operation.inputs.map((field) => `        const ${localName(field)} = ${decode(field.type)};`),
    "        reader.end();",
    `        return handlers.${camelCase(operation.name)}(${[...operation.inputs.map(localName), "call"].join(", ")});`,
    "      },",
    ...(only === undefined
      ? []
      : [
          `      encodeReply(writer, result: ${resultType(operation)}) {`,
          ...operation.outputs.flatMap((field) => encode(field.type, value(field), "        ")),
          "      },",
        ]),
    "    }],",
  ];
}

/** Numbers without a signal have an empty name. */
function signalNames(subject: Interface): string {
  const names: string[] = [];
  for (const signal of subject.signals) names[signal.number] = camelCase(signal.name);
  return `[${Array.from(names, (name) => JSON.stringify(name ?? "")).join(", ")}]`;
}

function interfaceValue(subject: Interface): string[] {
  const { name } = subject;
  return [
    ...comment(subject.docs.length > 0 ? subject.docs : [`The session interface ${name}.`]),
    `export const ${name}: Interface<${name}Client, ${name}Handlers, ${name}Args> = {`,
    `  name: "${name}",`,
    `  version: ${subject.version},`,
    `  ramQuota: ${subject.ramQuota},`,
    `  capQuota: ${subject.capQuota},`,
    ...(subject.arguments.length === 0
      ? ["  args: s.object({}),"]
      : [
          "  args: s.object({",
          ...subject.arguments.map((argument) => `    ${argumentName(argument)}: ${schemaOf(argument)},`),
          "  }),",
        ]),
    `  errors: ${
      subject.parts.length === 0
        ? errorsName(subject)
        : `[${allErrors(subject)
            .map((error) => JSON.stringify(error.name))
            .join(", ")}]`
    },`,
    `  signals: ${signalNames(subject)},`,
    `  operations: new Map<number, Operation<${name}Handlers>>([`,
    ...subject.operations.flatMap((operation) => operationValue(subject, operation)),
    "  ]),",
    `  client: (port) => new ${name}Proxy(port),`,
    "};",
    "",
  ];
}

/** The list that numbers an interface's errors: 64 plus the index. */
export function errorList(subject: Interface): string[] {
  return [
    `const ${errorsName(subject)}: readonly string[] = [${subject.errors.map((error) => JSON.stringify(error.name)).join(", ")}];`,
  ];
}

/** Everything about one interface but its types. */
export function interfaceText(subject: Interface): string[] {
  return [
    ...argumentsType(subject),
    ...clientType(subject),
    ...handlersType(subject),
    ...proxy(subject),
    ...interfaceValue(subject),
  ];
}
