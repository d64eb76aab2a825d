/** The table of docs/hil.md's lab file, made from the schema so that it cannot differ from what is accepted. */
import { jsonSchemaDocument, schemaTable } from "../base/schema.js";
import { labSchema } from "./benches/lab-file.js";

/** The page of lab files of hardware. */
export function labFilePage(): string {
  return `# The file of a lab

What is plugged in, for tests of [hardware in the loop](hil.md): \`bulkhead test FILES --bench lab.jsonc\`. It is JSON
with comments and trailing commas. Mistakes are shown as \`file:line:column: message\`.

\`\`\`jsonc
{
  "facts": { "place": "desk 1", "board": "rev C" },
  "uart": { "tty": "/dev/serial/by-id/usb-FTDI_A50285BI-if00-port0", "line": { "baudRate": 115200 } },
  "power": { "on": ["uhubctl", "-l", "1-1", "-a", "on"], "off": ["uhubctl", "-l", "1-1", "-a", "off"] },
  "shell": { "host": "root@board", "facts": { "serial": "C-0042" } },
  "before": ["./flash.sh", "build/firmware.bin"]
}
\`\`\`

Every key may be left out: tests that need it are then skipped, and say so. The sessions that need no device (timer, log,
report, rom, terminal) are there on every bench. This page is made from the schema that the command itself uses.

${schemaTable(labSchema)}`;
}

/** The JSON Schema that editors use, by file name in docs/. */
export function labSchemaFiles(): Readonly<Record<string, string>> {
  const document = jsonSchemaDocument(labSchema, { title: "Bulkhead lab file" });
  return { "lab-file.schema.json": `${JSON.stringify(document, null, 2)}\n` };
}
