/** The root's end of a component's debugging: one debugger at a time. */
import { closeSync } from "node:fs";
import { debugPacket, packetOf } from "../base/debug-packet.js";
import { SessionError } from "../base/errors.js";
import { watchDescriptor } from "../base/event-loop.js";
import { errno } from "../bindings/errno.js";
import { native } from "../bindings/native.js";
import type { ProcessExit } from "../servers/init/core.js";
import { readAvailable } from "./read-available.js";

/** Milliseconds after which a component that did not take a packet is tried again. */
const retryAfter = 10;
/** Bytes that are taken from a component in one turn: a flood delays nobody else. */
const mostBytes = 64 * 1024;

/** Takes what a component says to its debugger; a promise, when no more can be taken until it resolves. */
export type DebugListener = (bytes: Uint8Array) => Promise<void> | undefined;

export interface DebugLineFacts {
  /** The component's full label. */
  readonly label: string;
  /** The file that its stack traces show. */
  readonly file: string;
  /** That of the framework. */
  readonly framework: string;
  /** Process id on the host. */
  readonly pid: number;
  /** It waits for a debugger before its first line. */
  readonly waits: boolean;
  /** That of the code which it runs, though its module may have changed since. */
  readonly sourceMap: () => string | undefined;
}

/** What a component says to one debugger. Closing it frees a component that waits for room. */
class Pipe {
  readonly #descriptor: number;
  readonly #listener: DebugListener;
  #unwatch: (() => void) | undefined;
  #open = true;

  constructor(descriptor: number, listener: DebugListener) {
    this.#descriptor = descriptor;
    this.#listener = listener;
    this.#watch();
  }

  #watch(): void {
    if (this.#open) this.#unwatch ??= watchDescriptor(this.#descriptor, "readable", () => this.read());
  }

  #rest(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  read(): void {
    if (!this.#open) return;
    const buffer = Buffer.allocUnsafe(mostBytes);
    const count = readAvailable(this.#descriptor, buffer);
    if (count === undefined) return;
    if (count === 0) return this.close();
    const room = this.#listener(buffer.subarray(0, count));
    if (room === undefined) return;
    this.#rest();
    void room.then(() => this.#watch());
  }

  close(): void {
    if (!this.#open) return;
    this.#rest();
    this.#open = false;
    closeSync(this.#descriptor);
  }
}

export class DebugLine {
  readonly facts: DebugLineFacts;
  /** How the component ended. */
  readonly ended: Promise<ProcessExit>;
  readonly #socket: number;
  #listener: DebugListener | undefined;
  #taken = false;
  #pipe: Pipe | undefined;
  /** Packets that the component has no room for yet, with their descriptors. */
  #waiting: { readonly packet: Uint8Array; readonly descriptors: readonly number[] }[] = [];
  #retry: NodeJS.Timeout | undefined;
  #open = true;

  /** Owns the socket from now on. */
  constructor(facts: DebugLineFacts, socket: number, ended: Promise<ProcessExit>) {
    this.facts = facts;
    this.#socket = socket;
    this.ended = ended;
    void ended.then(() => this.#close());
  }

  /**
   * Whether somebody debugs the component, or did since this was asked last: what it has missed meanwhile it can only
   * catch up with afterwards.
   */
  wasTaken(): boolean {
    const taken = this.#taken;
    this.#taken = this.#listener !== undefined;
    return taken;
  }

  /** Takes the line. Throws `Unavailable` when somebody has it already. */
  take(listener: DebugListener): void {
    if (this.#listener !== undefined)
      throw new SessionError(
        "Unavailable",
        `"${this.facts.label}" is being debugged already: end the other "bulkhead debug" first`,
      );
    this.#listener = listener;
    this.#taken = true;
  }

  /** A debugger has come. */
  attach(): void {
    if (this.#listener === undefined || !this.#open) return;
    this.#pipe?.close();
    const [read, write] = native.makePipe();
    this.#pipe = new Pipe(read, this.#listener);
    this.#put(packetOf(debugPacket.attach), [write]);
  }

  /** Bytes of a message of the debugger. */
  send(last: boolean, bytes: Uint8Array): void {
    this.#put(packetOf(last ? debugPacket.last : debugPacket.part, bytes));
  }

  /** The debugger has gone, and another may come. */
  detach(): void {
    this.#pipe?.close();
    this.#pipe = undefined;
    this.#put(packetOf(debugPacket.detach));
  }

  /** Gives the line back. A component that waits for a debugger waits no longer. */
  release(): void {
    this.detach();
    this.#put(packetOf(debugPacket.release));
    this.#listener = undefined;
  }

  #put(packet: Uint8Array, descriptors: readonly number[] = []): void {
    this.#waiting.push({ packet, descriptors });
    if (this.#retry === undefined) this.#flush();
  }

  #flush(): void {
    this.#retry = undefined;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#open && native.sendMessage(this.#socket, first.packet, first.descriptors) === -errno.EAGAIN) {
        this.#retry = setTimeout(() => this.#flush(), retryAfter);
        return;
      }
      for (const descriptor of first.descriptors) native.closeDescriptor(descriptor);
      this.#waiting.shift();
    }
  }

  #close(): void {
    // What it said last may say why.
    this.#pipe?.read();
    this.#pipe?.close();
    this.#open = false;
    clearTimeout(this.#retry);
    this.#flush();
    native.closeDescriptor(this.#socket);
  }
}
