/** Writes the pages of docs/ that are made from schemas. With `--check` it only tells which are out of date, and exits with 1. */
import { readFileSync, writeFileSync } from "node:fs";
import { benchFilePage, benchSchemaFiles } from "../bench/documentation.js";
import { labFilePage, labSchemaFiles } from "../hil/documentation.js";
import { schemaFiles, systemFilePage } from "../servers/init/documentation.js";

const pages: Readonly<Record<string, string>> = {
  "system-file.md": systemFilePage(),
  "bench-file.md": benchFilePage(),
  "lab-file.md": labFilePage(),
  ...schemaFiles(),
  ...benchSchemaFiles(),
  ...labSchemaFiles(),
};

function present(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

for (const [name, text] of Object.entries(pages)) {
  const file = `docs/${name}`;
  if (present(file) === text) continue;
  if (process.argv.includes("--check")) {
    process.stderr.write(`${file} is out of date: run node dist/scripts/documentation.js\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    process.stdout.write(`${file}\n`);
  }
}
