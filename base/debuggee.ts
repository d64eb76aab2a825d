/**
 * A component's side of a debugger: the socket on which its first message came stays open, and the root speaks on it
 * when somebody wants to debug the component. Until then it costs one descriptor that nobody reads.
 */
import type { Native } from "../bindings/native-types.js";
import { debugPacket, debugPacketOf, largestPacket, MessageParts, messageParts } from "./debug-packet.js";
import { DebugSession } from "./debug-session.js";

/** EAGAIN, the same on all supported processors. */
const wouldBlock = -11;
/** Packets that one turn of the loop takes. */
const mostPackets = 64;

export class Debuggee {
  readonly socket: number;
  readonly #native: Native;
  readonly #ownFile: string;
  readonly #file: string;
  readonly #parts = new MessageParts();
  /** Never changes: waiting for it is how the thread sleeps. */
  readonly #nothing = new Int32Array(new SharedArrayBuffer(4));
  #session: DebugSession | undefined;
  #gone = false;

  constructor(options: { native: Native; socket: number; ownFile: string; file: string }) {
    this.socket = options.socket;
    this.#native = options.native;
    this.#ownFile = options.ownFile;
    this.#file = options.file;
  }

  /** The socket is readable. */
  readonly onReadable = (): void => {
    // From the loop, not from within the component's code, which a step out of ours would otherwise lead to.
    setImmediate(() => {
      for (let taken = 0; taken < mostPackets && this.#take(false); ++taken);
    });
  };

  /** Stands still until a debugger says that the component may begin, or gives it up. */
  waitForDebugger(): void {
    while (this.#session?.released !== true && !this.#gone) this.#take(true);
    if (!this.#gone) this.#session?.breakOnStart();
  }

  /** Takes a packet, if there is one or it may wait for one. */
  #take(wait: boolean): boolean {
    const { length, bytes, descriptors } = this.#native.receiveMessage(this.socket, largestPacket, wait);
    for (const descriptor of descriptors) this.#native.closeDescriptor(descriptor);
    if (length === wouldBlock) return false;
    // Without the root there is nothing to be debugged for, and nobody left.
    if (length <= 0) this.#native.exitNow(0);
    const kind = bytes[0];
    if (kind === debugPacket.attach) this.#attach();
    else if (kind === debugPacket.detach) this.#detach();
    else {
      const command = this.#parts.add(kind === debugPacket.last, bytes.subarray(1));
      if (command !== undefined) this.#session?.command(command);
    }
    return true;
  }

  #attach(): void {
    this.#put(debugPacketOf(debugPacket.attach));
    this.#session = new DebugSession({
      ownFile: this.#ownFile,
      file: this.#file,
      send: (text) => {
        for (const { last, bytes } of messageParts(text))
          this.#put(debugPacketOf(last ? debugPacket.last : debugPacket.part, bytes));
      },
      serve: () => void this.#take(true),
    });
  }

  #detach(): void {
    this.#session?.end();
    this.#session = undefined;
    this.#gone = true;
    this.#put(debugPacketOf(debugPacket.detach));
  }

  /** Sends a packet; waits while the root is behind. */
  #put(packet: Uint8Array): void {
    for (;;) {
      const sent = this.#native.sendMessage(this.socket, packet, []);
      if (sent >= 0) return;
      if (sent !== wouldBlock) this.#native.exitNow(0);
      Atomics.wait(this.#nothing, 0, 0, 1);
    }
  }
}
