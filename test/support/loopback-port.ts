/** A session within one process: messages go through the wire format, but through no channel. */
import {
  type FrameworkErrorCode,
  firstInterfaceError,
  frameworkErrorName,
  frameworkErrors,
  SessionError,
} from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import { type Capability, Reader, Writer } from "../../base/message.js";

/** One message as it would travel. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly capabilities: readonly Capability[];
}

export function messageOf(writer: Writer): Message {
  return { bytes: writer.bytes.slice(0, writer.length), capabilities: writer.capabilities };
}

export function readerOf({ bytes, capabilities }: Message): Reader {
  const reader = new Reader();
  reader.bytes.set(bytes);
  return reader.begin(bytes.length, capabilities);
}

/** The number that stands for an error on the wire, as base/rpc-server.ts chooses it. */
function errorNumber(error: SessionError, errors: readonly string[]): number {
  const own = errors.indexOf(error.code);
  return (
    frameworkErrors[error.code as FrameworkErrorCode] ??
    (own >= 0 ? firstInterfaceError + own : frameworkErrors.Internal)
  );
}

/** The client's end of a session that `handlers` serve as `served`. Keeps the messages that went through. */
export class LoopbackPort<Client, Handlers, Args extends object> implements RpcPort {
  readonly requests: Message[] = [];
  readonly replies: Message[] = [];
  readonly #served: Interface<Client, Handlers, Args>;
  readonly #handlers: Handlers;
  readonly #call: Call;
  #opcode = 0;
  #writer = new Writer();

  constructor(served: Interface<Client, Handlers, Args>, handlers: Handlers, label = "test") {
    this.#served = served;
    this.#handlers = handlers;
    this.#call = { label, signal: new AbortController().signal };
  }

  begin(opcode: number): Writer {
    this.#opcode = opcode;
    this.#writer = new Writer();
    return this.#writer;
  }

  async #deliver(kind: "call" | "oneway"): Promise<{ operation: Operation<Handlers>; result: unknown }> {
    const request = messageOf(this.#writer);
    this.requests.push(request);
    const operation = this.#served.operations.get(this.#opcode);
    if (operation === undefined || operation.kind !== kind)
      throw new SessionError("UnknownOperation", `${this.#served.name} has no ${kind} ${this.#opcode}`);
    if (request.bytes.length > operation.requestBytes)
      throw new Error(`${operation.name} declares ${operation.requestBytes} bytes, but sent ${request.bytes.length}`);
    return { operation, result: await operation.invoke(this.#handlers, readerOf(request), this.#call) };
  }

  async call<Result>(
    interfaceErrors: readonly string[],
    replyBytes: number,
    decode: (reader: Reader) => Result,
    _options?: CallOptions,
  ): Promise<Result> {
    const opcode = this.#opcode;
    let reply: Message;
    try {
      const { operation, result } = await this.#deliver("call");
      const writer = new Writer();
      operation.encodeReply?.(writer, result as never);
      reply = messageOf(writer);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      const number = errorNumber(error, this.#served.operations.get(opcode)?.errors ?? this.#served.errors);
      throw new SessionError(
        (number >= firstInterfaceError ? interfaceErrors[number - firstInterfaceError] : frameworkErrorName(number)) ??
          `Error${number}`,
        error.message,
      );
    }
    if (reply.bytes.length > replyBytes)
      throw new Error(`The caller reserved ${replyBytes} bytes, the reply has ${reply.bytes.length}`);
    this.replies.push(reply);
    return decode(readerOf(reply));
  }

  async send(_options?: CallOptions): Promise<void> {
    await this.#deliver("oneway");
  }
}
