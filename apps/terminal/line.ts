/** The line between a program, a client of Terminal, and whoever sits in front of the window. */
import { SessionError } from "../../base/errors.js";
import type { SessionRequest } from "../../base/server.js";
import { ByteRing } from "../../lib/byte-ring.js";
import { type FarEnd, type TerminalArgs, TerminalSession } from "../../sessions/terminal/index.js";
import type { Emulator } from "./emulator.js";

/** Bytes of output that wait to be interpreted; a program that writes more waits for room. */
const outputRoom = 64 * 1024;
/** Bytes of input that wait to be read: what a large paste has. */
const inputRoom = 1024 * 1024;

/** Brings a screen that a program left behind into a state in which the next one can be read. */
const cleanUp = new TextEncoder().encode("\u001b[!p\u001b[?1049l\u001b[?25h\u001b[?2004l\u001b[?1004l\u001b[0m\r\n");

const encoder = new TextEncoder();

export class Line implements FarEnd {
  /** The window is there as long as this component is. */
  readonly connected = true;
  readonly #emulator: Emulator;
  readonly #input = new ByteRing(inputRoom);
  /** Bytes that the emulator has, and has not interpreted. */
  #pending = 0;
  #session: TerminalSession | undefined;
  #taken = false;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  get size(): { readonly columns: number; readonly lines: number } {
    return { columns: this.#emulator.columns, lines: this.#emulator.rows };
  }

  get available(): number {
    return this.#input.length;
  }

  async open(request: SessionRequest<TerminalArgs>): Promise<TerminalSession> {
    if (this.#taken)
      throw new SessionError(
        "Denied",
        `Cannot open a terminal for "${request.label}": this window has a program already`,
      );
    this.#taken = true;
    // The session may end before it is complete.
    request.session.onClosed(() => {
      if (this.#session === undefined) this.#taken = false;
    });
    const session = await TerminalSession.open(request, () => this);
    if (!request.session.open) throw new SessionError("Disconnected", "Cannot open a terminal: the client is gone");
    this.#session = session;
    return session;
  }

  read(target: Uint8Array): number {
    return this.#input.read(target);
  }

  write(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, outputRoom - this.#pending);
    if (count > 0) this.#show(bytes.subarray(0, count));
    return count;
  }

  #show(bytes: Uint8Array): void {
    this.#pending += bytes.length;
    this.#emulator.write(bytes, () => {
      this.#pending -= bytes.length;
      this.#session?.roomCame();
    });
  }

  /** Something was typed or pasted, or is answered. It waits for a program, also for one that is still to come. */
  send(text: string): void {
    const bytes = encoder.encode(text);
    if (bytes.length > this.#input.room) {
      console.error(
        `Cannot hand over ${bytes.length} bytes: no program has read the ${this.#input.length} before them`,
      );
      return;
    }
    this.#input.write(bytes);
    this.#session?.dataArrived();
  }

  resized(): void {
    this.#session?.sizeChanged();
  }

  close(): void {
    this.#session = undefined;
    this.#taken = false;
    this.#input.clear();
    this.#show(cleanUp);
  }
}
