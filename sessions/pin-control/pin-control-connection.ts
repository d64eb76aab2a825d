/** The client half of PinControl: drives a pin, again so when its driver starts anew. */
import type { Env } from "../../base/env.js";
import { errorMessage, type SessionError } from "../../base/errors.js";
import type { CallOptions } from "../../base/interface.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { untilAnswered } from "../../lib/repetition.js";
import {
  type PinControlArgs,
  type PinControlClient,
  type PinControlHandlers,
  PinControl as PinControlInterface,
} from "./pin-control.generated.js";

export type PinControlOptions = SessionOptions;

export class PinControlConnection implements AsyncDisposable {
  readonly #session: Session<PinControlClient, PinControlHandlers, PinControlArgs>;
  /** As it was last driven; undefined: not. */
  #active: boolean | undefined;

  constructor(session: Session<PinControlClient, PinControlHandlers, PinControlArgs>) {
    this.#session = session;
    session.onReopened(async () => {
      if (this.#active === undefined) return;
      await session.client.state(this.#active).catch((error: unknown) => {
        // A server that died again is found out by the session itself; nobody else hears of a pin that fails now.
        if ((error as SessionError).code !== "Disconnected")
          console.error(`${session.name} is driven no more since its server restarted: ${errorMessage(error)}`);
      });
    });
  }

  /** Drives the pin to be active, or not; resolves when it is. */
  async state(active: boolean, options?: CallOptions): Promise<void> {
    this.#active = active;
    await untilAnswered(this.#session, () => this.#session.client.state(active, options));
  }

  /** Drives it no more. */
  async yield(options?: CallOptions): Promise<void> {
    this.#active = undefined;
    await untilAnswered(this.#session, () => this.#session.client.yield(options));
  }

  /** The pin is driven no more. */
  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One pin, driven. */
export const PinControl: SessionType<PinControlOptions, PinControlConnection> = {
  interface: PinControlInterface,
  async open(env: Env, options: PinControlOptions): Promise<PinControlConnection> {
    return new PinControlConnection(await env.session(PinControlInterface, {}, options));
  },
};
