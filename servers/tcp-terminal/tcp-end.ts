/** What is behind one terminal session: a connection, when there is one. */
import type { Socket } from "node:net";
import type { FarEnd, TerminalSession } from "../../sessions/terminal/index.js";
import type { Listener } from "./listener.js";
import type { OpenSocketPool } from "./open-socket.js";

/** How long a connection may take to send what was written, once its session has ended. */
const lingerMilliseconds = 2000;

/**
 * Input stays in the socket until the client reads it, and output is taken only as far as the socket's own buffer goes:
 * both are bounded, so a peer or client that is slow slows the other down and costs no memory.
 */
export class TcpEnd implements FarEnd {
  /** A TCP peer does not tell. */
  readonly size = { columns: 0, lines: 0 };
  readonly #session: TerminalSession;
  readonly #listener: Listener;
  readonly #pool: OpenSocketPool;
  #socket: Socket | undefined;

  constructor(session: TerminalSession, listener: Listener, pool: OpenSocketPool) {
    this.#session = session;
    this.#listener = listener;
    this.#pool = pool;
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  get available(): number {
    return this.#socket?.readableLength ?? 0;
  }

  /** For the listener: takes a connection over. */
  accept(socket: Socket): void {
    this.#socket = socket;
    const leavePool = this.#pool.add({
      label: this.#session.label,
      peer: `${socket.remoteAddress}:${socket.remotePort}`,
    });
    const ended = (): void => {
      leavePool();
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#session.connectedChanged();
      this.#listener.free(this);
    };
    socket.on("readable", () => {
      if (this.#socket === socket && socket.readableLength > 0) this.#session.dataArrived();
      // At the end of the stream reading tells that it is the end; before that it takes nothing.
      else socket.read(0);
    });
    socket.on("drain", () => this.#session.roomCame());
    // The peer's end of the stream, behind its last byte.
    socket.on("end", ended);
    // An error is followed by "close", which says the same.
    socket.on("error", () => {});
    socket.on("close", ended);
    this.#session.connectedChanged();
    this.#session.roomCame();
  }

  read(target: Uint8Array): number {
    const socket = this.#socket;
    if (socket === undefined) return 0;
    const bytes = socket.read(Math.min(target.length, socket.readableLength)) as Buffer | null;
    if (bytes === null) return 0;
    target.set(bytes);
    // Taking exactly what was there does not tell the stream to end; asking once more does, where its end came with them.
    if (socket.readableLength === 0) socket.read(0);
    return bytes.length;
  }

  write(bytes: Uint8Array): number {
    const socket = this.#socket;
    if (socket === undefined || socket.writableEnded || socket.destroyed) return 0;
    // Filling the buffer to its mark is what makes the socket announce room again.
    const count = Math.max(0, Math.min(bytes.length, socket.writableHighWaterMark - socket.writableLength));
    if (count > 0) socket.write(bytes.subarray(0, count));
    return count;
  }

  close(): void {
    this.#listener.leave(this);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.resume();
    socket.end();
    const linger = setTimeout(() => socket.destroy(), lingerMilliseconds);
    socket.once("close", () => clearTimeout(linger));
  }
}
