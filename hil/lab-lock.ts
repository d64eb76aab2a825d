/**
 * One holder at a time, among the test runs of a machine, of what a lab has only once. A lock is a listening socket with
 * an abstract name: the kernel takes it away with its holder's process, however that ends, and no file is left.
 */
import { createHash } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { parseDuration } from "../base/quantity.js";

/** Who has a lock. */
export interface Holder {
  readonly pid: number;
  readonly command: string;
  /** As ISO 8601 has it. */
  readonly since: string;
}

/** Somebody else has what is needed, and did not give it back in time. */
export class LabBusy extends Error {
  override readonly name = "LabBusy";
}

export interface LockOptions {
  /** How long to wait for another holder. */
  readonly within: string | number;
  /** Told once of each holder that is waited for. */
  readonly waiting?: (sentence: string) => void;
}

/** Another try, when a holder's end could not be watched; in milliseconds. */
const retryPeriod = 50;
/** How long a holder may take to say who it is, in milliseconds: one that is stopped says nothing. */
const answerTime = 1000;
/** A name fills the address: versions of Node.js differ in whether they fill shorter ones with zeros. */
const nameLength = 107;

function socketName(what: string): string {
  const digest = createHash("sha256").update(what).digest("hex");
  return `\0${`bulkhead.lab.${digest}`.padEnd(nameLength, ".")}`;
}

function own(): Holder {
  return { pid: process.pid, command: process.argv.slice(1).join(" "), since: new Date().toISOString() };
}

function sentence(holder: Holder | undefined): string {
  if (holder === undefined) return `another process, which does not answer, has it`;
  return `process ${holder.pid} ("${holder.command}") has had it since ${holder.since}`;
}

export class LabLock implements AsyncDisposable {
  readonly #server: Server;
  readonly #waiters: Set<Socket>;

  private constructor(server: Server, waiters: Set<Socket>) {
    this.#server = server;
    this.#waiters = waiters;
  }

  /** Takes the lock of `what`, such as a device's path. @throws LabBusy, which says who has it */
  static async take(what: string, { within, waiting = () => {} }: LockOptions): Promise<LabLock> {
    const patience = parseDuration(within);
    const deadline = performance.now() + patience;
    let known: number | undefined;
    for (;;) {
      const lock = await LabLock.#tryTake(socketName(what));
      if (lock !== undefined) return lock;
      const { holder, over, gone, close } = await ask(socketName(what));
      try {
        const left = deadline - performance.now();
        if (over && left > 0) continue;
        if (left <= 0)
          throw new LabBusy(
            `Cannot have ${what} within ${patience % 1000 === 0 ? `${patience / 1000} s` : `${patience} ms`}: ${sentence(holder)}; wait longer, or end it`,
          );
        if (holder?.pid !== known) waiting(`Waiting for ${what}: ${sentence(holder)}`);
        known = holder?.pid;
        await settledWithin(gone, left);
      } finally {
        close();
      }
    }
  }

  static #tryTake(name: string): Promise<LabLock | undefined> {
    const holder = own();
    const waiters = new Set<Socket>();
    const server = createServer((socket) => {
      waiters.add(socket);
      socket.on("error", () => {}).on("close", () => waiters.delete(socket));
      // Open until the lock is given back: its end tells that.
      socket
        .unref()
        .resume()
        .write(`${JSON.stringify(holder)}\n`);
    });
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EADDRINUSE") resolve(undefined);
        else reject(error);
      });
      server.listen(name, () => resolve(new LabLock(server.unref(), waiters)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const socket of this.#waiters) socket.destroy();
    await closed;
  }
}

interface Asked {
  readonly holder: Holder | undefined;
  /** Whether it was gone before it could say that. */
  readonly over: boolean;
  /** Settles when the holder has given the lock back, or has ended. */
  readonly gone: Promise<void>;
  close(): void;
}

/** Asks the holder who it is. */
async function ask(name: string): Promise<Asked> {
  const socket = connect(name);
  let text = "";
  let over = false;
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.includes("\n")) resolve();
    });
  });
  const gone = new Promise<void>((resolve) => {
    // It may have been given back meanwhile, or have more waiters than it takes.
    socket.on("error", () => void delay(retryPeriod).then(resolve)).on("end", resolve);
  });
  void gone.then(() => {
    over = true;
  });
  await settledWithin(Promise.race([answered, gone]), answerTime);
  const line = text.split("\n", 1)[0] ?? "";
  return {
    over: over && line === "",
    holder: text.includes("\n") ? (JSON.parse(line) as Holder) : undefined,
    gone,
    close: () => void socket.destroy(),
  };
}

/** Settles with `work`, or when the time is over. */
async function settledWithin(work: Promise<void>, milliseconds: number): Promise<void> {
  const abort = new AbortController();
  const timer = delay(milliseconds, undefined, { signal: abort.signal }).catch(() => {});
  await Promise.race([work, timer]);
  abort.abort();
}
