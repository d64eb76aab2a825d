/** The client half of Report. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { parseSize } from "../../base/quantity.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { MappedBuffer } from "../../lib/mapped-buffer.js";
import { untilAnswered } from "../../lib/repetition.js";
import {
  type ReportArgs,
  type ReportClient,
  type ReportHandlers,
  Report as ReportInterface,
} from "./report.generated.js";

export interface ReportOptions extends SessionOptions {
  /** The report's name, such as "state". */
  readonly label: string;
  /** Room for the report at first, in bytes or as "64K"; it grows when a report needs more. */
  readonly bufferSize?: number | string;
}

type ReportSession = Session<ReportClient, ReportHandlers, ReportArgs>;

const encoder = new TextEncoder();

async function openSession(env: Env, options: ReportOptions, bufferSize: number): Promise<ReportSession> {
  const { bufferSize: _first, ram, ...others } = options;
  const own = ReportInterface.ramQuota + 2 * bufferSize;
  return env.session(
    ReportInterface,
    { bufferSize },
    { ...others, ram: Math.max(own, ram === undefined ? 0 : parseSize(ram)) },
  );
}

/** A document that this component publishes. */
export class Reporter implements AsyncDisposable {
  readonly #env: Env;
  readonly #options: ReportOptions;
  /** Undefined between two sessions, when the report outgrew the first. */
  #session: ReportSession | undefined;
  #bufferSize: number;
  readonly #buffer = new MappedBuffer();
  /** The newest report, and the one that the server has. */
  #newest: Uint8Array | undefined;
  #published: Uint8Array | undefined;
  #publishing: Promise<void> | undefined;
  #closed = false;

  private constructor(env: Env, options: ReportOptions, bufferSize: number) {
    this.#env = env;
    this.#options = options;
    this.#bufferSize = bufferSize;
  }

  static async open(env: Env, options: ReportOptions): Promise<Reporter> {
    const reporter = new Reporter(env, options, Math.max(1, parseSize(options.bufferSize ?? 4096)));
    await reporter.#opened(0);
    return reporter;
  }

  /**
   * Publishes bytes, text, or a value as JSON; `undefined` empties the report. Resolves once the server has it, or has a
   * newer one: of reports that come faster than the server takes them, those in between are left out.
   * @throws SessionError `OutOfRam` when this component's quota does not cover a report of this length
   */
  publish(report: unknown): Promise<void> {
    if (report instanceof Uint8Array) this.#newest = report.slice();
    else if (report === undefined) this.#newest = new Uint8Array(0);
    else this.#newest = encoder.encode(typeof report === "string" ? report : JSON.stringify(report));
    return this.#publish();
  }

  /** Whoever is under way comes back for the newest report; its failure is everybody's who waits. */
  #publish(): Promise<void> {
    this.#publishing ??= this.#run();
    return this.#publishing;
  }

  async #run(): Promise<void> {
    // After the caller kept the promise; and reports of one turn are one.
    await Promise.resolve();
    try {
      while (this.#newest !== undefined && this.#published !== this.#newest) {
        const content = this.#newest;
        const session = await this.#opened(content.length);
        await untilAnswered(session, () =>
          this.#buffer.with(
            session.name,
            () => session.client.dataspace(),
            0,
            (buffer) => {
              buffer.bytes.write(content);
              return session.client.submit(content.length);
            },
          ),
        );
        this.#published = content;
      }
    } finally {
      // In the same step in which nothing newer was found, or a report that comes in between would wait for the next.
      this.#publishing = undefined;
    }
  }

  /** The session, opened with room for `bytes`. */
  async #opened(bytes: number): Promise<ReportSession> {
    if (this.#session !== undefined && bytes <= this.#bufferSize) return this.#session;
    // The label has one writer, so the session with more room opens after the other one is closed.
    const old = this.#session;
    this.#session = undefined;
    this.#buffer.forget();
    await old?.close();
    const bufferSize = bytes <= this.#bufferSize ? this.#bufferSize : 2 ** Math.ceil(Math.log2(bytes));
    const session = await openSession(this.#env, this.#options, bufferSize);
    if (this.#closed) {
      await session.close();
      throw new SessionError("Disconnected", `Cannot publish: ${session.name} was closed`);
    }
    session.onLost(() => this.#buffer.forget());
    session.onReopened(() => {
      this.#published = undefined;
      // Nobody waits for this one. When it fails, so does the next report, which says so.
      this.#publish().catch(() => {});
    });
    this.#session = session;
    this.#bufferSize = bufferSize;
    return session;
  }

  /** Ends the session. Whether the server keeps the last report is its policies' decision. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#buffer.forget();
    await this.#session?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Documents that a component publishes. */
export const Report: SessionType<ReportOptions, Reporter> = {
  interface: ReportInterface,
  open: (env: Env, options: ReportOptions): Promise<Reporter> => Reporter.open(env, options),
};
