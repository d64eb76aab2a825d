/** A line that a test talks over: it is read from the beginning, whether anybody waits or not. */
import { errorMessage } from "../base/errors.js";
import { type ExpectOptions, History, type Mark, type Match } from "./history.js";

/** Bytes in both directions: a session, or the far end of a line. */
export interface ByteStream {
  write(bytes: Uint8Array): Promise<void>;
  bytes(options: { readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
  close(): void | Promise<void>;
}

/** Sees what passes, for the files of a run. */
export interface Witness {
  received(bytes: Uint8Array): void;
  sent(bytes: Uint8Array): void;
}

const encoder = new TextEncoder();

export class Console implements AsyncDisposable {
  readonly name: string;
  readonly #stream: ByteStream;
  readonly #history: History;
  readonly #witness: Witness | undefined;
  readonly #closing = new AbortController();
  readonly #pump: Promise<void>;
  #looped = false;
  #received = 0;

  constructor(name: string, stream: ByteStream, witness?: Witness) {
    this.name = name;
    this.#stream = stream;
    this.#witness = witness;
    this.#history = new History(name);
    this.#pump = this.#read();
  }

  async #read(): Promise<void> {
    try {
      for await (const bytes of this.#stream.bytes({ signal: this.#closing.signal })) {
        this.#received += bytes.length;
        this.#witness?.received(bytes);
        this.#history.add(bytes);
        if (this.#looped) await this.#stream.write(bytes);
      }
      this.#history.end("it was closed");
    } catch (error) {
      this.#history.end(errorMessage(error));
    }
  }

  /** Everything that came, as text. */
  get history(): string {
    return this.#history.text;
  }

  /** Bytes that came. */
  get received(): number {
    return this.#received;
  }

  /** The place up to which everything has come; the next `expect` looks behind it. */
  mark(): Mark {
    return this.#history.mark();
  }

  /**
   * Waits for text in what came since the last match (or since a mark): what came before this call counts. With
   * `unless`, fails as soon as that comes first.
   */
  expect(pattern: string | RegExp, options?: ExpectOptions): Promise<Match> {
    return this.#history.expect(pattern, options);
  }

  /** Fails when the pattern comes within this time. */
  expectNot(pattern: string | RegExp, options?: ExpectOptions): Promise<void> {
    return this.#history.expectNot(pattern, options);
  }

  /** Sends text or bytes as they are. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    this.#witness?.sent(bytes);
    await this.#stream.write(bytes);
  }

  /** Sends a line, as the Enter key ends one. */
  sendLine(text = ""): Promise<void> {
    return this.send(`${text}\r`);
  }

  /** Sends a line, and waits for the pattern in what comes after. */
  async ask(text: string, pattern: string | RegExp, options?: Omit<ExpectOptions, "since">): Promise<Match> {
    const since = this.mark();
    await this.sendLine(text);
    return this.expect(pattern, { ...options, since });
  }

  /** Sends back what comes, as a plug that joins both wires would. */
  loop(on: boolean): void {
    this.#looped = on;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#stream.close();
    await this.#pump;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
