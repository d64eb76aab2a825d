/** The client half of System. */
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { parseSize } from "../../base/quantity.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
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

/** One line of the log. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly label: string;
  readonly text: string;
}

/** The system as its operators see it. Documents share one buffer, so they are fetched one after another. */
export class SystemConnection implements AsyncDisposable {
  readonly #session: Session<SystemClient, SystemHandlers, SystemArgs>;
  readonly #buffer: Dataspace;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session<SystemClient, SystemHandlers, SystemArgs>, buffer: Dataspace) {
    this.#session = session;
    this.#buffer = buffer;
  }

  #document(ask: (client: SystemClient) => Promise<number>): Promise<string> {
    const result = this.#last.then(async () => {
      const length = await ask(this.#session.client);
      return this.#buffer.bytes.text(0, Math.min(length, this.#buffer.size));
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** The state report; its form is in docs/state.schema.json. */
  async state(): Promise<unknown> {
    return JSON.parse(await this.#document((client) => client.state())) as unknown;
  }

  /** The last lines of the log, oldest first. */
  async log(lines: number): Promise<readonly LogLine[]> {
    return JSON.parse(await this.#document((client) => client.log(lines))) as readonly LogLine[];
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
      return new SystemConnection(session, Dataspace.of(await session.client.buffer(), { writable: false }));
    } catch (error) {
      await session.close();
      throw error;
    }
  },
};
