/** The client half of Input: events as they come, and every key that is pressed is released some day. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { MappedBuffer } from "../../lib/mapped-buffer.js";
import { Occurrence } from "../../lib/occurrence.js";
import { onGivenUp, untilAnswered } from "../../lib/repetition.js";
import { eventBytes, HeldState, type InputEvent, readEvent } from "../event/index.js";
import {
  type InputArgs,
  type InputClient,
  type InputHandlers,
  Input as InputInterface,
  inputCapacity,
} from "./input.generated.js";

export type InputOptions = SessionOptions;

export type InputPort = Session<InputClient, InputHandlers, InputArgs>;

/**
 * Input for this client. Each event goes to one taker: use either {@link flush}, {@link events} or {@link onEvents}.
 *
 * When the server restarts, the session is opened anew, and everything that was pressed or touched counts as released.
 */
export class InputConnection implements AsyncDisposable {
  readonly #port: InputPort;
  readonly #buffer = new MappedBuffer({ writable: false });
  readonly #available = new Occurrence();
  readonly #ended = new AbortController();
  /** What this client believes to be held. */
  #held = new HeldState();
  /** Releases of what the server that died had pressed. */
  #overdue: InputEvent[] = [];
  #exclusive = false;
  #lastFlush: Promise<unknown> = Promise.resolve();

  constructor(port: InputPort) {
    this.#port = port;
    port.onSignal("eventsAvailable", () => this.#available.happened());
    port.onLost(() => {
      this.#buffer.forget();
      this.#overdue.push(...this.#held.released());
      this.#held = new HeldState();
      this.#available.happened();
    });
    onGivenUp(port, (reason) => this.#ended.abort(reason));
    port.onReopened(async () => {
      if (this.#exclusive) await port.client.exclusive(true).catch(() => {});
      this.#available.happened();
    });
  }

  /** Whether {@link flush} would bring events. */
  async pending(): Promise<boolean> {
    return this.#overdue.length > 0 || (await untilAnswered(this.#port, () => this.#port.client.pending()));
  }

  /** The events that wait, oldest first; at most {@link inputCapacity} at once. */
  flush(): Promise<readonly InputEvent[]> {
    const result = this.#lastFlush.then(() => this.#flush());
    this.#lastFlush = result.catch(() => {});
    return result;
  }

  async #flush(): Promise<readonly InputEvent[]> {
    const { client, name } = this.#port;
    const fetched = await untilAnswered(this.#port, async () => {
      if (this.#overdue.length > 0) return this.#overdue.splice(0);
      return this.#buffer.with(
        name,
        () => client.events(),
        inputCapacity * eventBytes,
        async (buffer) => {
          const count = Math.min(await client.flush(), inputCapacity);
          // private copy: the server fills the buffer again during the next flush only, but nobody has to rely on that
          const copy = buffer.bytes.copy(0, count * eventBytes);
          const records = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
          return Array.from({ length: count }, (_, place) => readEvent(records, place * eventBytes) ?? []).flat();
        },
      );
    });
    for (const event of fetched) this.#held.follow(event);
    return fetched;
  }

  /** Batches of events, each of at least one, until the connection is closed or `signal` fires. */
  async *batches({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<readonly InputEvent[], void> {
    const over = (): boolean => this.#ended.signal.aborted || signal?.aborted === true;
    while (!over()) {
      const seen = this.#available.count;
      let events: readonly InputEvent[];
      try {
        events = await this.flush();
      } catch (error) {
        if (over()) return;
        throw error;
      }
      if (events.length > 0) yield events;
      else await this.#available.after(seen, signal, this.#ended.signal);
    }
  }

  /** Events one by one, until the connection is closed or `signal` fires. */
  async *events(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<InputEvent, void> {
    for await (const batch of this.batches(options)) yield* batch;
  }

  [Symbol.asyncIterator](): AsyncGenerator<InputEvent, void> {
    return this.events();
  }

  /** Calls `watcher` with events as they come. Returns the function that ends it. */
  onEvents(watcher: (events: readonly InputEvent[]) => void): () => void {
    const end = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const batch of this.batches({ signal: end.signal })) watcher(batch);
    };
    follow().catch((error: unknown) => {
      if (!(error instanceof SessionError)) throw error;
    });
    return () => end.abort();
  }

  /** Asks for relative motion without a pointer, for as long as this client has the focus. Outlives a restart of the server. */
  async exclusive(enabled: boolean): Promise<void> {
    this.#exclusive = enabled;
    await untilAnswered(this.#port, () => this.#port.client.exclusive(enabled));
  }

  async close(): Promise<void> {
    this.#ended.abort(new SessionError("Disconnected", `Cannot use ${this.#port.name}: it was closed`));
    this.#buffer.forget();
    await this.#port.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Input events, fetched by whoever they are for. */
export const Input: SessionType<InputOptions, InputConnection> = {
  interface: InputInterface,
  async open(env: Env, options: InputOptions): Promise<InputConnection> {
    return new InputConnection(await env.session(InputInterface, {}, options));
  },
};
