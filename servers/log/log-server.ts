/** The LOG service: lines of all clients in one order, each with its label. */
import { errorMessage } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import type { SessionRequest } from "../../base/server.js";
import type { LOGArgs, LOGHandlers } from "../../sessions/log/index.js";
import type { LogConfig } from "./config.js";

/** Where lines go, in batches. */
export interface LineTarget {
  readonly name: string;
  write(lines: readonly string[]): void | Promise<void>;
  /** Nothing more will be written. */
  close?(): void | Promise<void>;
}

/** Characters that would move a terminal's cursor or forge a line. Tabulators are left. */
const controlCharacters = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A line that shows what was sent and does nothing else. */
function printable(line: string): string {
  return line.replace(controlCharacters, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

interface Pending {
  readonly session: LogSession | undefined;
  readonly line: string;
}

export class LogServer {
  #config: LogConfig;
  #targets: readonly LineTarget[];
  #queue: Pending[] = [];
  #writing = false;

  constructor(config: LogConfig, targets: readonly LineTarget[]) {
    this.#config = config;
    this.#targets = targets;
  }

  /** Lines that wait go where lines go now. `targets`: only if they are others. */
  configure(config: LogConfig, targets = this.#targets): void {
    const left = this.#targets.filter((target) => !targets.includes(target));
    this.#config = config;
    this.#targets = targets;
    for (const target of left) void target.close?.();
  }

  open(request: SessionRequest<LOGArgs>): LOGHandlers {
    return new LogSession(this, request.label, this.#config.pending);
  }

  /** Queues a line of a session; undefined: the log's own. */
  add(session: LogSession | undefined, text: string): void {
    const time = this.#config.timestamps ? `${(monotonic() / 1000).toFixed(3)} ` : "";
    this.#queue.push({ session, line: `${time}[${session?.label ?? "log"}] ${text}` });
    if (this.#writing) return;
    this.#writing = true;
    // Once the turn is over: what came in it goes out in one batch.
    setImmediate(() => void this.#write());
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      const lines = batch.map(({ line }) => line);
      for (const target of this.#targets) {
        try {
          await target.write(lines);
        } catch (error) {
          // Without it the others go on; with it every line would fail again.
          this.#targets = this.#targets.filter((other) => other !== target);
          this.add(undefined, `Nothing more goes to ${target.name}: ${errorMessage(error)}`);
        }
      }
      for (const { session } of batch) session?.written();
    }
    this.#writing = false;
  }
}

/** One client. It may have so many lines under way, so that a flood costs it its own lines and nobody else's. */
export class LogSession implements LOGHandlers {
  readonly label: string;
  readonly #server: LogServer;
  readonly #most: number;
  #pending = 0;
  #dropped = 0;

  constructor(server: LogServer, label: string, most: number) {
    this.#server = server;
    this.label = label;
    this.#most = most;
  }

  write(text: string): void {
    for (const line of text.split("\n")) if (line !== "") this.#add(printable(line));
  }

  #add(line: string): void {
    if (this.#pending >= this.#most) {
      this.#dropped += 1;
      return;
    }
    this.#pending += 1;
    this.#server.add(this, line);
  }

  /** For the server: one of its lines was written. */
  written(): void {
    this.#pending -= 1;
    if (this.#pending > 0 || this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#add(`${dropped} ${dropped === 1 ? "line" : "lines"} dropped: they came faster than the log could write`);
  }
}
