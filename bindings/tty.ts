/**
 * Serial lines and pseudo-terminals: everything works on a descriptor that was granted, or that a serial-port library
 * opened. Functions throw errors with code ENOTTY where the terminal's driver does not have the thing asked for, as
 * pseudo-terminals have neither modem lines nor counters.
 */
import { native as addon } from "./native.js";
import { flag, number, oneOf, PackedRecord } from "./packed-record.js";

interface TtyAddon {
  ttyOpenPair(): PseudoTerminal;
  ttyOpenEnd(master: number): number;
  ttyConnected(master: number): boolean;
  ttyWatchPresence(path: string): number;
  ttyDrainPresence(watch: number): boolean;
  ttyRead(descriptor: number, bytes: Uint8Array, offset: number, length: number): number;
  ttyWrite(descriptor: number, bytes: Uint8Array, offset: number, length: number): number;
  ttySettings(descriptor: number, out: Uint32Array): void;
  ttyApply(descriptor: number, settings: Uint32Array): void;
  ttyLines(descriptor: number): number;
  ttyChangeLines(descriptor: number, raise: number, lower: number): void;
  ttyBreak(descriptor: number, on: boolean): void;
  ttyCounters(descriptor: number, out: Uint32Array): void;
  ttyRs485(descriptor: number, out: Uint32Array): void;
  ttyChangeRs485(descriptor: number, settings: Uint32Array): void;
  ttyExclusive(descriptor: number, exclusive: boolean): void;
  ttyFlush(descriptor: number, queue: number): void;
  ttyPending(descriptor: number): number;
  ttyWindow(descriptor: number): number;
  ttyChangeWindow(descriptor: number, columns: number, rows: number): void;
  ttyDecodeMarks(state: Uint32Array, input: Uint8Array, length: number, output: Uint8Array, marks: Uint32Array): void;
  ttyFinishMarks(state: Uint32Array, output: Uint8Array): void;
}

const native = addon as unknown as TtyAddon;

/** The master end of a pseudo-terminal, and the path of its terminal end. */
export interface PseudoTerminal {
  readonly descriptor: number;
  readonly path: string;
}

/** Opens a pseudo-terminal whose terminal end is raw. Nobody has that end open yet: {@link connected} is false. */
export function openPseudoTerminal(): PseudoTerminal {
  return native.ttyOpenPair();
}

/** Opens the terminal end of a master by descriptor alone, where /dev is not visible. */
export function openTerminalEnd(master: number): number {
  return native.ttyOpenEnd(master);
}

/**
 * Whether somebody has the terminal end of a master open.
 *
 * At the last close the master polls as hung up, and goes on doing so: stop watching it then. The next open does not
 * show on the master; it shows on a descriptor of {@link watchPresence}.
 */
export function connected(master: number): boolean {
  return native.ttyConnected(master);
}

/** A descriptor that becomes readable when somebody opens or closes the terminal at `path`. Made by the host, which sees the path. */
export function watchPresence(path: string): number {
  return native.ttyWatchPresence(path);
}

/** Takes the news from a presence watch: true when there was any. Then ask {@link connected}. */
export function drainPresence(watch: number): boolean {
  return native.ttyDrainPresence(watch);
}

/** Reads what waits, without blocking: the number of bytes, undefined when none wait, 0 after a hang-up. */
export function readLine(
  descriptor: number,
  bytes: Uint8Array,
  offset = 0,
  length = bytes.length - offset,
): number | undefined {
  const count = native.ttyRead(descriptor, bytes, offset, length);
  return count === 0 ? undefined : Math.max(count, 0); // -1 is the hang-up
}

/** Writes what the queue takes, without blocking: the number of bytes, 0 when it is full, undefined after a hang-up. */
export function writeLine(
  descriptor: number,
  bytes: Uint8Array,
  offset = 0,
  length = bytes.length - offset,
): number | undefined {
  const count = native.ttyWrite(descriptor, bytes, offset, length);
  return count < 0 ? undefined : count;
}

export type Parity = "none" | "even" | "odd" | "mark" | "space";

/** How a serial line is set. It is always raw. */
export interface LineSettings {
  /** Baud: any number; the device takes the nearest that it can. */
  readonly inputRate: number;
  readonly outputRate: number;
  /** 5 to 8. */
  readonly dataBits: number;
  readonly parity: Parity;
  /** 1 or 2. */
  readonly stopBits: number;
  /** RTS and CTS. */
  readonly hardwareFlow: boolean;
  /** XON and XOFF, in both directions. */
  readonly softwareFlow: boolean;
  /** The modem lines do not end the connection. */
  readonly local: boolean;
  /** DTR falls when the last holder closes. */
  readonly hangUp: boolean;
  /** Breaks and damaged characters arrive as marks within the bytes: read them through a {@link MarkDecoder}. */
  readonly marks: boolean;
}

const lineWords = new PackedRecord<LineSettings>({
  inputRate: number,
  outputRate: number,
  dataBits: number,
  parity: oneOf(["none", "even", "odd", "mark", "space"]),
  stopBits: number,
  hardwareFlow: flag,
  softwareFlow: flag,
  local: flag,
  hangUp: flag,
  marks: flag,
});

/** The settings in force. On a master: those of its terminal end, so a stand-in learns what its user asked for. */
export function lineSettings(descriptor: number): LineSettings {
  return lineWords.filledBy((words) => native.ttySettings(descriptor, words));
}

/**
 * Changes some settings, once what was written before is sent, and returns those that are in force then: a terminal
 * takes what it can, and does not complain of the rest. Throws EINVAL for values that no terminal has.
 */
export function applyLineSettings(descriptor: number, changes: Partial<LineSettings>): LineSettings {
  native.ttyApply(descriptor, lineWords.pack({ ...lineSettings(descriptor), ...changes }));
  return lineSettings(descriptor);
}

/** The modem lines. DTR and RTS are outputs, the others inputs. */
export const modemLine = { dtr: 0x002, rts: 0x004, cts: 0x020, carrier: 0x040, ring: 0x080, dsr: 0x100 } as const;

/** The lines that are raised, as bits of {@link modemLine}. */
export function modemLines(descriptor: number): number {
  return native.ttyLines(descriptor);
}

/** Raises and lowers DTR and RTS, as bits of {@link modemLine}. What is in neither set stays. */
export function changeModemLines(descriptor: number, raise: number, lower: number): void {
  native.ttyChangeLines(descriptor, raise, lower);
}

/** Holds the line in the break state, or ends it. */
export function setBreak(descriptor: number, on: boolean): void {
  native.ttyBreak(descriptor, on);
}

/** What the driver of a serial line has counted since it started. Unsigned 32 bits, wrapping. */
export interface LineCounters {
  /** Changes of the modem lines. */
  readonly cts: number;
  readonly dsr: number;
  readonly ring: number;
  readonly carrier: number;
  /** Characters. */
  readonly received: number;
  readonly sent: number;
  readonly framingErrors: number;
  /** Characters that the device lost. */
  readonly overruns: number;
  readonly parityErrors: number;
  readonly breaks: number;
  /** Characters that the kernel's buffer lost. */
  readonly bufferOverruns: number;
}

const counterWords = new PackedRecord<LineCounters>({
  cts: number,
  dsr: number,
  ring: number,
  carrier: number,
  received: number,
  sent: number,
  framingErrors: number,
  overruns: number,
  parityErrors: number,
  breaks: number,
  bufferOverruns: number,
});

export function lineCounters(descriptor: number): LineCounters {
  return counterWords.filledBy((words) => native.ttyCounters(descriptor, words));
}

/** A line that shares its wires: RTS switches the transmitter. */
export interface Rs485 {
  readonly enabled: boolean;
  readonly rtsOnSend: boolean;
  readonly rtsAfterSend: boolean;
  readonly receiveWhileSending: boolean;
  readonly terminateBus: boolean;
  /** Milliseconds. */
  readonly delayBeforeSend: number;
  readonly delayAfterSend: number;
}

const rs485Words = new PackedRecord<Rs485>({
  enabled: flag,
  rtsOnSend: flag,
  rtsAfterSend: flag,
  receiveWhileSending: flag,
  terminateBus: flag,
  delayBeforeSend: number,
  delayAfterSend: number,
});

export function rs485(descriptor: number): Rs485 {
  return rs485Words.filledBy((words) => native.ttyRs485(descriptor, words));
}

/** Returns what is in force afterwards: the driver takes what it can. */
export function applyRs485(descriptor: number, settings: Rs485): Rs485 {
  const words = rs485Words.pack(settings);
  native.ttyChangeRs485(descriptor, words);
  return rs485Words.unpack(words);
}

/** While exclusive, opening the terminal again fails with EBUSY, except for root. */
export function setExclusive(descriptor: number, exclusive: boolean): void {
  native.ttyExclusive(descriptor, exclusive);
}

const queues = ["input", "output", "both"] as const;

/** Drops what was received and not read (`input`), or written and not sent (`output`). */
export function flushLine(descriptor: number, queue: (typeof queues)[number]): void {
  native.ttyFlush(descriptor, queues.indexOf(queue));
}

/** Bytes written and not yet handed to the transmitter. */
export function outputPending(descriptor: number): number {
  return native.ttyPending(descriptor);
}

export interface WindowSize {
  /** Characters. */
  readonly columns: number;
  readonly rows: number;
}

export function windowSize(descriptor: number): WindowSize {
  const packed = native.ttyWindow(descriptor);
  return { columns: Math.floor(packed / 0x1_0000), rows: packed % 0x1_0000 };
}

/** The foreground process group of the terminal gets SIGWINCH. */
export function setWindowSize(descriptor: number, size: WindowSize): void {
  native.ttyChangeWindow(descriptor, size.columns, size.rows);
}

/** A received break lies before the character at `position`; a damaged character is the one at `position`. */
export interface Mark {
  readonly kind: "break" | "damaged";
  /** In the bytes beside it. */
  readonly position: number;
}

export interface Unmarked {
  /** The characters. A view that the next call overwrites. */
  readonly bytes: Uint8Array;
  readonly marks: readonly Mark[];
}

const noMarks: readonly Mark[] = [];

/**
 * Takes the marks out of what a line with {@link LineSettings.marks} delivers, in pieces of any size. A damaged
 * character 0 cannot be told from a break: the kernel writes both alike.
 */
export class MarkDecoder {
  readonly #state = new Uint32Array(3);
  #output = new Uint8Array(4096);
  #marks = new Uint32Array(4096);

  decode(input: Uint8Array, length = input.length): Unmarked {
    if (this.#output.length < length + 1) {
      this.#output = new Uint8Array(length + 1);
      this.#marks = new Uint32Array(2 * Math.ceil((length + 2) / 3));
    }
    native.ttyDecodeMarks(this.#state, input, length, this.#output, this.#marks);
    return this.#result();
  }

  /** At the end of the line: what was held back as the start of a mark is data after all. */
  finish(): Unmarked {
    native.ttyFinishMarks(this.#state, this.#output);
    return this.#result();
  }

  #result(): Unmarked {
    const [, written = 0, count = 0] = this.#state;
    const bytes = this.#output.subarray(0, written);
    if (count === 0) return { bytes, marks: noMarks };
    const marks = Array.from(
      { length: count },
      (_, index): Mark => ({
        position: this.#marks[2 * index] ?? 0,
        kind: this.#marks[2 * index + 1] === 1 ? "break" : "damaged",
      }),
    );
    return { bytes, marks };
  }
}

/** The inverse of {@link MarkDecoder}: how a stand-in for a serial device conveys breaks and damage within its bytes. */
export function encodeMarks(bytes: Uint8Array, marks: readonly Mark[] = noMarks): Uint8Array {
  const result: number[] = [];
  const ordered = [...marks].sort((a, b) => a.position - b.position);
  let next = 0;
  for (let position = 0; position <= bytes.length; ++position) {
    let damaged = false;
    for (; ordered[next]?.position === position; ++next) {
      if (ordered[next]?.kind === "break") result.push(0xff, 0, 0);
      else damaged = true;
    }
    const byte = bytes[position];
    if (byte === undefined) break;
    if (damaged) result.push(0xff, 0, byte);
    else if (byte === 0xff) result.push(0xff, 0xff);
    else result.push(byte);
  }
  return Uint8Array.from(result);
}
