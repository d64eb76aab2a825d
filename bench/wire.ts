/** The far end of something in the emulator: a socket that listens here, and to which the emulator connects once. */
import { createServer, type Server, type Socket } from "node:net";
import { bounded, type WaitOptions } from "./deadline.js";

export class Wire implements Disposable {
  /** Where the emulator connects. */
  readonly path: string;
  readonly #server: Server;
  readonly #connected: Promise<Socket>;
  #socket: Socket | undefined;
  #waiting: (() => void)[] = [];
  #received: Buffer[] = [];
  #closed = false;

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
    this.#connected = new Promise((resolve) => {
      server.once("connection", (socket) => {
        this.#socket = socket;
        socket.on("data", (bytes) => {
          this.#received.push(bytes);
          this.#wake();
        });
        // The emulator ends without a word when it is killed.
        socket.on("error", () => {});
        socket.on("close", () => {
          this.#closed = true;
          this.#wake();
        });
        server.close();
        resolve(socket);
      });
    });
  }

  static listen(path: string): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const server = createServer();
      const wire = new Wire(path, server);
      server.once("error", reject);
      server.listen(path, () => resolve(wire));
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Whether the emulator has taken its end away. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Sends bytes, once the emulator has connected. */
  async write(bytes: Uint8Array | string, options: WaitOptions = {}): Promise<void> {
    const socket = await bounded(`the emulator at ${this.path}`, this.#connected, options);
    if (this.#closed) throw new Error(`Cannot write to ${this.path}: the emulator has closed it`);
    await bounded(
      `${this.path} to take ${bytes.length} bytes`,
      new Promise<void>((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
      options,
    );
  }

  /** Takes everything that has come, without waiting. */
  take(): Buffer {
    const all = Buffer.concat(this.#received);
    this.#received = [];
    return all;
  }

  /** Puts bytes back in front of those that have not been taken. */
  return(bytes: Buffer): void {
    if (bytes.length > 0) this.#received.unshift(bytes);
  }

  /** Waits for more bytes than were there; false when none can come any more. */
  async more(): Promise<boolean> {
    if (this.#closed) return false;
    await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    return !this.#closed || this.#received.length > 0;
  }

  /** Waits for `count` bytes, and takes just these. */
  read(count: number, options: WaitOptions = {}): Promise<Buffer> {
    return this.#take(`${count} bytes`, (bytes) => (bytes.length >= count ? count : -1), options);
  }

  /** Waits for `text`, and takes what came up to its end. */
  readUntil(text: string, options: WaitOptions = {}): Promise<Buffer> {
    const wanted = Buffer.from(text);
    return this.#take(
      JSON.stringify(text),
      (bytes) => {
        const at = bytes.indexOf(wanted);
        return at < 0 ? -1 : at + wanted.length;
      },
      options,
    );
  }

  /** `end` says how many bytes are the wanted ones, or -1. */
  async #take(what: string, end: (bytes: Buffer) => number, options: WaitOptions): Promise<Buffer> {
    let over = false;
    const search = async (): Promise<Buffer> => {
      for (;;) {
        const bytes = this.take();
        const count = end(bytes);
        this.return(bytes.subarray(Math.max(count, 0)));
        if (count >= 0) return bytes.subarray(0, count);
        if (over || !(await this.more())) throw new Error(`${this.path} ended before ${what} came`);
      }
    };
    try {
      return await bounded(`${what} from ${this.path}, which has sent ${this.#shown()}`, search(), options);
    } finally {
      over = true;
      this.#wake();
    }
  }

  #shown(): string {
    const bytes = Buffer.concat(this.#received);
    return bytes.length === 0 ? "nothing" : JSON.stringify(bytes.subarray(-200).toString("latin1"));
  }

  [Symbol.dispose](): void {
    this.#server.close();
    this.#socket?.destroy();
    this.#closed = true;
    this.#wake();
  }
}

/** Calls `take` with each line that a wire brings. */
export async function eachLine(wire: Wire, take: (line: string) => void): Promise<void> {
  let rest = Buffer.alloc(0);
  for (;;) {
    rest = Buffer.concat([rest, wire.take()]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString("utf8").trim();
      rest = rest.subarray(end + 1);
      if (line !== "") take(line);
    }
    if (!(await wire.more())) return;
  }
}
