/** What `bulkhead new` makes: files by path, inside the new folder. */

export interface Subject {
  /** As given: `water-pump`. */
  readonly name: string;
  /** For interfaces and types: `WaterPump`. */
  readonly type: string;
}

export interface Template {
  readonly summary: string;
  /** The command that runs its test, where that is not Node.js's own runner. */
  check?(subject: Subject): string;
  files(subject: Subject): Readonly<Record<string, string>>;
}

export function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join("");
}

/** Starts the test system; its `check` component ends it with the outcome. */
export function testProgram({ name }: Subject): string {
  return `import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const bulkhead = join(dirname(createRequire(import.meta.url).resolve("bulkhead/package.json")), "dist/programs/bulkhead.js");

// The component "check" of the test system ends the system: with 0 when all is as it should be.
test("${name}", () => {
  const folder = mkdtempSync(join(tmpdir(), "${name}-"));
  try {
    const system = fileURLToPath(new URL("test/system.jsonc", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [bulkhead, "up", system, "--socket", join(folder, "control.sock")], { encoding: "utf8", timeout: 30_000 });
    assert.equal(status, 0, stdout + stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
`;
}

export function readme({ name }: Subject, what: string, starting: string): string {
  return `# ${name}

${what}

\`\`\`jsonc
${starting}
\`\`\`

\`node --test ${name}\` runs its test: a system of its own, whose component \`check\` tells by its exit value.
`;
}
