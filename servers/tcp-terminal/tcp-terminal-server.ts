/** The Terminal service on TCP connections. */
import { SessionError } from "../../base/errors.js";
import { selectPolicy } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import { type TerminalArgs, TerminalSession } from "../../sessions/terminal/index.js";
import type { TcpTerminalConfig } from "./config.js";
import { Listener } from "./listener.js";
import type { OpenSocketPool } from "./open-socket.js";
import { TcpEnd } from "./tcp-end.js";

/** Brings the descriptor of a listening socket that was granted under this name. */
export type AcquireListener = (name: string) => Promise<number>;

export class TcpTerminalServer {
  readonly #config: TcpTerminalConfig;
  readonly #pool: OpenSocketPool;
  readonly #listeners: ReadonlyMap<string, Listener>;

  private constructor(config: TcpTerminalConfig, pool: OpenSocketPool, listeners: ReadonlyMap<string, Listener>) {
    this.#config = config;
    this.#pool = pool;
    this.#listeners = listeners;
  }

  /** Listens on every socket that a policy names. */
  static async start(
    config: TcpTerminalConfig,
    pool: OpenSocketPool,
    acquire: AcquireListener,
  ): Promise<TcpTerminalServer> {
    const listeners = new Map<string, Listener>();
    for (const { listener } of config.policies) {
      if (!listeners.has(listener)) listeners.set(listener, new Listener(await acquire(listener), config.waiting));
    }
    return new TcpTerminalServer(config, pool, listeners);
  }

  async open(request: SessionRequest<TerminalArgs>): Promise<TerminalSession> {
    const { policy, reason } = selectPolicy(this.#config.policies, request.label);
    if (policy === undefined)
      throw new SessionError("Denied", `Cannot open a TCP terminal for "${request.label}": ${reason}`);
    const listener = this.#listeners.get(policy.listener) as Listener;
    let end: TcpEnd | undefined;
    const session = await TerminalSession.open(request, (opened) => {
      end = new TcpEnd(opened, listener, this.#pool);
      return end;
    });
    if (request.session.open) listener.free(end as TcpEnd);
    return session;
  }

  close(): void {
    for (const listener of this.#listeners.values()) listener.close();
  }
}
