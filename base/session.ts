/**
 * A client's session: a typed client on a channel that the parent routed, reopened when its server restarts.
 *
 * What happens to a call that was under way when the server died is part of each interface's contract: the call
 * rejects with `Disconnected`, and a connection that knows the operation to be safe to repeat repeats it. A call that
 * begins while the session is being reopened waits for it.
 */
import { Dataspace } from "./dataspace.js";
import { requestSession } from "./denial.js";
import type { Env } from "./env.js";
import { SessionError } from "./errors.js";
import type { CallOptions, Interface, RpcPort } from "./interface.js";
import type { Capability, Reader } from "./message.js";
import { Writer } from "./message.js";
import { parseSize } from "./quantity.js";
import { RpcClient } from "./rpc-client.js";
import type { Flow } from "./rpc-end.js";
import { sessionCost } from "./session-cost.js";

/** What a client may say about any session. */
export interface SessionOptions {
  /** The client's part of the label; routes and policies match it. */
  readonly label?: string;
  /** RAM to donate, in bytes or as "64K"; at least what the interface asks for. */
  readonly ram?: number | string;
  readonly caps?: number;
  /** Whether the session is reopened when its server dies. True unless told otherwise. */
  readonly reconnect?: boolean;
  readonly signal?: AbortSignal;
  /** How long to wait for the session. */
  readonly within?: string | number;
}

/** How a session type is opened: what `env.connect` takes. Each folder under sessions/ exports one. */
export interface SessionType<Options, Connection> {
  readonly interface: { readonly name: string };
  open(env: Env, options: Options): Promise<Connection>;
}

export class Session<Client, Handlers, Args extends object> implements AsyncDisposable {
  readonly #env: Env;
  readonly #interface: Interface<Client, Handlers, Args>;
  readonly #options: SessionOptions;
  readonly #args: Partial<Args>;
  #rpc: RpcClient;
  #id: number;
  #ended = false;
  /** Pending while the session is being reopened. */
  #reopening: Promise<void> | undefined;
  #reopeningFailed = false;
  #donated: { ram: number; caps: number };
  readonly #whenReopened: (() => void | Promise<void>)[] = [];
  readonly #whenLost: ((reason: SessionError) => void)[] = [];
  readonly #signalHandlers = new Map<string, (count: number) => void>();
  /** The typed client. It stays the same when the session is reopened. */
  readonly client: Client;

  private constructor(
    env: Env,
    served: Interface<Client, Handlers, Args>,
    args: Partial<Args>,
    options: SessionOptions,
    opened: Opened,
  ) {
    this.#env = env;
    this.#interface = served;
    this.#args = args;
    this.#options = options;
    this.#id = opened.id;
    this.#donated = opened.donated;
    this.client = served.client(new SessionPort(this));
    this.#rpc = this.#attach(opened.channel);
    env.sessions.add(this);
  }

  /** Requests the session from the parent. Denials carry `{ stage, rule, component, reason, path }` as their detail. */
  static async open<Client, Handlers, Args extends object>(
    env: Env,
    served: Interface<Client, Handlers, Args>,
    args: Partial<Args>,
    options: SessionOptions,
  ): Promise<Session<Client, Handlers, Args>> {
    return new Session(env, served, args, options, await request(env, served, args, options));
  }

  get name(): string {
    return this.#options.label === undefined
      ? this.#interface.name
      : `${this.#interface.name} "${this.#options.label}"`;
  }

  get rpc(): RpcClient {
    return this.#rpc;
  }

  /** The session's number at the parent; another one when it was reopened. */
  get id(): number {
    return this.#id;
  }

  get flow(): Flow {
    return this.#rpc.flow;
  }

  /** Calls `handler` with the number of times that the server raised the signal since the last call. */
  onSignal(signal: string, handler: (count: number) => void): void {
    this.#signalHandlers.set(signal, handler);
    this.#subscribe(signal, handler);
  }

  /** After the session was reopened: the place to bring the new server into the old state. */
  onReopened(handler: () => void | Promise<void>): void {
    this.#whenReopened.push(handler);
  }

  /** When the server died; the session is being reopened unless it was told not to. */
  onLost(handler: (reason: SessionError) => void): void {
    this.#whenLost.push(handler);
  }

  /**
   * Donates more to the server.
   * @throws SessionError `OutOfRam`, `OutOfCaps`; `Disconnected` when the session ended meanwhile
   */
  async upgrade(amount: { ram?: number; caps?: number }): Promise<void> {
    const more = { ram: amount.ram ?? 0, caps: amount.caps ?? 0 };
    try {
      await this.#env.parent.upgrade(this.#id, more.ram, more.caps);
    } catch (error) {
      // The parent may hear of the server's end before this session does.
      if (error instanceof SessionError && ["NotFound", "Unavailable"].includes(error.code))
        throw new SessionError("Disconnected", `Cannot upgrade ${this.name}: ${error.message}`);
      throw error;
    }
    this.#donated = { ram: this.#donated.ram + more.ram, caps: this.#donated.caps + more.caps };
  }

  #subscribe(signal: string, handler: (count: number) => void): void {
    const number = this.#interface.signals.indexOf(signal);
    if (number < 0) throw new TypeError(`${this.#interface.name} has no signal "${signal}"`);
    this.#rpc.onSignal(number, handler);
  }

  #attach(channel: Capability): RpcClient {
    const rpc = new RpcClient(channel, this.name);
    rpc.onClosed((reason) => this.#lost(rpc, reason));
    return rpc;
  }

  #lost(rpc: RpcClient, reason: SessionError): void {
    if (this.#ended || rpc !== this.#rpc) return;
    for (const handler of this.#whenLost) handler(reason);
    if (this.#options.reconnect === false) {
      this.#end();
      this.#env.parent.close(this.#id).catch(() => {});
      return;
    }
    this.#startReopening();
  }

  #end(): void {
    this.#ended = true;
    this.#env.sessions.delete(this);
  }

  #startReopening(): void {
    this.#reopeningFailed = false;
    const reopening = this.#reopen();
    this.#reopening = reopening;
    // Whoever calls meanwhile awaits this promise and learns of a failure; a later call tries again. When the new server
    // died as well, the next attempt is under way before this one has failed.
    reopening.catch(() => {
      if (this.#reopening === reopening) this.#reopeningFailed = true;
    });
  }

  async #reopen(): Promise<void> {
    await this.#env.parent.close(this.#id).catch(() => {});
    const { within: _within, signal: _signal, ...options } = this.#options;
    const opened = await request(this.#env, this.#interface, this.#args, { ...options, ...this.#donated });
    if (this.#ended) {
      Dataspace.closeDescriptors(opened.channel);
      await this.#env.parent.close(opened.id).catch(() => {});
      return;
    }
    this.#id = opened.id;
    this.#rpc = this.#attach(opened.channel);
    for (const [signal, handler] of this.#signalHandlers) this.#subscribe(signal, handler);
    this.#reopening = undefined;
    for (const handler of this.#whenReopened) await handler();
  }

  /** The open session's RPC client, at once or after reopening. */
  ready(): RpcClient | Promise<RpcClient> {
    if (this.#ended) throw new SessionError("Disconnected", `Cannot use ${this.name}: it was closed`);
    if (this.#reopening === undefined) return this.#rpc;
    if (this.#reopeningFailed) this.#startReopening();
    return this.#reopening.then(() => this.ready());
  }

  /** Ends the session; what was donated comes back. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#end();
    this.#rpc.close();
    await this.#env.parent.close(this.#id).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface Opened {
  readonly id: number;
  readonly channel: Capability;
  readonly donated: { ram: number; caps: number };
}

/** How often a server may ask for more before that counts as a refusal. */
const mostRetries = 8;

async function request<Client, Handlers, Args extends object>(
  env: Env,
  served: Interface<Client, Handlers, Args>,
  args: Partial<Args>,
  options: SessionOptions,
): Promise<Opened> {
  let ram = Math.max(served.ramQuota, sessionCost.ram, options.ram === undefined ? 0 : parseSize(options.ram));
  let caps = Math.max(served.capQuota, sessionCost.caps, options.caps ?? 0);
  const limits: CallOptions = {
    ...(options.signal && { signal: options.signal }),
    ...(options.within !== undefined && { within: options.within }),
  };
  for (let attempt = 0; ; ++attempt) {
    try {
      const { id, channel } = await requestSession(
        env.parent,
        served.name,
        options.label ?? "",
        JSON.stringify(args),
        { ram, caps },
        limits,
      );
      return { id, channel, donated: { ram, caps } };
    } catch (error) {
      if (!(error instanceof SessionError) || attempt >= mostRetries) throw error;
      // The server says how much it lacks only by asking again; each hop keeps a little for itself.
      if (error.code === "InsufficientRam") ram += Math.max(4096, ram >>> 2);
      else if (error.code === "InsufficientCaps") caps += 4;
      else throw error;
    }
  }
}

/** A port that follows its session through reopening. */
class SessionPort implements RpcPort {
  readonly #session: Session<never, never, never>;
  readonly #writer = new Writer();
  #opcode = 0;
  #direct: RpcPort | undefined;
  #rpc: RpcClient | undefined;

  constructor(session: unknown) {
    this.#session = session as Session<never, never, never>;
  }

  #portOf(rpc: RpcClient): RpcPort {
    if (this.#rpc !== rpc) {
      this.#rpc = rpc;
      this.#direct = rpc.port();
    }
    return this.#direct as RpcPort;
  }

  begin(opcode: number): Writer {
    const rpc = this.#session.ready();
    if (rpc instanceof RpcClient) {
      this.#opcode = -1;
      return this.#portOf(rpc).begin(opcode);
    }
    // The call asks again, and is the one to fail.
    rpc.catch(() => {});
    this.#opcode = opcode;
    return this.#writer.reset();
  }

  call<Result>(
    errors: readonly string[],
    replyBytes: number,
    decode: (reader: Reader) => Result,
    options?: CallOptions,
  ): Promise<Result> {
    if (this.#opcode < 0) return (this.#direct as RpcPort).call(errors, replyBytes, decode, options);
    return this.#later((port) => port.call(errors, replyBytes, decode, options));
  }

  send(options?: CallOptions): Promise<void> {
    if (this.#opcode < 0) return (this.#direct as RpcPort).send(options);
    return this.#later((port) => port.send(options));
  }

  /** The session is being reopened: keep the message and send it then. */
  async #later<Result>(send: (port: RpcPort) => Promise<Result>): Promise<Result> {
    const opcode = this.#opcode;
    const message = new Writer();
    message.take(this.#writer);
    const port = this.#portOf(await this.#session.ready());
    port.begin(opcode).take(message);
    return send(port);
  }
}
