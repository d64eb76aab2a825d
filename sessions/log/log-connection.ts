/** The client half of LOG. */
import type { Env } from "../../base/env.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { untilAnswered } from "../../lib/repetition.js";
import { LOG, type LOGArgs, type LOGClient, type LOGHandlers } from "./log.generated.js";

export type LogOptions = SessionOptions;

/** Most bytes of one message, as the interface says. */
const mostBytes = 900;

/** The pieces of a line that fit into messages, cut between characters. */
function* pieces(line: string): Generator<string> {
  if (line.length * 3 <= mostBytes || Buffer.byteLength(line) <= mostBytes) {
    yield line;
    return;
  }
  let piece = "";
  let bytes = 0;
  for (const character of line) {
    const length = Buffer.byteLength(character);
    if (bytes + length > mostBytes) {
      yield piece;
      piece = "";
      bytes = 0;
    }
    piece += character;
    bytes += length;
  }
  if (piece !== "") yield piece;
}

/** Text for the system's log. Lines arrive in the order in which they were written. */
export class LogConnection implements AsyncDisposable {
  readonly #session: Session<LOGClient, LOGHandlers, LOGArgs>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session<LOGClient, LOGHandlers, LOGArgs>) {
    this.#session = session;
  }

  /**
   * Writes each line of a text; a line of more than 900 bytes arrives as several. Resolves once all are on their way, which
   * takes as long as the server is behind: await it in a loop.
   */
  write(text: string): Promise<void> {
    const result = this.#last.then(async () => {
      for (const line of text.split("\n")) {
        for (const piece of pieces(line)) {
          if (piece !== "") await untilAnswered(this.#session, () => this.#session.client.write(piece));
        }
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The system's log. */
export const Log: SessionType<LogOptions, LogConnection> = {
  interface: LOG,
  async open(env: Env, options: LogOptions): Promise<LogConnection> {
    return new LogConnection(await env.session(LOG, {}, options));
  },
};
