/**
 * How a component process begins: its parent's first message on descriptor 3.
 *
 * The loader (loader.ts) receives it, so that a parked process can wait for it with everything loaded; the framework
 * inside the component's bundle finds it under {@link startKey}.
 */
import type { Capability } from "./message.js";

/** The first message, as JSON, with the descriptors [channel socket, channel memory, code dataspace]. */
export interface StartMessage {
  /** The component's name among its siblings. */
  readonly name: string;
  /** Its full label, for people. */
  readonly label: string;
  /** The file name under which stack traces show the code. */
  readonly file: string;
  /** Bytes of code in the code dataspace. */
  readonly codeBytes: number;
  /** Bytes of what V8 made of that code, behind it; 0: nothing. */
  readonly compiledBytes: number;
  /** CPU that the component is placed on, if its affinity names one. */
  readonly processor?: number;
  /** Options of the second, tight system-call filter, undefined: none. */
  readonly filter?: number;
  /** When it is installed: once the component's main has returned, instead of before its code runs. */
  readonly filterAfterMain?: boolean;
  /** Waits for a debugger before its code runs. */
  readonly debug?: boolean;
}

export interface Start {
  readonly message: StartMessage;
  /** The component's end of the channel to its parent. */
  readonly parent: Capability;
  /** Where a debugger would speak; absent where the env is not that of a component process. */
  readonly debuggee?: { readonly socket: number; readonly onReadable: () => void };
}

/** The descriptor on which a component process waits for its first message, and later hears of debuggers. */
export const startDescriptor = 3;
/** The descriptor of its lifeline, which tells its parent of a sudden death before the process is gone. */
export const lifelineDescriptor = 4;
/** Where the loader leaves a {@link Start} for the component's code. */
export const startKey = Symbol.for("bulkhead.start");
