/** The two ends of the line, and who is at them. */
import { SessionError } from "../../base/errors.js";
import type { SessionRequest } from "../../base/server.js";
import { ByteRing } from "../../lib/byte-ring.js";
import { type FarEnd, type TerminalArgs, TerminalSession } from "../../sessions/terminal/index.js";
import type { CrosslinkConfig } from "./config.js";

/** One end: what waits for whoever is there. */
class End {
  input: ByteRing;
  /** Taken by a session that is open, or being opened. */
  taken = false;
  session: TerminalSession | undefined;

  constructor(buffer: number) {
    this.input = new ByteRing(buffer);
  }
}

/** The line as the session at one end sees it. */
class Line implements FarEnd {
  readonly size = { columns: 0, lines: 0 };
  readonly #own: End;
  readonly #other: End;
  readonly #left: () => void;

  /** `left` is called when nobody is at either end any more. */
  constructor(own: End, other: End, left: () => void) {
    this.#own = own;
    this.#other = other;
    this.#left = left;
  }

  get connected(): boolean {
    return this.#other.session !== undefined;
  }

  get available(): number {
    return this.#own.input.length;
  }

  read(target: Uint8Array): number {
    const count = this.#own.input.read(target);
    if (count > 0) this.#other.session?.roomCame();
    return count;
  }

  write(bytes: Uint8Array): number {
    const count = this.#other.input.write(bytes);
    if (count > 0) this.#other.session?.dataArrived();
    return count;
  }

  close(): void {
    this.#own.session = undefined;
    this.#own.taken = false;
    this.#other.session?.connectedChanged();
    // What waits is for whoever takes this end next, as after a restart; with nobody left it is nobody's.
    if (!this.#other.taken) this.#left();
  }
}

export class Crosslink {
  readonly #ends: readonly [End, End];
  #config: CrosslinkConfig;

  constructor(config: CrosslinkConfig) {
    this.#config = config;
    this.#ends = [new End(config.buffer), new End(config.buffer)];
  }

  /** At once when nobody is there, else when the last one leaves: what waits is not thrown away for it. */
  configure(config: CrosslinkConfig): void {
    this.#config = config;
    if (this.#ends.every(({ taken }) => !taken)) this.#empty();
  }

  #empty(): void {
    for (const end of this.#ends) end.input = new ByteRing(this.#config.buffer);
  }

  async open(request: SessionRequest<TerminalArgs>): Promise<TerminalSession> {
    const [first, second] = this.#ends;
    const own = first.taken ? second : first;
    const other = own === first ? second : first;
    if (own.taken) throw new SessionError("Denied", "Cannot join the crosslink: both of its ends are taken");
    own.taken = true;
    // The session may end before it is complete.
    request.session.onClosed(() => {
      if (own.session === undefined) own.taken = false;
    });
    const session = await TerminalSession.open(request, () => new Line(own, other, () => this.#empty()));
    if (!request.session.open) throw new SessionError("Disconnected", "Cannot join the crosslink: the client is gone");
    own.session = session;
    other.session?.connectedChanged();
    return session;
  }
}
