/**
 * What the interface compiler's output and the RPC runtime say to each other.
 *
 * From `sessions/timer/timer.idl` the compiler makes one `Interface` value and two types: the client's view
 * (methods that return promises) and the server's (handlers, which may answer now or later). Nothing here
 * reflects on objects: every operation is a generated function, chosen by the declared interface and opcode.
 */
import type { Reader, Writer } from "./message.js";
import type { Schema } from "./schema.js";

/** Every wait takes these. */
export interface CallOptions {
  /** Gives up when it fires: the call rejects with code `Aborted`. */
  readonly signal?: AbortSignal;
  /** A duration such as "250ms", "2s", or milliseconds; then the call rejects with `DeadlineExceeded`. */
  readonly within?: string | number;
}

/** What a handler learns about the call that it serves. */
export interface Call {
  /** The label of the client's session, as the parent vouches for it. */
  readonly label: string;
  /** Fires when the client cancels the call or goes away. */
  readonly signal: AbortSignal;
}

/** The client's end of a session, as generated proxies use it. base/rpc-client.ts implements it, and base/session.ts one that outlives its server. */
export interface RpcPort {
  /** Starts a message to operation `opcode`; the generated code then writes the payload. One at a time. */
  begin(opcode: number): Writer;
  /**
   * Sends the message just written, as a call. `replyBytes` is the largest payload of its reply: the port reserves
   * that much of the reply ring, so that the reply never has to wait.
   */
  call<Result>(
    interfaceErrors: readonly string[],
    replyBytes: number,
    decode: (reader: Reader) => Result,
    options?: CallOptions,
  ): Promise<Result>;
  /** Sends the message just written, without an answer. Resolves once it is in the ring. */
  send(options?: CallOptions): Promise<void>;
}

/** One operation as the server's dispatcher needs it. `Handlers` is the generated server type. */
export interface Operation<Handlers> {
  readonly opcode: number;
  readonly name: string;
  readonly kind: "call" | "oneway";
  /** Largest payloads, in bytes. */
  readonly requestBytes: number;
  readonly replyBytes: number;
  /** The list that numbers this operation's errors; absent: the interface's. In a compound, each part keeps its own. */
  readonly errors?: readonly string[];
  /** Decodes the arguments (checking them, ending with `reader.end()`), and calls the handler. */
  invoke(handlers: Handlers, reader: Reader, call: Call): unknown;
  /** Writes what the handler returned. Absent for a oneway. */
  encodeReply?(writer: Writer, result: never): void;
}

/** One session interface. `Client` and `Handlers` exist for the type checker only. */
export interface Interface<Client, Handlers, Args extends object = Record<string, never>> {
  /** The service name, such as "Timer". */
  readonly name: string;
  readonly version: number;
  /** What a client must donate at least: bytes, and capabilities. */
  readonly ramQuota: number;
  readonly capQuota: number;
  /** Session arguments: parser, defaults, documentation. */
  readonly args: Schema<Args>;
  /** Error names; the wire number is 64 plus the index. */
  readonly errors: readonly string[];
  /** Signal names; the index is the signal's number, at most 16 of them a direction (server to client). */
  readonly signals: readonly string[];
  /** By opcode; opcodes may have gaps. */
  readonly operations: ReadonlyMap<number, Operation<Handlers>>;
  /** Makes the typed client of a port. */
  client(port: RpcPort): Client;
}

/** The client type of an interface: `ClientOf<typeof Timer>`. */
export type ClientOf<I> =
  I extends Interface<infer Client, never, never>
    ? Client
    : I extends Interface<infer Client, infer _H, infer _A>
      ? Client
      : never;
export type HandlersOf<I> = I extends Interface<infer _C, infer Handlers, infer _A> ? Handlers : never;
export type ArgsOf<I> = I extends Interface<infer _C, infer _H, infer Args> ? Args : never;
