/** A server to start from: one class an interface, with a method for each operation. */
import type { TypeScriptTargets } from "./backend-typescript.js";
import type { Definition, Interface, Type } from "./model.js";
import { camelCase } from "./names.js";
import { parameterList, resultType } from "./typescript-interface.js";
import { typeName } from "./typescript-names.js";

function declaredNames(type: Type): string[] {
  if (type.kind === "array") return declaredNames(type.element);
  if (type.kind === "optional") return declaredNames(type.inner);
  return type.kind === "declared" ? [typeName(type.declaration)] : [];
}

function serverClass(subject: Interface): string[] {
  const methods = subject.operations.flatMap((operation) => [
    "",
    `  ${camelCase(operation.name)}(${parameterList(operation.inputs, "_call: Call")}): ${resultType(operation)} | Promise<${resultType(operation)}> {`,
    `    throw new SessionError("Unavailable", "Cannot serve ${camelCase(operation.name)} of ${subject.name}: this server does not implement it yet");`,
    "  }",
  ]);
  return [
    `/** One session of ${subject.name}. */`,
    `export class ${subject.name}Session implements ${subject.name}Handlers {`,
    ...methods.slice(1),
    "}",
    "",
  ];
}

export function skeleton(definition: Definition, targets: TypeScriptTargets): string {
  const types = definition.interfaces.flatMap((subject) =>
    subject.operations.flatMap((operation) =>
      [...operation.inputs, ...operation.outputs].flatMap((field) => declaredNames(field.type)),
    ),
  );
  const usesCapability = JSON.stringify(
    definition.interfaces.flatMap((subject) =>
      subject.operations.flatMap((operation) => parameterList(operation.inputs, "") + resultType(operation)),
    ),
  ).includes("Capability");
  const generated = [
    ...new Set([...definition.interfaces.map((subject) => `${subject.name}Handlers`), ...types]),
  ].sort();
  const lines = [
    `import { SessionError } from "${targets.runtime("errors")}";`,
    `import type { Call } from "${targets.runtime("interface")}";`,
    ...(usesCapability ? [`import type { Capability } from "${targets.runtime("message")}";`] : []),
    `import type { ${generated.join(", ")} } from "${targets.generated(definition.file)}";`,
    "",
    ...definition.interfaces.flatMap(serverClass),
  ];
  return lines.join("\n");
}
