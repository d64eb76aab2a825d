/**
 * The caller's half of RPC: pending calls, reservations of the reply ring, deadlines and cancellation.
 */
import { closeMoved, slotsFor } from "./channel.js";
import type { Incoming } from "./channel-user.js";
import { firstInterfaceError, frameworkErrorName, SessionError } from "./errors.js";
import type { CallOptions, RpcPort } from "./interface.js";
import { clientSide, channel as layout, messageKind, type Side } from "./layout.js";
import { type Capability, type Reader, Writer } from "./message.js";
import { parseDuration } from "./quantity.js";
import { RpcEnd } from "./rpc-end.js";

/** An error must fit whatever the reply: so many slots are reserved at least. */
export const smallestReservation = 4;

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly decode: (reader: Reader) => unknown;
  readonly errors: readonly string[];
  readonly slots: number;
  /** Undoes the timer and the listener; undefined when the call has neither. */
  release: (() => void) | undefined;
  /** The caller gave up; the answer only ends the reservation. */
  abandoned: boolean;
}

/** A message that waits for room: its own copy of the payload. */
interface Queued {
  readonly kind: number;
  readonly id: number;
  readonly code: number;
  readonly object: number;
  readonly writer: Writer;
  readonly reserved: number;
  /** Tells the sender of a oneway message what became of it; undefined means that it was sent. */
  readonly settled: Settled | undefined;
}
type Settled = (error: SessionError | undefined) => void;

// One writer for all calls of a process: a message is written and sent, or copied, before the next begins.
const scratch = new Writer();

function copyOf(writer: Writer): Writer {
  const copy = new Writer();
  copy.take(writer);
  return copy;
}

/** The client's end of one session. */
export class RpcClient extends RpcEnd {
  readonly #pending = new Map<number, Pending>();
  readonly #queue: Queued[] = [];
  readonly #name: string;
  #nextId = 1;
  #reserved = 0;

  /** `name` appears in error messages: the service and label. Takes over the capability's descriptors. */
  constructor(capability: Capability, name: string, side: Side = clientSide) {
    super(capability, side);
    this.#name = name;
  }

  /** A port to one object behind the session; 0 is the session itself. */
  port(object = 0): RpcPort {
    return new Port(this, object);
  }

  call<Result>(
    object: number,
    code: number,
    errors: readonly string[],
    replyBytes: number,
    decode: (reader: Reader) => Result,
    options?: CallOptions,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const hindrance = this.#hindrance(options);
      if (hindrance !== undefined) return reject(hindrance);
      const id = this.#nextId;
      this.#nextId = (id + 1) | 0;
      const slots = Math.max(smallestReservation, slotsFor(replyBytes));
      const pending: Pending = {
        resolve: resolve as (value: never) => void,
        reject,
        decode,
        errors,
        slots,
        release: undefined,
        abandoned: false,
      };
      this.#pending.set(id, pending);
      if (options !== undefined && (options.within !== undefined || options.signal !== undefined))
        this.#limit(id, pending, options);
      this.#send(messageKind.call, id, code, object, slots, undefined);
    });
  }

  send(object: number, code: number, options?: CallOptions): Promise<void> {
    const hindrance = this.#hindrance(options);
    if (hindrance !== undefined) return Promise.reject(hindrance);
    return new Promise((resolve, reject) =>
      this.#send(messageKind.oneway, 0, code, object, 0, (error) => (error === undefined ? resolve() : reject(error))),
    );
  }

  /** Why the message in `scratch` is not even tried, if so; what it was to move is closed. */
  #hindrance(options: CallOptions | undefined): SessionError | undefined {
    const aborted = options?.signal?.aborted === true;
    if (this.closedReason === undefined && !aborted) return undefined;
    closeMoved(scratch);
    return this.closedReason === undefined
      ? new SessionError("Aborted", `Message to ${this.#name} aborted`)
      : this.#disconnected();
  }

  #disconnected(): SessionError {
    return new SessionError(
      "Disconnected",
      `Cannot call ${this.#name}: ${(this.closedReason as SessionError).message}`,
    );
  }

  #limit(id: number, pending: Pending, options: CallOptions): void {
    const abandon = (code: string, why: string): void => {
      if (!this.#pending.has(id) || pending.abandoned) return;
      pending.abandoned = true;
      pending.release?.();
      const queued = this.#queue.findIndex((message) => message.id === id && message.kind === messageKind.call);
      if (queued >= 0) {
        for (const { writer } of this.#queue.splice(queued, 1)) closeMoved(writer);
        this.#pending.delete(id);
        // Those behind it may fit where it did not; after the last, nobody waits for room.
        if (this.#queue.length === 0) this.channel.wantSpace(false);
        else this.room();
      } else if (this.channel.roomFor(1)) {
        // Best effort: an answer that comes all the same is dropped by its id.
        this.channel.publish(messageKind.cancel, id, 0, 0, scratch.reset());
      }
      pending.reject(new SessionError(code, `Call to ${this.#name} ${why}`));
    };
    const { signal } = options;
    const timer =
      options.within === undefined
        ? undefined
        : setTimeout(
            () => abandon("DeadlineExceeded", `got no answer within ${options.within}`),
            parseDuration(options.within),
          );
    const onAbort = (): void => abandon("Aborted", "aborted");
    signal?.addEventListener("abort", onAbort, { once: true });
    pending.release = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  }

  #send(kind: number, id: number, code: number, object: number, reserved: number, settled: Settled | undefined): void {
    const slots = slotsFor(scratch.length);
    if (this.#queue.length === 0 && this.#reserved + reserved <= layout.slots && this.channel.roomFor(slots)) {
      return this.#publish(kind, id, code, object, scratch, reserved, settled);
    }
    if (this.closedReason !== undefined) {
      closeMoved(scratch);
      return settled?.(this.#disconnected());
    }
    this.#queue.push({ kind, id, code, object, writer: copyOf(scratch), reserved, settled });
    this.channel.wantSpace(true);
    this.room();
  }

  #publish(
    kind: number,
    id: number,
    code: number,
    object: number,
    writer: Writer,
    reserved: number,
    settled: Settled | undefined,
  ): void {
    this.#reserved += reserved;
    const refused = this.channel.publish(kind, id, code, object, writer);
    if (refused !== undefined) {
      this.#reserved -= reserved;
      const pending = this.#pending.get(id);
      if (kind === messageKind.call && pending !== undefined) {
        this.#pending.delete(id);
        pending.release?.();
        pending.reject(refused);
      }
    }
    settled?.(refused ?? (this.closedReason === undefined ? undefined : this.#disconnected()));
  }

  /** Sends what waited, as far as there is room. */
  room(): void {
    if (this.#queue.length === 0) return;
    while (this.#queue.length > 0 && this.channel.open) {
      const next = this.#queue[0] as Queued;
      if (this.#reserved + next.reserved > layout.slots || !this.channel.roomFor(slotsFor(next.writer.length))) return;
      this.#queue.shift();
      this.#publish(next.kind, next.id, next.code, next.object, next.writer, next.reserved, next.settled);
    }
    this.channel.wantSpace(false);
  }

  message(incoming: Incoming, reader: Reader): void {
    const pending = this.#pending.get(incoming.id);
    if (pending === undefined || (incoming.kind !== messageKind.reply && incoming.kind !== messageKind.error)) {
      return this.channel.fail("it answered what was not asked");
    }
    this.#pending.delete(incoming.id);
    this.#reserved -= pending.slots;
    if (pending.abandoned) return;
    pending.release?.();
    try {
      if (incoming.kind === messageKind.error) pending.reject(decodeError(incoming.code, pending.errors, reader));
      else pending.resolve(pending.decode(reader) as never);
    } catch (error) {
      pending.reject(error as Error);
      this.channel.fail("a reply does not have the shape of the interface");
    }
  }

  protected endCalls(): void {
    for (const { settled, writer } of this.#queue.splice(0)) {
      closeMoved(writer);
      settled?.(this.#disconnected());
    }
    for (const pending of this.#pending.values()) {
      pending.release?.();
      if (!pending.abandoned) pending.reject(this.#disconnected());
    }
    this.#pending.clear();
  }
}

class Port implements RpcPort {
  readonly #client: RpcClient;
  readonly #object: number;
  #opcode = 0;

  constructor(client: RpcClient, object: number) {
    this.#client = client;
    this.#object = object;
  }

  begin(opcode: number): Writer {
    this.#opcode = opcode;
    return scratch.reset();
  }

  call<Result>(
    errors: readonly string[],
    replyBytes: number,
    decode: (reader: Reader) => Result,
    options?: CallOptions,
  ): Promise<Result> {
    return this.#client.call(this.#object, this.#opcode, errors, replyBytes, decode, options);
  }

  send(options?: CallOptions): Promise<void> {
    return this.#client.send(this.#object, this.#opcode, options);
  }
}

function decodeError(code: number, errors: readonly string[], reader: Reader): SessionError {
  const name = code >= firstInterfaceError ? errors[code - firstInterfaceError] : frameworkErrorName(code);
  const message = reader.str(1024);
  const text = reader.str(1024);
  reader.end();
  let detail: Record<string, unknown> | undefined;
  if (text !== "") detail = JSON.parse(text) as Record<string, unknown>;
  return new SessionError(name ?? `Error${code}`, message, detail);
}
