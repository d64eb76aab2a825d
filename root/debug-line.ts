/** The root's end of a component's debugging socket: one debugger at a time. */

import { debugPacket, debugPacketOf, largestPacket } from "../base/debug-packet.js";
import { SessionError } from "../base/errors.js";
import { watchDescriptor } from "../base/event-loop.js";
import { native } from "../bindings/native.js";
import type { ProcessExit } from "../servers/init/core.js";

/** EAGAIN, the same on all supported processors. */
const wouldBlock = -11;
/** Packets that are taken in one turn: a flood delays nobody else. */
const mostPackets = 32;

/** What the debugger's side of a line hears. */
export interface DebugListener {
  /** The component listens now. */
  attached(): void;
  /** A part of a message. A promise, when no more can be taken until it resolves. */
  message(last: boolean, bytes: Uint8Array): Promise<void> | undefined;
}

export interface DebugLineFacts {
  /** The component's full label. */
  readonly label: string;
  /** Its module. */
  readonly binary: string;
  /** The file that its stack traces show. */
  readonly file: string;
  /** Process id on the host. */
  readonly pid: number;
  /** It waits for a debugger before its first line. */
  readonly waits: boolean;
}

export class DebugLine {
  readonly facts: DebugLineFacts;
  /** How the component ended. */
  readonly ended: Promise<ProcessExit>;
  readonly #socket: number;
  #listener: DebugListener | undefined;
  #taken = false;
  /** Whether the component has answered the present listener: what it says before was meant for an earlier one. */
  #attached = false;
  #stopReading: (() => void) | undefined;
  #waiting: Uint8Array[] = [];
  #stopWriting: (() => void) | undefined;
  #open = true;

  constructor(facts: DebugLineFacts, socket: number, ended: Promise<ProcessExit>) {
    this.facts = facts;
    this.#socket = socket;
    this.ended = ended;
    // What comes last is still read: it may say why.
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
    this.#attached = false;
    this.#put(debugPacketOf(debugPacket.attach));
    this.#read();
  }

  send(last: boolean, bytes: Uint8Array): void {
    this.#put(debugPacketOf(last ? debugPacket.last : debugPacket.part, bytes));
  }

  /** The debugger has gone, and another may come. What the component still says to it is read and dropped. */
  detach(): void {
    this.#attached = false;
    this.#put(debugPacketOf(debugPacket.detach));
    this.#read();
  }

  /** Gives the line back. A component that waits for a debugger waits no longer. */
  release(): void {
    if (this.#open) this.detach();
    this.#listener = undefined;
  }

  #put(packet: Uint8Array): void {
    if (!this.#open) return;
    if (this.#waiting.length === 0 && native.sendMessage(this.#socket, packet, []) !== wouldBlock) return;
    this.#waiting.push(packet);
    if (this.#stopWriting !== undefined) return;
    // One descriptor has one watch.
    const writable = native.duplicateDescriptor(this.#socket);
    const unwatch = watchDescriptor(writable, "writable", () => this.#write());
    this.#stopWriting = () => {
      unwatch();
      native.closeDescriptor(writable);
      this.#stopWriting = undefined;
    };
  }

  #write(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (native.sendMessage(this.#socket, first, []) === wouldBlock) return;
      this.#waiting.shift();
    }
    this.#stopWriting?.();
  }

  #read(): void {
    if (!this.#open || this.#stopReading !== undefined) return;
    const unwatch = watchDescriptor(this.#socket, "readable", () => this.#readable());
    this.#stopReading = () => {
      unwatch();
      this.#stopReading = undefined;
    };
  }

  #readable(): void {
    for (let taken = 0; taken < mostPackets && this.#stopReading !== undefined; ++taken) {
      const { length, bytes, descriptors } = native.receiveMessage(this.#socket, largestPacket, false);
      for (const descriptor of descriptors) native.closeDescriptor(descriptor);
      if (length === wouldBlock) return;
      // It closed its end, or sent what is no packet: it cannot be debugged any more.
      if (length <= 0) return this.#stopReading?.();
      this.#packet(bytes);
    }
  }

  #packet(packet: Uint8Array): void {
    const [kind] = packet;
    if (kind === debugPacket.attach && this.#listener !== undefined) {
      this.#attached = true;
      this.#listener.attached();
    } else if (kind === debugPacket.detach) {
      // Of an earlier debugger, when the next has come meanwhile.
      if (this.#listener === undefined) this.#stopReading?.();
    } else if (this.#attached) this.#pass(kind === debugPacket.last, packet.subarray(1));
  }

  #pass(last: boolean, bytes: Uint8Array): void {
    const room = this.#listener?.message(last, bytes);
    if (room === undefined) return;
    this.#stopReading?.();
    void room.then(() => this.#read());
  }

  #close(): void {
    if (this.#stopReading !== undefined) this.#readable();
    this.#open = false;
    this.#waiting = [];
    this.#stopReading?.();
    this.#stopWriting?.();
    native.closeDescriptor(this.#socket);
  }
}
