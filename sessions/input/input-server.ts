/** The server half of Input: the queue, and the buffer into which it is emptied. */
import type { Dataspace } from "../../base/dataspace.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { eventBytes, type InputEvent, writeEvent } from "../event/index.js";
import { Input, type InputHandlers, inputCapacity } from "./input.generated.js";
import { InputQueue } from "./input-queue.js";

const eventsAvailable = Input.signals.indexOf("eventsAvailable");

export class InputSession implements InputHandlers {
  readonly #request: SessionRequest<object>;
  readonly #buffer: Dataspace;
  readonly #records: DataView;
  readonly #queue = new InputQueue();
  readonly #onExclusive: (enabled: boolean) => void;
  /** The client has not fetched since it was told. */
  #told = false;

  private constructor(request: SessionRequest<object>, buffer: Dataspace, onExclusive: (enabled: boolean) => void) {
    this.#request = request;
    this.#buffer = buffer;
    this.#records = new DataView(buffer.buffer);
    this.#onExclusive = onExclusive;
  }

  /** The part of a session, Input or one that composes it, on memory of the client's donation. */
  static async open(
    request: SessionRequest<object>,
    { onExclusive = () => {} }: { readonly onExclusive?: (enabled: boolean) => void } = {},
  ): Promise<InputSession> {
    const buffer = await request.alloc(inputCapacity * eventBytes);
    buffer.sealWrites();
    return new InputSession(request, buffer, onExclusive);
  }

  get label(): string {
    return this.#request.label;
  }

  /** Events for the client. */
  submit(...events: readonly InputEvent[]): void {
    for (const event of events) this.#queue.push(event);
    if (this.#told || this.#queue.length === 0) return;
    this.#told = true;
    this.#request.session.raise(eventsAvailable);
  }

  /** Lets go of everything that the client holds to be pressed or touched. */
  release(): void {
    this.submit(...this.#queue.held.released());
  }

  events(): Capability {
    return this.#buffer.capability;
  }

  pending(): boolean {
    return this.#queue.length > 0;
  }

  flush(): number {
    const events = this.#queue.take(inputCapacity);
    for (const [place, event] of events.entries()) writeEvent(this.#records, place * eventBytes, event);
    // What comes from now on is told again; a client that was given less than fits has nothing more to fetch.
    this.#told = this.#queue.length > 0;
    return events.length;
  }

  exclusive(enabled: boolean): void {
    this.#onExclusive(enabled);
  }
}
