/** The files of one test: consoles, captures, pictures, traces. Kept where the run has a folder, else nowhere. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A name as part of a path: letters, digits and dashes. */
export function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 80) || "unnamed"
  );
}

export class RunFolder {
  /** Undefined when nothing is kept. */
  readonly path: string | undefined;
  readonly #files = new Set<string>();
  readonly #start = performance.now();

  constructor(path: string | undefined) {
    this.path = path;
    if (path !== undefined) mkdirSync(path, { recursive: true });
  }

  /** Names of the files, as they came. */
  get files(): readonly string[] {
    return [...this.#files];
  }

  /** Replaces a file. Returns its path; undefined when nothing is kept. */
  write(name: string, content: string | Uint8Array): string | undefined {
    if (this.path === undefined) return undefined;
    this.#files.add(name);
    const file = join(this.path, name);
    writeFileSync(file, content);
    return file;
  }

  append(name: string, content: string | Uint8Array): void {
    if (this.path === undefined) return;
    this.#files.add(name);
    appendFileSync(join(this.path, name), content);
  }

  /** A step of the test, with its time since the test began, as a line of trace.jsonl. */
  trace(part: string, step: string, detail: Readonly<Record<string, unknown>> = {}): void {
    const milliseconds = Number((performance.now() - this.#start).toFixed(3));
    this.append("trace.jsonl", `${JSON.stringify({ milliseconds, part, step, ...detail })}\n`);
  }
}
