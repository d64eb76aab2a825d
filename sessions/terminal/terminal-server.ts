/** The server half of Terminal: the shared buffer and the signals; where bytes come from and go to is a {@link FarEnd}. */
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { Terminal, type TerminalArgs, type TerminalHandlers, terminalBufferHalf } from "./terminal.generated.js";

/** What is behind a terminal session. It never blocks, and tells the session when something changed. */
export interface FarEnd {
  readonly connected: boolean;
  /** Characters; 0 and 0 when unknown. */
  readonly size: { readonly columns: number; readonly lines: number };
  /** Bytes that {@link read} would find. */
  readonly available: number;
  /** Moves the oldest bytes into `target`; returns how many. */
  read(target: Uint8Array): number;
  /** Takes the first of these bytes, as many as there is room for. They are the server's own copy. */
  write(bytes: Uint8Array): number;
  /** The session ended. */
  close(): void;
}

const signalNumber = (name: string): number => Terminal.signals.indexOf(name);
const signals = {
  readAvailable: signalNumber("readAvailable"),
  writeReady: signalNumber("writeReady"),
  connectedChanged: signalNumber("connectedChanged"),
  sizeChanged: signalNumber("sizeChanged"),
};

export class TerminalSession implements TerminalHandlers {
  readonly #request: SessionRequest<TerminalArgs>;
  readonly #buffer: Dataspace;
  readonly #farEnd: FarEnd;
  /** The client knows that there is something to read: it has not read since it was told. */
  #told = false;
  /** A write was taken in part, so the client waits for room. */
  #roomWanted = false;

  private constructor(
    request: SessionRequest<TerminalArgs>,
    buffer: Dataspace,
    attach: (session: TerminalSession) => FarEnd,
  ) {
    this.#request = request;
    this.#buffer = buffer;
    this.#farEnd = attach(this);
    // Bytes that waited for this session, as after a restart of its client.
    if (this.#farEnd.available > 0) this.dataArrived();
  }

  /** Opens a session; `attach` makes what is behind it. The buffer comes from the client's donation. */
  static async open(
    request: SessionRequest<TerminalArgs>,
    attach: (session: TerminalSession) => FarEnd,
  ): Promise<TerminalSession> {
    return new TerminalSession(request, await request.alloc(2 * terminalBufferHalf), attach);
  }

  get label(): string {
    return this.#request.label;
  }

  /** For the far end: bytes came. */
  dataArrived(): void {
    if (this.#told) return;
    this.#told = true;
    this.#request.session.raise(signals.readAvailable);
  }

  /** For the far end: it would take bytes again. */
  roomCame(): void {
    if (!this.#roomWanted) return;
    this.#roomWanted = false;
    this.#request.session.raise(signals.writeReady);
  }

  /** For the far end: somebody came or went there. */
  connectedChanged(): void {
    this.#request.session.raise(signals.connectedChanged);
  }

  sizeChanged(): void {
    this.#request.session.raise(signals.sizeChanged);
  }

  buffer(): Capability {
    return this.#buffer.capability;
  }

  size(): { readonly columns: number; readonly lines: number } {
    return this.#farEnd.size;
  }

  connected(): boolean {
    return this.#farEnd.connected;
  }

  available(): number {
    return this.#farEnd.available;
  }

  read(max: number): number {
    // Before looking: what comes from now on raises the signal again, so no byte waits unannounced.
    this.#told = false;
    return this.#farEnd.read(this.#buffer.bytes.array.subarray(0, Math.min(max, terminalBufferHalf)));
  }

  write(length: number): number {
    if (length > terminalBufferHalf)
      throw new SessionError(
        "InvalidArgument",
        `Cannot write ${length} bytes at once: the buffer holds ${terminalBufferHalf}`,
      );
    const consumed = this.#farEnd.write(this.#buffer.bytes.copy(terminalBufferHalf, length));
    if (consumed < length) this.#roomWanted = true;
    return consumed;
  }

  close(): void {
    this.#farEnd.close();
  }
}
