/** The client half of System. */
import { createHash } from "node:crypto";
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { parseSize } from "../../base/quantity.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import type { Finding, LogLine, SessionFlow, Usage } from "./documents.js";
import {
  type SystemArgs,
  type SystemClient,
  type SystemHandlers,
  System as SystemInterface,
} from "./system.generated.js";

export interface SystemOptions extends SessionOptions {
  /** Room for the longest document, in bytes or as "256K", which it is unless told otherwise. */
  readonly bufferSize?: number | string;
}

const encoder = new TextEncoder();

/** The system as its operators see it. Documents share one buffer, so they are fetched one after another. */
export class SystemConnection implements AsyncDisposable {
  readonly #session: Session<SystemClient, SystemHandlers, SystemArgs>;
  readonly #buffer: Dataspace;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session<SystemClient, SystemHandlers, SystemArgs>, buffer: Dataspace) {
    this.#session = session;
    this.#buffer = buffer;
  }

  #inTurn<Result>(use: (client: SystemClient) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => use(this.#session.client));
    this.#last = result.catch(() => {});
    return result;
  }

  #document(ask: (client: SystemClient) => Promise<number>): Promise<string> {
    return this.#inTurn(async (client) => {
      const length = await ask(client);
      return this.#buffer.bytes.text(0, Math.min(length, this.#buffer.size));
    });
  }

  /** Leaves a text for the server, and tells its length in bytes. */
  #left(text: string): number {
    const bytes = encoder.encode(text);
    if (bytes.length > this.#buffer.size)
      throw new SessionError(
        "TooLarge",
        `The document has ${bytes.length} bytes, the session's buffer ${this.#buffer.size}: open it with a larger bufferSize`,
      );
    this.#buffer.bytes.write(bytes);
    return bytes.length;
  }

  /** The state report; its form is in docs/state.schema.json. */
  async state(): Promise<unknown> {
    return JSON.parse(await this.#document((client) => client.state())) as unknown;
  }

  /** The last lines of the log, oldest first. */
  async log(lines: number): Promise<readonly LogLine[]> {
    return JSON.parse(await this.#document((client) => client.log(lines))) as readonly LogLine[];
  }

  /** At most `lines` of what was logged after line `after`, the newest, and the number of the last line so far. */
  async logAfter(after: number, lines: number): Promise<{ readonly last: number; readonly lines: readonly LogLine[] }> {
    return JSON.parse(await this.#document((client) => client.logAfter(after, lines))) as {
      last: number;
      lines: readonly LogLine[];
    };
  }

  /** What the running components use. */
  async usage(): Promise<Usage> {
    return JSON.parse(await this.#document((client) => client.usage())) as Usage;
  }

  /** What went through the sessions since each was opened. Asks every component, which wakes it. */
  async flow(): Promise<readonly SessionFlow[]> {
    return JSON.parse(await this.#document((client) => client.flow())) as readonly SessionFlow[];
  }

  /** The text of the system file. */
  systemFile(): Promise<string> {
    return this.#document((client) => client.systemFile());
  }

  /** What is wrong with a text as system file. @throws SessionError `TooLarge` */
  async check(text: string): Promise<readonly Finding[]> {
    return JSON.parse(await this.#document((client) => client.check(this.#left(text)))) as readonly Finding[];
  }

  /**
   * Makes a text the system file, and brings the system into that state. `base` is the text that it was made from.
   * @throws SessionError `Rejected`: it has errors, or another text than `base` is in force; `Denied`, `TooLarge`
   */
  apply(text: string, base: string): Promise<void> {
    const digest = createHash("sha256").update(base).digest();
    return this.#inTurn((client) => client.apply(this.#left(text), digest));
  }

  /** Why a session request goes where it goes, as text. */
  explain(component: string, service: string, label = ""): Promise<string> {
    return this.#document((client) => client.explain(component, service, label));
  }

  /** Starts a component anew. @throws SessionError `NotFound` */
  restart(component: string): Promise<void> {
    return this.#session.client.restart(component);
  }

  /** Ends a component's process. @throws SessionError `NotFound`, `Unavailable` */
  kill(component: string): Promise<void> {
    return this.#session.client.kill(component);
  }

  /** Milliseconds since the system started. */
  uptime(): Promise<number> {
    return this.#session.client.uptime();
  }

  /** Calls `handler` when the state changed. */
  onChange(handler: () => void): void {
    this.#session.onSignal("changed", handler);
  }

  /** Calls `handler` when lines were logged. */
  onLogged(handler: () => void): void {
    this.#session.onSignal("logged", handler);
  }

  async close(): Promise<void> {
    await this.#session.close();
    this.#buffer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** State and operation of the system that the component is part of. */
export const System: SessionType<SystemOptions, SystemConnection> = {
  interface: SystemInterface,
  async open(env: Env, { bufferSize: size = "256K", ram = 0, ...options }: SystemOptions): Promise<SystemConnection> {
    const bufferSize = parseSize(size);
    // The root outlives its components: there is no other server to reopen the session at.
    const session = await env.session(
      SystemInterface,
      { bufferSize },
      { ...options, reconnect: false, ram: Math.max(parseSize(ram), SystemInterface.ramQuota + bufferSize) },
    );
    try {
      return new SystemConnection(session, Dataspace.of(await session.client.buffer(), { writable: true }));
    } catch (error) {
      await session.close();
      throw error;
    }
  },
};
