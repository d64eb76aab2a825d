/** The page docs/bench-file.md, made from the schema so that it cannot differ from what the bench accepts. */
import { jsonSchemaDocument, schemaTable } from "../base/schema.js";
import { benchSchema, documentedSchemas } from "./bench-file.js";

const introduction = `# The bench file

A bench file says which devices the machine of a [virtual bench](bench.md) has. It is JSON with comments and trailing
commas: a \`machine\`, and \`devices\` by the names that the test uses for them. Mistakes are shown as
\`file:line:column: message\`. [examples/bench](../examples/bench) has a small one, and one with a device of every kind.

This page is made from the schema that the bench itself uses.
`;

export function benchFilePage(): string {
  const { machine, ...kinds } = documentedSchemas;
  return [
    introduction,
    ...(machine === undefined ? [] : ["## The machine\n", schemaTable(machine)]),
    ...Object.entries(kinds).flatMap(([kind, schema]) => [`## \`"kind": "${kind}"\`\n`, schemaTable(schema)]),
  ].join("\n");
}

/** The JSON Schema that editors use, by file name in docs/. */
export function benchSchemaFiles(): Readonly<Record<string, string>> {
  const document = jsonSchemaDocument(benchSchema, { title: "Bulkhead bench file" });
  return { "bench.schema.json": `${JSON.stringify(document, null, 2)}\n` };
}
