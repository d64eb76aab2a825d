/** The client half of Event: events in their order, a buffer at a time. */
import type { Env } from "../../base/env.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { MappedBuffer } from "../../lib/mapped-buffer.js";
import { untilAnswered } from "../../lib/repetition.js";
import {
  type EventArgs,
  type EventClient,
  type EventHandlers,
  Event as EventInterface,
  eventCapacity,
} from "./event.generated.js";
import { eventBytes, type InputEvent, writeEvent } from "./event-record.js";
import { HeldState } from "./held-state.js";

export type EventOptions = SessionOptions;

/**
 * A source's way to whoever takes its events.
 *
 * When the server restarts, the session is opened anew, and what is held is pressed and touched anew, without
 * characters, so that a key which is down stays down. Events that the old server had not acknowledged are submitted
 * again: it may have passed them on before it died.
 */
export class EventConnection implements AsyncDisposable {
  readonly #session: Session<EventClient, EventHandlers, EventArgs>;
  readonly #buffer = new MappedBuffer();
  readonly #records = new DataView(new ArrayBuffer(eventCapacity * eventBytes));
  #held = new HeldState();
  /** The server knows nothing yet of what is held. */
  #forgotten = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session<EventClient, EventHandlers, EventArgs>) {
    this.#session = session;
    session.onLost(() => {
      this.#buffer.forget();
      this.#forgotten = true;
    });
    // A key that is held must not wait for the next event. Where the session ended again, the next submission learns of it.
    session.onReopened(() => void this.submit([]).catch(() => {}));
  }

  /**
   * Submits events; resolves when the server has taken them. As many as the buffer holds are seen as one; more come in
   * parts, in their order.
   */
  submit(events: readonly InputEvent[]): Promise<void> {
    const result = this.#last.then(() => this.#submit(events));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Releases everything that is held. */
  release(): Promise<void> {
    const result = this.#last.then(() => this.#submit(this.#held.released()));
    this.#last = result.catch(() => {});
    return result;
  }

  async #submit(events: readonly InputEvent[]): Promise<void> {
    if (events.length === 0) return untilAnswered(this.#session, () => this.#remember());
    for (let first = 0; first < events.length; first += eventCapacity) {
      const part = events.slice(first, first + eventCapacity);
      await untilAnswered(this.#session, async () => {
        await this.#remember();
        await this.#give(part);
      });
      for (const event of part) this.#held.follow(event);
    }
  }

  /** Tells a new server what is held. */
  async #remember(): Promise<void> {
    if (!this.#forgotten) return;
    this.#forgotten = false;
    try {
      const held = this.#held.pressed();
      for (let first = 0; first < held.length; first += eventCapacity)
        await this.#give(held.slice(first, first + eventCapacity));
    } catch (error) {
      this.#forgotten = true;
      throw error;
    }
  }

  #give(events: readonly InputEvent[]): Promise<void> {
    const { client, name } = this.#session;
    return this.#buffer.with(
      name,
      () => client.dataspace(),
      eventCapacity * eventBytes,
      (buffer) => {
        for (const [place, event] of events.entries()) writeEvent(this.#records, place * eventBytes, event);
        buffer.bytes.write(new Uint8Array(this.#records.buffer, 0, events.length * eventBytes));
        return client.submitBatch(events.length);
      },
    );
  }

  /** Ends the session; the server releases what was held. */
  async close(): Promise<void> {
    this.#buffer.forget();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Input events for whoever takes them. */
export const Event: SessionType<EventOptions, EventConnection> = {
  interface: EventInterface,
  async open(env: Env, options: EventOptions): Promise<EventConnection> {
    return new EventConnection(await env.session(EventInterface, {}, options));
  },
};
