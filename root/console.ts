/** The root's LOG service and its own words: lines on standard error, or as journald wants them, and a short history. */
import { type Service, service } from "../base/server.js";
import { LOG } from "../sessions/log/log.generated.js";

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly label: string;
  readonly text: string;
}

/** Lines kept for `bulkhead logs`. */
const historyLines = 2000;

export class Console {
  readonly #history: LogLine[] = [];
  #count = 0;
  readonly #watchers = new Set<(line: LogLine) => void>();
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  line(label: string, text: string): void {
    const line = { time: Date.now(), label, text };
    this.#count += 1;
    this.#history.push(line);
    if (this.#history.length > historyLines) this.#history.shift();
    this.#write(`[${label}] ${text}\n`);
    for (const watcher of this.#watchers) watcher(line);
  }

  get history(): readonly LogLine[] {
    return this.#history;
  }

  /** Lines so far, those that are forgotten included. */
  get count(): number {
    return this.#count;
  }

  /** At most so many lines after line `after`, the newest. The first one ever has number 1. */
  after(after: number, most: number): readonly LogLine[] {
    const count = Math.min(most, this.#count - after, this.#history.length);
    return count > 0 ? this.#history.slice(-count) : [];
  }

  watch(watcher: (line: LogLine) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  get service(): Service {
    return service(LOG, ({ label }) => ({
      write: (text: string) => {
        for (const line of text.split("\n")) if (line !== "") this.line(label, line);
      },
    }));
  }
}
