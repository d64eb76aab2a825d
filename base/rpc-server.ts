/**
 * The server's half of RPC: dispatch by declared interface and opcode, answers in any order.
 */
import { closeMoved, slotsFor } from "./channel.js";
import type { Incoming } from "./channel-user.js";
import {
  errorMessage,
  type FrameworkErrorCode,
  firstInterfaceError,
  frameworkErrors,
  peerError,
  SessionError,
} from "./errors.js";
import type { Call, Interface, Operation } from "./interface.js";
import { channel as layout, messageHeaderBytes, messageKind, serverSide } from "./layout.js";
import { type Capability, maxPayloadBytes, type Reader, Writer } from "./message.js";
import { smallestReservation } from "./rpc-client.js";
import { RpcEnd } from "./rpc-end.js";
import { prefixWithin } from "./text.js";

/** An interface whose types do not matter here. */
export type AnyInterface = Pick<Interface<unknown, never, object>, "name" | "errors"> & {
  readonly operations: ReadonlyMap<number, Operation<never>>;
};

interface ServedObject {
  readonly interface: AnyInterface;
  readonly handlers: never;
}

// One writer for all answers of a process: written and published before the next begins.
const scratch = new Writer();

/** What a handler sees of one call. The controller exists only if the handler asks for the signal. */
class ServedCall implements Call {
  readonly label: string;
  #controller: AbortController | undefined;
  #ended = false;

  constructor(label: string) {
    this.label = label;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ended) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#ended = true;
    this.#controller?.abort();
  }
}

/** The server's end of one session. */
export class RpcServer extends RpcEnd {
  readonly label: string;
  readonly #objects = new Map<number, ServedObject>();
  readonly #running = new Map<number, ServedCall>();
  #nextObject = 1;

  /** `label` is what the parent vouches for. Takes over the capability's descriptors. */
  constructor(capability: Capability, label: string) {
    super(capability, serverSide);
    this.label = label;
  }

  /** Serves `handlers` as the session's own object. The declared interface decides what can be called. */
  serve<Client, Handlers, Args extends object>(served: Interface<Client, Handlers, Args>, handlers: Handlers): this {
    this.#objects.set(0, { interface: served as unknown as AnyInterface, handlers: handlers as never });
    return this;
  }

  /** Serves one more object behind the session; returns its id, which the interface hands to the client. */
  serveObject<Client, Handlers, Args extends object>(
    served: Interface<Client, Handlers, Args>,
    handlers: Handlers,
  ): number {
    const id = this.#nextObject++;
    this.#objects.set(id, { interface: served as unknown as AnyInterface, handlers: handlers as never });
    return id;
  }

  dropObject(id: number): void {
    this.#objects.delete(id);
  }

  message(incoming: Incoming, reader: Reader): void {
    const { kind, id, code } = incoming;
    if (kind === messageKind.cancel) return this.#running.get(id)?.abort();
    if (kind !== messageKind.call && kind !== messageKind.oneway)
      return this.channel.fail("it sent an answer to a server");
    const object = this.#objects.get(incoming.object);
    const operation = object?.interface.operations.get(code);
    if (
      object === undefined ||
      operation === undefined ||
      (operation.kind === "oneway") !== (kind === messageKind.oneway)
    ) {
      if (kind === messageKind.oneway) return;
      return this.#fail(
        id,
        undefined,
        peerError(
          "UnknownOperation",
          `${object?.interface.name ?? `Object ${incoming.object}`} has no operation ${code}`,
        ),
        [],
      );
    }
    const call = new ServedCall(this.label);
    let result: unknown;
    try {
      result = operation.invoke(object.handlers, reader, call);
    } catch (error) {
      if (kind === messageKind.call) this.#fail(id, operation, error, operation.errors ?? object.interface.errors);
      return;
    }
    if (result instanceof Promise) this.#later(id, operation, object, call, result, kind);
    else if (kind === messageKind.call)
      this.#answer(id, operation, operation.errors ?? object.interface.errors, result);
  }

  #later(
    id: number,
    operation: Operation<never>,
    object: ServedObject,
    call: ServedCall,
    result: Promise<unknown>,
    kind: number,
  ): void {
    const errors = operation.errors ?? object.interface.errors;
    if (kind === messageKind.oneway) {
      result.catch(() => {});
      return;
    }
    if (this.#running.has(id)) return this.channel.fail(`it used call id ${id} twice`);
    // Each call holds a reservation of at least smallestReservation slots, so an honest client has no more under way.
    if (this.#running.size >= layout.slots / smallestReservation)
      return this.channel.fail("it has more calls under way than the reply ring has room for");
    this.#running.set(id, call);
    result.then(
      (value) => {
        this.#running.delete(id);
        // Also when the client has gone meanwhile: what the answer was to move is closed then.
        this.#answer(id, operation, errors, value);
      },
      (error: unknown) => {
        if (this.#running.delete(id)) this.#fail(id, operation, error, errors);
      },
    );
  }

  #answer(id: number, operation: Operation<never>, errors: readonly string[], result: unknown): void {
    scratch.reset();
    try {
      operation.encodeReply?.(scratch, result as never);
    } catch (error) {
      closeMoved(scratch);
      return this.#fail(id, operation, error, errors);
    }
    const refused = this.#reply(messageKind.reply, id, 0);
    if (refused !== undefined) this.#fail(id, operation, refused, errors);
  }

  #fail(id: number, operation: Operation<never> | undefined, error: unknown, errors: readonly string[]): void {
    const { code, message, detail } = describe(error, errors);
    const room = Math.min(
      maxPayloadBytes,
      Math.max(smallestReservation, slotsFor(operation?.replyBytes ?? 0)) * layout.slotBytes - messageHeaderBytes,
    );
    scratch.reset();
    const text = detail === undefined ? "" : JSON.stringify(detail);
    const forMessage = Math.max(0, room - 4 - (text.length * 3 <= room / 2 ? text.length * 3 : 0));
    scratch.str(prefixWithin(message, forMessage), forMessage);
    const left = room - scratch.length - 2;
    scratch.str(Buffer.byteLength(text) <= left ? text : "", left);
    this.#reply(messageKind.error, id, code);
  }

  /** What the kernel refused, if it did: then nothing was sent. */
  #reply(kind: number, id: number, code: number): SessionError | undefined {
    if (this.channel.open && !this.channel.roomFor(slotsFor(scratch.length)))
      this.channel.fail("it left no room for the answers that it asked for");
    return this.channel.publish(kind, id, code, 0, scratch);
  }

  // An answer has its room reserved.
  room(): void {}

  protected endCalls(): void {
    for (const call of this.#running.values()) call.abort();
    this.#running.clear();
  }
}

function describe(
  error: unknown,
  errors: readonly string[],
): { code: number; message: string; detail: Readonly<Record<string, unknown>> | undefined } {
  if (error instanceof SessionError) {
    const framework = frameworkErrors[error.code as FrameworkErrorCode];
    const own = errors.indexOf(error.code);
    const code = framework ?? (own >= 0 ? firstInterfaceError + own : frameworkErrors.Internal);
    return { code, message: error.message, detail: error.detail };
  }
  const system = error as { syscall?: unknown; code?: unknown };
  if (typeof system?.syscall === "string")
    return {
      code: frameworkErrors.Device,
      message: errorMessage(error),
      detail: { code: system.code, syscall: system.syscall },
    };
  return { code: frameworkErrors.Internal, message: errorMessage(error), detail: undefined };
}
