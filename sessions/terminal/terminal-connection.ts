/** The client half of Terminal: bytes as they come, writes that wait for room, nobody polls. */
import type { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { MappedBuffer } from "../../lib/mapped-buffer.js";
import { Occurrence } from "../../lib/occurrence.js";
import { onGivenUp, untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import {
  type TerminalArgs,
  type TerminalClient,
  type TerminalHandlers,
  Terminal as TerminalInterface,
  terminalBufferHalf,
} from "./terminal.generated.js";

export type TerminalOptions = SessionOptions;

/** What a wait takes. */
export interface WaitOptions {
  /** Gives up when it fires: the wait rejects with code `Aborted`. */
  readonly signal?: AbortSignal;
}

const encoder = new TextEncoder();

/**
 * A terminal. Calls of one direction have their turn one after another.
 *
 * When the server restarts, the session is opened anew; output that the old server had not acknowledged is written
 * again, and input that it had not handed over is lost with it.
 */
export class TerminalConnection implements AsyncDisposable {
  readonly #session: Session<TerminalClient, TerminalHandlers, TerminalArgs>;
  readonly #buffer = new MappedBuffer();
  readonly #readAvailable = new Occurrence();
  readonly #writeReady = new Occurrence();
  readonly #connectedChanged = new Occurrence();
  #lastRead: Promise<unknown> = Promise.resolve();
  #lastWrite: Promise<unknown> = Promise.resolve();
  readonly #connectedWatchers = new Watchers();
  readonly #sizeWatchers = new Watchers();
  readonly #restartWatchers = new Watchers();
  readonly #closed = new AbortController();

  constructor(session: Session<TerminalClient, TerminalHandlers, TerminalArgs>) {
    this.#session = session;
    session.onSignal("readAvailable", () => this.#readAvailable.happened());
    session.onSignal("writeReady", () => this.#writeReady.happened());
    session.onSignal("connectedChanged", () => this.#connectionChanged());
    session.onSignal("sizeChanged", () => this.#sizeWatchers.tell());
    session.onLost(() => this.#buffer.forget());
    onGivenUp(session, (reason) => this.#closed.abort(reason));
    // Whatever was waited for may hold with the new server.
    session.onReopened(() => {
      this.#readAvailable.happened();
      this.#writeReady.happened();
      this.#connectionChanged();
      this.#sizeWatchers.tell();
      this.#restartWatchers.tell();
    });
  }

  #connectionChanged(): void {
    this.#connectedChanged.happened();
    this.#connectedWatchers.tell();
  }

  #withBuffer<Result>(use: (buffer: Dataspace) => Promise<Result>): Promise<Result> {
    const { client, name } = this.#session;
    return this.#buffer.with(name, () => client.buffer(), 2 * terminalBufferHalf, use);
  }

  async #wait(occurrence: Occurrence, seen: number, { signal }: WaitOptions): Promise<void> {
    await occurrence.after(seen, signal, this.#closed.signal);
    if (this.#closed.signal.aborted) throw this.#closed.signal.reason;
    if (signal?.aborted) throw new SessionError("Aborted", `Wait for ${this.#session.name} aborted`);
  }

  /** The next bytes: at least one, at most 4096. Waits until there are some. */
  read(options: WaitOptions = {}): Promise<Uint8Array> {
    const result = this.#lastRead.then(() => this.#read(options));
    this.#lastRead = result.catch(() => {});
    return result;
  }

  async #read(options: WaitOptions): Promise<Uint8Array> {
    for (;;) {
      if (options.signal?.aborted) throw new SessionError("Aborted", `Read from ${this.#session.name} aborted`);
      const seen = this.#readAvailable.count;
      const bytes = await untilAnswered(this.#session, () => this.#take());
      if (bytes.length > 0) return bytes;
      await this.#wait(this.#readAvailable, seen, options);
    }
  }

  #take(): Promise<Uint8Array> {
    return this.#withBuffer(async (buffer) => {
      const length = await this.#session.client.read(terminalBufferHalf);
      return buffer.bytes.copy(0, Math.min(length, terminalBufferHalf));
    });
  }

  /**
   * Writes everything; resolves when the server has taken it. Text goes as UTF-8. Do not change the bytes meanwhile. An
   * aborted write may have written a part.
   */
  write(data: Uint8Array | string, options: WaitOptions = {}): Promise<void> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    const result = this.#lastWrite.then(() => this.#write(bytes, options));
    this.#lastWrite = result.catch(() => {});
    return result;
  }

  async #write(bytes: Uint8Array, options: WaitOptions): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      if (options.signal?.aborted) throw new SessionError("Aborted", `Write to ${this.#session.name} aborted`);
      const part = bytes.subarray(written, written + terminalBufferHalf);
      const seen = this.#writeReady.count;
      const consumed = await untilAnswered(this.#session, () => this.#give(part));
      written += Math.min(consumed, part.length);
      if (consumed < part.length) await this.#wait(this.#writeReady, seen, options);
    }
  }

  #give(part: Uint8Array): Promise<number> {
    return this.#withBuffer((buffer) => {
      buffer.bytes.write(part, terminalBufferHalf);
      return this.#session.client.write(part.length);
    });
  }

  /** Whether the far end is there. */
  connected(): Promise<boolean> {
    return untilAnswered(this.#session, () => this.#session.client.connected());
  }

  /** Resolves once the far end is there. */
  async whenConnected(options: WaitOptions = {}): Promise<void> {
    for (;;) {
      const seen = this.#connectedChanged.count;
      if (await this.connected()) return;
      await this.#wait(this.#connectedChanged, seen, options);
    }
  }

  /** Columns and lines; 0 and 0 when unknown. */
  size(): Promise<{ readonly columns: number; readonly lines: number }> {
    return untilAnswered(this.#session, () => this.#session.client.size());
  }

  /** Calls `watcher` when the far end came or went. Returns the function that ends it. */
  onConnectedChange(watcher: () => void): () => void {
    return this.#connectedWatchers.add(watcher);
  }

  onSizeChange(watcher: () => void): () => void {
    return this.#sizeWatchers.add(watcher);
  }

  /**
   * Calls `watcher` when the server has restarted. A screen of its own (one with a {@link size}) is empty then; what
   * is at the end of a line is as it was. Returns the function that ends it.
   */
  onRestart(watcher: () => void): () => void {
    return this.#restartWatchers.add(watcher);
  }

  /** Bytes in the pieces in which they come, until the terminal is closed or `signal` fires. */
  async *bytes(options: WaitOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      let piece: Uint8Array;
      try {
        piece = await this.read(options);
      } catch (error) {
        if (this.#closed.signal.aborted || options.signal?.aborted) return;
        throw error;
      }
      yield piece;
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.bytes();
  }

  /**
   * Lines of UTF-8 text, without their ends: `\n`, or `\r\n`. What follows the last line end counts when the terminal is
   * closed. A line longer than `longest` characters comes in pieces.
   */
  async *lines(options: WaitOptions & { readonly longest?: number } = {}): AsyncGenerator<string, void, undefined> {
    const { longest = 65_536 } = options;
    // private copy: read() returns one
    const decoder = new TextDecoder();
    let rest = "";
    for await (const piece of this.bytes(options)) {
      const parts = (rest + decoder.decode(piece, { stream: true })).split("\n");
      rest = parts.pop() as string;
      for (const part of parts) yield part.endsWith("\r") ? part.slice(0, -1) : part;
      while (rest.length > longest) {
        yield rest.slice(0, longest);
        rest = rest.slice(longest);
      }
    }
    rest += decoder.decode();
    if (rest !== "") yield rest;
  }

  async close(): Promise<void> {
    this.#closed.abort(new SessionError("Disconnected", `Cannot use ${this.#session.name}: it was closed`));
    this.#buffer.forget();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Bytes in both directions, as between a person and a program. */
export const Terminal: SessionType<TerminalOptions, TerminalConnection> = {
  interface: TerminalInterface,
  async open(env: Env, options: TerminalOptions): Promise<TerminalConnection> {
    return new TerminalConnection(await env.session(TerminalInterface, {}, options));
  },
};
