/** The Terminal service on TCP connections. */
import { policyFor } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import { type TerminalArgs, TerminalSession } from "../../sessions/terminal/index.js";
import type { TcpTerminalConfig } from "./config.js";
import { Listener } from "./listener.js";
import type { OpenSocketPool } from "./open-socket.js";
import { TcpEnd } from "./tcp-end.js";

/** Brings the descriptor of a listening socket that was granted under this name. */
export type AcquireListener = (name: string) => Promise<number>;

export class TcpTerminalServer {
  readonly #pool: OpenSocketPool;
  readonly #acquire: AcquireListener;
  readonly #listeners = new Map<string, Listener>();
  #config: TcpTerminalConfig;

  private constructor(config: TcpTerminalConfig, pool: OpenSocketPool, acquire: AcquireListener) {
    this.#config = config;
    this.#pool = pool;
    this.#acquire = acquire;
  }

  /** Listens on every socket that a policy names. */
  static async start(
    config: TcpTerminalConfig,
    pool: OpenSocketPool,
    acquire: AcquireListener,
  ): Promise<TcpTerminalServer> {
    const server = new TcpTerminalServer(config, pool, acquire);
    await server.configure(config);
    return server;
  }

  /** For clients and connections from now on. A socket that no policy names any more goes on for those who have it. */
  async configure(config: TcpTerminalConfig): Promise<void> {
    for (const { listener } of config.policies) {
      if (!this.#listeners.has(listener)) this.#listeners.set(listener, new Listener(await this.#acquire(listener)));
    }
    for (const listener of this.#listeners.values()) listener.mostWaiting = config.waiting;
    this.#config = config;
  }

  async open(request: SessionRequest<TerminalArgs>): Promise<TerminalSession> {
    const policy = policyFor(this.#config, "Terminal", request.label);
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
