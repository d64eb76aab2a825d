/**
 * A component's side of a debugger: the socket on which its first message came stays open, and the root speaks on it
 * when somebody wants to debug the component. Until then it costs one descriptor on which nothing happens.
 */
import { closeSync, writeSync } from "node:fs";
import { errno } from "../bindings/errno.js";
import type { Native } from "../bindings/native-types.js";
import { debugPacket, framed, largestPacket, MessageParts } from "./debug-packet.js";
import { DebugSession } from "./debug-session.js";

/** Packets that one turn of the loop takes. */
const mostPackets = 64;

export interface DebuggeeOptions {
  readonly native: Native;
  readonly socket: number;
  /** The file of this code, as V8 knows it. */
  readonly ownFile: string;
  /** The component's file. */
  readonly file: string;
}

interface Attached {
  readonly session: DebugSession;
  /** Where its messages go. */
  readonly pipe: number;
}

export class Debuggee {
  readonly #options: DebuggeeOptions;
  readonly #parts = new MessageParts();
  #attached: Attached | undefined;
  /** Nobody will debug it. */
  #released = false;

  constructor(options: DebuggeeOptions) {
    this.#options = options;
  }

  get socket(): number {
    return this.#options.socket;
  }

  /** The socket is readable. */
  readonly onReadable = (): void => {
    // From the loop, not from within the component's code, to which a step out of ours would otherwise lead.
    setImmediate(() => {
      for (let taken = 0; taken < mostPackets && this.#take(false); ++taken);
    });
  };

  /** Stands still until a debugger says that the component may begin, or gives it up. */
  waitForDebugger(): void {
    while (this.#attached?.session.released !== true && !this.#released) this.#take(true);
    this.#attached?.session.breakOnStart();
  }

  /** Takes a packet, if there is one or it may wait for one. */
  #take(wait: boolean): boolean {
    const { native, socket } = this.#options;
    const { length, bytes, descriptors } = native.receiveMessage(socket, largestPacket, wait);
    if (length === -errno.EAGAIN) return false;
    // The pipe of a debugger found no free descriptor here: it stays unheard.
    if (length === -errno.EMSGSIZE) return true;
    // Without the root there is nobody left.
    if (length <= 0) native.exitNow(0);
    const kind = bytes[0];
    if (kind === debugPacket.attach) this.#attach(descriptors[0] as number);
    else if (kind === debugPacket.detach) this.#detach();
    else if (kind === debugPacket.release) this.#released = true;
    else {
      const command = this.#parts.add(kind === debugPacket.last, bytes.subarray(1));
      if (command !== undefined) this.#attached?.session.command(command);
    }
    return true;
  }

  #attach(pipe: number): void {
    this.#detach();
    const send = (text: string): void => write(pipe, framed(text));
    send("");
    const { ownFile, file } = this.#options;
    this.#attached = { session: new DebugSession({ ownFile, file, send, serve: () => void this.#take(true) }), pipe };
  }

  #detach(): void {
    if (this.#attached === undefined) return;
    this.#attached.session.end();
    closeSync(this.#attached.pipe);
    this.#attached = undefined;
  }
}

/** Waits while the root is behind. */
function write(pipe: number, bytes: Uint8Array): void {
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(pipe, bytes, written);
  } catch {
    // The debugger has gone, and the packet that says so is on its way.
  }
}
