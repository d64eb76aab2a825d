/** The client half of PinState: a level when asked for, and edges as they come. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { CallOptions } from "../../base/interface.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { Occurrence } from "../../lib/occurrence.js";
import { onGivenUp, untilAnswered } from "../../lib/repetition.js";
import {
  type PinStateArgs,
  type PinStateClient,
  PinStateEdges,
  type PinStateHandlers,
  PinState as PinStateInterface,
} from "./pin-state.generated.js";

export type PinStateOptions = SessionOptions;

export type EdgeKind = Exclude<keyof typeof PinStateEdges, "none">;

export interface PinEdge {
  /** The pin became active. */
  readonly rising: boolean;
  /** Nanoseconds of the clock that `process.hrtime.bigint()` reads, taken when the edge came. */
  readonly time: bigint;
  /** Edges right before this one that were dropped, because they came faster than they were taken. */
  readonly lost: number;
  /** Right before it the pin was not watched for a time, because its driver was starting anew. */
  readonly afterRestart: boolean;
}

type PinStateSession = Session<PinStateClient, PinStateHandlers, PinStateArgs>;

/** Edges of one pin, in the order in which they came. */
export class Edges implements AsyncIterable<PinEdge>, AsyncDisposable {
  readonly #session: PinStateSession;
  readonly #kind: EdgeKind;
  readonly #arrived = new Occurrence();
  readonly #ended = new AbortController();
  readonly #whenEnded: () => void;
  #restarted = false;
  /** Kept from one iteration to the next: whoever ends one has not seen them. */
  readonly #taken: PinEdge[] = [];

  /** Made by {@link PinStateConnection.watch}. */
  constructor(session: PinStateSession, kind: EdgeKind, whenEnded: () => void) {
    this.#session = session;
    this.#kind = kind;
    this.#whenEnded = whenEnded;
  }

  /** For the connection: (again) tells the server which edges are wanted. */
  async begin(again: boolean): Promise<void> {
    if (again) this.#restarted = true;
    await this.#session.client.watch(PinStateEdges[this.#kind]);
    this.#arrived.happened();
  }

  /** For the connection: edges wait. */
  arrived(): void {
    this.#arrived.happened();
  }

  /** For the connection: none will come any more. */
  end(reason: Error): void {
    this.#ended.abort(reason);
  }

  /**
   * Edges that came since {@link PinStateConnection.watch}, and those to come, until this is closed or `signal` fires.
   * @throws SessionError what ended the session, when its driver does not come back
   */
  async *edges({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<PinEdge, void, undefined> {
    const ended = this.#ended.signal;
    while (!ended.aborted && signal?.aborted !== true) {
      const edge = this.#taken.shift();
      if (edge !== undefined) {
        yield edge;
        continue;
      }
      const seen = this.#arrived.count;
      const taken = await untilAnswered(this.#session, () => this.#session.client.takeEdges());
      for (const one of taken) {
        this.#taken.push({ ...one, afterRestart: this.#restarted });
        this.#restarted = false;
      }
      if (taken.length === 0) await this.#arrived.after(seen, signal, ended);
    }
    if (ended.reason instanceof SessionError) throw ended.reason;
  }

  [Symbol.asyncIterator](): AsyncGenerator<PinEdge, void, undefined> {
    return this.edges();
  }

  /** No edge is kept any more. */
  async close(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#whenEnded();
    await this.#session.client.watch(PinStateEdges.none).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One pin, seen. When its driver starts anew, the session is opened anew and watches the same edges. */
export class PinStateConnection implements AsyncDisposable {
  readonly #session: PinStateSession;
  #edges: Edges | undefined;

  constructor(session: PinStateSession) {
    this.#session = session;
    session.onSignal("edgesWaiting", () => this.#edges?.arrived());
    session.onReopened(async () => {
      // A server that died again is found out by the session itself.
      await this.#edges?.begin(true).catch((error: Error) => {
        if ((error as SessionError).code !== "Disconnected") this.#edges?.end(error);
      });
    });
    onGivenUp(session, (reason) => this.#edges?.end(reason));
  }

  /** Whether the pin is active. */
  state(options?: CallOptions): Promise<boolean> {
    return untilAnswered(this.#session, () => this.#session.client.state(options));
  }

  /**
   * Keeps edges from now on: none that comes after this resolved is missed, or its loss is told. One watch at a time.
   * @throws SessionError `Unsupported` for a pin that tells no edges, `Unavailable` while there is another watch
   */
  async watch(kind: EdgeKind = "both"): Promise<Edges> {
    if (this.#edges !== undefined)
      throw new SessionError("Unavailable", `Cannot watch ${this.#session.name}: close the other watch first`);
    const edges = new Edges(this.#session, kind, () => {
      this.#edges = undefined;
    });
    this.#edges = edges;
    try {
      await untilAnswered(this.#session, () => edges.begin(false));
    } catch (error) {
      this.#edges = undefined;
      throw error;
    }
    return edges;
  }

  async close(): Promise<void> {
    await this.#edges?.close();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One pin, seen. */
export const PinState: SessionType<PinStateOptions, PinStateConnection> = {
  interface: PinStateInterface,
  async open(env: Env, options: PinStateOptions): Promise<PinStateConnection> {
    return new PinStateConnection(await env.session(PinStateInterface, {}, options));
  },
};
