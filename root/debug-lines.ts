/** The debugging sockets of all components, those of nested inits included, by full label. */
import { SessionError } from "../base/errors.js";
import { suggestion } from "../base/nearest.js";
import type { DebugLine } from "./debug-line.js";

/** How long a component that is started anew may take to be there, in milliseconds. */
const startTimeout = 10_000;

export class DebugLines {
  readonly #lines = new Map<string, DebugLine>();
  /** Components whose next start waits for a debugger. */
  readonly #expected = new Map<string, (line: DebugLine) => void>();

  add(line: DebugLine): void {
    const { label } = line.facts;
    this.#lines.set(label, line);
    void line.ended.then(() => {
      if (this.#lines.get(label) === line) this.#lines.delete(label);
    });
    if (line.facts.waits) this.#expected.get(label)?.(line);
  }

  /** Whether the component that starts now waits for a debugger. */
  waits(label: string): boolean {
    return this.#expected.has(label);
  }

  /** The running component of this label. Throws `NotFound`. */
  find(label: string): DebugLine {
    const line = this.#lines.get(label);
    if (line === undefined)
      throw new SessionError(
        "NotFound",
        `No component "${label}" runs${suggestion(label, this.#lines.keys())} ("bulkhead status" shows why one does not; "bulkhead debug --wait" starts it)`,
      );
    return line;
  }

  /** Starts a component that waits before its first line. Throws `Unavailable` when it does not start. */
  async started(label: string, start: () => Promise<void>): Promise<DebugLine> {
    if (this.#expected.has(label))
      throw new SessionError("Unavailable", `"${label}" is being started for another debugger already`);
    let timer: NodeJS.Timeout | undefined;
    try {
      const started = new Promise<DebugLine>((resolve, reject) => {
        this.#expected.set(label, resolve);
        timer = setTimeout(
          () => reject(new SessionError("Unavailable", `"${label}" did not start: "bulkhead logs" says why`)),
          startTimeout,
        );
      });
      // Its failure is that of whoever waits for it, also while the start itself fails.
      started.catch(() => {});
      await start();
      return await started;
    } finally {
      clearTimeout(timer);
      this.#expected.delete(label);
    }
  }
}
