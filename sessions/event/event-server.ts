/** The server half of Event: private copies of the events, checked; where they go is an {@link EventSink}. */
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { type EventArgs, type EventHandlers, eventCapacity } from "./event.generated.js";
import { eventBytes, type InputEvent, readEvent } from "./event-record.js";
import { HeldState } from "./held-state.js";

/** Takes the events of one session. */
export interface EventSink {
  /**
   * Events that belong together. The session's client gets its answer when this returns or resolves; it has one such
   * call under way. What is thrown is the client's answer.
   */
  submit(events: readonly InputEvent[]): void | Promise<void>;
}

const share = (value: number): number => Math.min(1, Math.max(0, value));

/** The event as a source may send it; undefined when none may. */
function fromSource(event: InputEvent): InputEvent | undefined {
  switch (event.kind) {
    case "absolute-motion":
    case "touch":
      return { ...event, x: share(event.x), y: share(event.y) };
    case "axis":
      return { ...event, value: Math.min(1, Math.max(-1, event.value)) };
    // These a GUI server says to its clients.
    case "focus-enter":
    case "focus-leave":
    case "hover-leave":
      return undefined;
    default:
      return event;
  }
}

/**
 * A session of whoever makes events. The sink sees a stream that is whole: no key is pressed twice or released while it
 * is up, positions are shares of the screen, and when the session ends, however it ends, all that it held is released.
 */
export class EventSession implements EventHandlers {
  readonly #request: SessionRequest<EventArgs>;
  readonly #buffer: Dataspace;
  readonly #sink: EventSink;
  readonly #held = new HeldState();
  #rejected = 0;

  private constructor(request: SessionRequest<EventArgs>, buffer: Dataspace, sink: EventSink) {
    this.#request = request;
    this.#buffer = buffer;
    this.#sink = sink;
  }

  /** Opens a session for a sink. The buffer comes from the client's donation. */
  static async open(request: SessionRequest<EventArgs>, sink: EventSink): Promise<EventSession> {
    return new EventSession(request, await request.alloc(eventCapacity * eventBytes), sink);
  }

  get label(): string {
    return this.#request.label;
  }

  /** How many records were no events, or none that fits those before. They were left out. */
  get rejected(): number {
    return this.#rejected;
  }

  /** What the source holds. */
  get held(): Pick<HeldState, "keys" | "touches"> {
    return this.#held;
  }

  dataspace(): Capability {
    return this.#buffer.capability;
  }

  submitBatch(count: number): void | Promise<void> {
    if (count > eventCapacity)
      throw new SessionError(
        "InvalidArgument",
        `Cannot submit ${count} events at once: the buffer holds ${eventCapacity}`,
      );
    const copy = this.#buffer.bytes.copy(0, count * eventBytes);
    const records = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    const events: InputEvent[] = [];
    for (let place = 0; place < count; place += 1) {
      const read = readEvent(records, place * eventBytes);
      const event = read && fromSource(read);
      if (event !== undefined && this.#held.follow(event)) events.push(event);
      else this.#rejected += 1;
    }
    return events.length > 0 ? this.#sink.submit(events) : undefined;
  }

  close(): void {
    const events = this.#held.released();
    // Nobody is left to hear of a refusal.
    if (events.length > 0)
      void Promise.resolve(events)
        .then((last) => this.#sink.submit(last))
        .catch(() => {});
  }
}
