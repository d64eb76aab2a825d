/**
 * What is at the other side of a line's descriptor: bytes in and out, without blocking, and whether somebody is there.
 *
 * A pseudo-terminal's master polls as hung up, without end, from the last close of its far end to the next open, so it
 * is not watched in between. The host tells of an open by the Platform session's signal; looking now and then is for one
 * that does not.
 */

import { watchDescriptor } from "../../base/event-loop.js";
import { native } from "../../bindings/native.js";
import { connected, readLine, writeLine } from "../../bindings/tty.js";
import type { OpenedLine } from "./opened-line.js";

/** How often a pseudo-terminal without a far end is looked at when nobody tells of one, in milliseconds. */
const presencePeriod = 2000;

export interface PortListener {
  /** There may be bytes to read. */
  readable(): void;
  /** The line takes bytes again. */
  writable(): void;
  /** The far end of a pseudo-terminal came or went. */
  presence(): void;
  /** A serial line was taken away. */
  gone(): void;
}

export class Port {
  readonly descriptor: number;
  readonly #listener: PortListener;
  readonly pseudo: boolean;
  /** A second descriptor of the same file: one descriptor has one watch. */
  readonly #output: number;
  readonly #line: OpenedLine;
  #connected: boolean;
  #endReading: (() => void) | undefined;
  #endWriting: (() => void) | undefined;
  #wantsInput = true;
  #presence: NodeJS.Timeout | undefined;
  #open = true;

  /** Takes over the opened line. */
  constructor(line: OpenedLine, listener: PortListener) {
    this.#line = line;
    this.#listener = listener;
    this.descriptor = line.descriptor;
    this.pseudo = line.pseudo;
    this.#output = native.duplicateDescriptor(line.descriptor);
    this.#connected = !this.pseudo || connected(this.descriptor);
    this.#watch();
  }

  /** What it is on the host. */
  get path(): string {
    return this.#line.path;
  }

  /** A serial line cannot know, and counts as connected. */
  get connected(): boolean {
    return this.#open && this.#connected;
  }

  /** Whether {@link PortListener.readable} is wanted: a full buffer wants nothing. */
  wantInput(wanted: boolean): void {
    this.#wantsInput = wanted;
    this.#watch();
  }

  #watch(): void {
    const reading = this.#open && this.#connected && this.#wantsInput;
    if (reading) this.#endReading ??= watchDescriptor(this.descriptor, "readable", () => this.#listener.readable());
    else this.#endReading = void this.#endReading?.();
    const looking = this.#open && this.pseudo && !this.#connected;
    if (looking) this.#presence ??= setInterval(() => this.look(), presencePeriod);
    else this.#presence = void clearInterval(this.#presence);
  }

  /** Looks whether the far end of a pseudo-terminal is there. */
  look(): void {
    if (!this.#open || !this.pseudo) return;
    const now = connected(this.descriptor);
    if (now === this.#connected) return;
    this.#connected = now;
    if (!now) this.#endWriting = void this.#endWriting?.();
    this.#watch();
    this.#listener.presence();
  }

  /** Reads what waits into `target`: how many bytes, 0 when none do. */
  read(target: Uint8Array): number {
    const count = readLine(this.descriptor, target);
    if (count === 0) this.#hungUp();
    return count ?? 0;
  }

  /** Writes what the line takes, and tells when it would take more: how many bytes. */
  write(bytes: Uint8Array): number {
    if (!this.#connected) return 0;
    const count = writeLine(this.#output, bytes);
    if (count === undefined) {
      this.#hungUp();
      return 0;
    }
    if (count < bytes.length && this.#open) {
      this.#endWriting ??= watchDescriptor(this.#output, "writable", () => {
        this.#endWriting = void this.#endWriting?.();
        this.#listener.writable();
      });
    }
    return count;
  }

  #hungUp(): void {
    if (this.pseudo) return this.look();
    this.#connected = false;
    this.#endWriting = void this.#endWriting?.();
    this.#watch();
    // Not within the call that found out.
    queueMicrotask(() => this.#listener.gone());
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#endWriting = void this.#endWriting?.();
    this.#watch();
    native.closeDescriptor(this.#output);
    this.#line.close();
  }
}
