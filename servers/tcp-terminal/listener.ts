/** A listening socket, and the terminals that take its connections. */
import { Server, type Socket } from "node:net";
import type { TcpEnd } from "./tcp-end.js";

const refusal = "All terminals of this address are in use.\r\n";

export class Listener {
  /** So many connections may wait for a terminal. */
  mostWaiting = 0;
  readonly #server: Server;
  /** Terminals without a connection, in the order in which they became so. */
  readonly #free = new Set<TcpEnd>();
  /** Connections without a terminal, oldest first. They are not read meanwhile. */
  readonly #waiting: Socket[] = [];

  /** Takes over the descriptor of a listening socket. */
  constructor(descriptor: number) {
    this.#server = new Server({ pauseOnConnect: true, noDelay: true }, (socket) => this.#connected(socket));
    this.#server.listen({ fd: descriptor });
  }

  /** A terminal has no connection now, and takes the next. */
  free(end: TcpEnd): void {
    this.#free.add(end);
    this.#match();
  }

  /** A terminal is gone. */
  leave(end: TcpEnd): void {
    this.#free.delete(end);
  }

  #connected(socket: Socket): void {
    this.#waiting.push(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      const index = this.#waiting.indexOf(socket);
      if (index >= 0) this.#waiting.splice(index, 1);
    });
    this.#match();
    if (this.#waiting.length <= this.mostWaiting) return;
    this.#waiting.pop();
    socket.end(refusal);
    socket.resume();
  }

  #match(): void {
    for (const end of this.#free) {
      const socket = this.#waiting.shift();
      if (socket === undefined) return;
      this.#free.delete(end);
      end.accept(socket);
    }
  }

  /** Stops listening and ends the connections that wait. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }
}
