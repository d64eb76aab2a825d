/**
 * Open sockets. A session is potentially one, and while it is, the rest of the server may know this much of it: neither
 * its client nor its buffers.
 */

/** What is known of an open socket. */
export interface OpenSocket {
  /** The label of the session that has it. */
  readonly label: string;
  /** The other end, such as `127.0.0.1:40312`. */
  readonly peer: string;
}

/** All open sockets; each puts itself in when it opens and out when it closes. */
export class OpenSocketPool implements Iterable<OpenSocket> {
  readonly #sockets = new Set<OpenSocket>();
  readonly #changed: (pool: OpenSocketPool) => void;

  /** `changed` is called after each change. */
  constructor(changed: (pool: OpenSocketPool) => void = () => {}) {
    this.#changed = changed;
  }

  /** Adds a socket; returns the function that takes it out. */
  add(socket: OpenSocket): () => void {
    this.#sockets.add(socket);
    this.#changed(this);
    return () => {
      if (this.#sockets.delete(socket)) this.#changed(this);
    };
  }

  get size(): number {
    return this.#sockets.size;
  }

  [Symbol.iterator](): Iterator<OpenSocket> {
    return this.#sockets.values();
  }
}
