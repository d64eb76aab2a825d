/** The terminal as commands write to it: lines end as terminals want them, and nobody waits for a far end that is gone. */
import { SessionError } from "../../base/errors.js";
import { printable } from "../../lib/readable.js";
import type { TerminalConnection } from "../../sessions/terminal/index.js";

export class Screen {
  readonly #terminal: TerminalConnection;
  /** Fires when the far end goes. */
  #gone = new AbortController();

  constructor(terminal: TerminalConnection) {
    this.#terminal = terminal;
  }

  farEnd(connected: boolean): void {
    if (!connected) this.#gone.abort();
    else if (this.#gone.signal.aborted) this.#gone = new AbortController();
  }

  /** Writes as it is. What nobody sees is dropped. */
  async write(text: string): Promise<void> {
    const { signal } = this.#gone;
    if (signal.aborted) return;
    try {
      await this.#terminal.write(text, { signal });
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== "Aborted") throw error;
    }
  }

  /** Writes lines; what components say may not move the cursor. */
  print(text: string): Promise<void> {
    return this.write(`${printable(text).replaceAll("\n", "\r\n")}\r\n`);
  }
}
