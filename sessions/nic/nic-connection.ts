/** The client half of Nic. */
import type { Session, SessionType } from "../../base/session.js";
import { FrameConnection, type FrameOptions, openFrameSession } from "../../lib/frame-connection.js";
import type { MacAddress } from "../../lib/mac-address.js";
import { untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import { type NicArgs, type NicClient, type NicHandlers, Nic as NicInterface } from "./nic.generated.js";

export type NicOptions = FrameOptions;

/** An Ethernet port. */
export class NicConnection extends FrameConnection {
  readonly #session: Session<NicClient, NicHandlers, NicArgs>;
  readonly #watchers = new Watchers();

  private constructor(session: Session<NicClient, NicHandlers, NicArgs>) {
    super(session);
    this.#session = session;
    session.onSignal("linkChanged", () => this.#watchers.tell());
    // The new server's link, and address, may differ.
    session.onReopened(() => this.#watchers.tell());
  }

  static open(session: Session<NicClient, NicHandlers, NicArgs>): Promise<NicConnection> {
    return new NicConnection(session).opened();
  }

  macAddress(): Promise<MacAddress> {
    return untilAnswered(this.#session, () => this.#session.client.macAddress());
  }

  /** Whether the link is up. */
  linkState(): Promise<boolean> {
    return untilAnswered(this.#session, () => this.#session.client.linkState());
  }

  /** Calls `watcher` when the link went up or down, or the server restarted. Returns the function that ends it. */
  onLinkChange(watcher: () => void): () => void {
    return this.#watchers.add(watcher);
  }
}

/** Ethernet frames in both directions. */
export const Nic: SessionType<NicOptions, NicConnection> = {
  interface: NicInterface,
  open: async (env, options) => NicConnection.open(await openFrameSession(env, NicInterface, {}, options)),
};
