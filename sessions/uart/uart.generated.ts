// Generated from uart.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";
import type { TerminalClient, TerminalHandlers } from "../terminal/terminal.generated.js";

export const UartControlParity = {
  none: 0,
  odd: 1,
  even: 2,
  mark: 3,
  space: 4,
} as const;
export type UartControlParity = (typeof UartControlParity)[keyof typeof UartControlParity];

export function isUartControlParity(value: number): value is UartControlParity {
  switch (value) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return true;
    default:
      return false;
  }
}

export function writeUartControlParity(writer: Writer, value: UartControlParity): void {
  if (!isUartControlParity(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as UartControl.Parity`);
  writer.u8(value);
}

export function readUartControlParity(reader: Reader): UartControlParity {
  const value = reader.u8();
  if (!isUartControlParity(value)) throw new SessionError("Malformed", `UartControl.Parity has no item ${value}`);
  return value;
}

export const UartControlFlowControl = {
  none: 0,
  hardware: 1,
  software: 2,
} as const;
export type UartControlFlowControl = (typeof UartControlFlowControl)[keyof typeof UartControlFlowControl];

export function isUartControlFlowControl(value: number): value is UartControlFlowControl {
  switch (value) {
    case 0:
    case 1:
    case 2:
      return true;
    default:
      return false;
  }
}

export function writeUartControlFlowControl(writer: Writer, value: UartControlFlowControl): void {
  if (!isUartControlFlowControl(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as UartControl.FlowControl`);
  writer.u8(value);
}

export function readUartControlFlowControl(reader: Reader): UartControlFlowControl {
  const value = reader.u8();
  if (!isUartControlFlowControl(value)) throw new SessionError("Malformed", `UartControl.FlowControl has no item ${value}`);
  return value;
}

export interface UartControlLine {
  /** Bits a second. */
  readonly baudRate: number;
  readonly dataBits: number;
  readonly stopBits: number;
  readonly parity: UartControlParity;
  readonly flowControl: UartControlFlowControl;
}

export function writeUartControlLine(writer: Writer, value: UartControlLine): void {
  writer.u32(value.baudRate);
  writer.u8(value.dataBits);
  writer.u8(value.stopBits);
  writeUartControlParity(writer, value.parity);
  writeUartControlFlowControl(writer, value.flowControl);
}

export function readUartControlLine(reader: Reader): UartControlLine {
  return { baudRate: reader.u32(), dataBits: reader.u8(), stopBits: reader.u8(), parity: readUartControlParity(reader), flowControl: readUartControlFlowControl(reader) };
}

export interface UartControlModem {
  readonly dtr: boolean;
  readonly rts: boolean;
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly ri: boolean;
  readonly dcd: boolean;
}

export function writeUartControlModem(writer: Writer, value: UartControlModem): void {
  writer.bool(value.dtr);
  writer.bool(value.rts);
  writer.bool(value.cts);
  writer.bool(value.dsr);
  writer.bool(value.ri);
  writer.bool(value.dcd);
}

export function readUartControlModem(reader: Reader): UartControlModem {
  return { dtr: reader.bool(), rts: reader.bool(), cts: reader.bool(), dsr: reader.bool(), ri: reader.bool(), dcd: reader.bool() };
}

/** Since the device was opened, as its driver counts them. */
export interface UartControlCounters {
  readonly received: number;
  readonly sent: number;
  readonly frameErrors: number;
  readonly overruns: number;
  readonly parityErrors: number;
  readonly breaks: number;
  readonly bufferOverruns: number;
}

export function writeUartControlCounters(writer: Writer, value: UartControlCounters): void {
  writer.u32(value.received);
  writer.u32(value.sent);
  writer.u32(value.frameErrors);
  writer.u32(value.overruns);
  writer.u32(value.parityErrors);
  writer.u32(value.breaks);
  writer.u32(value.bufferOverruns);
}

export function readUartControlCounters(reader: Reader): UartControlCounters {
  return { received: reader.u32(), sent: reader.u32(), frameErrors: reader.u32(), overruns: reader.u32(), parityErrors: reader.u32(), breaks: reader.u32(), bufferOverruns: reader.u32() };
}

const uartControlErrors: readonly string[] = ["Unsupported"];
const terminalErrors: readonly string[] = [];

export type UartControlArgs = Record<string, never>;

/**
 * A session of the service UartControl, as its client sees it.
 * The line behind a serial terminal.
 */
export interface UartControlClient {
  line(options?: CallOptions): Promise<UartControlLine>;
  /** @throws SessionError `Unsupported` */
  setLine(line: UartControlLine, options?: CallOptions): Promise<void>;
  /** @throws SessionError `Unsupported` */
  modem(options?: CallOptions): Promise<UartControlModem>;
  /** @throws SessionError `Unsupported` */
  setModem(dtr: boolean, rts: boolean, options?: CallOptions): Promise<void>;
  /**
   * Holds the line at space for this long.
   * @throws SessionError `Unsupported`
   */
  sendBreak(milliseconds: number, options?: CallOptions): Promise<void>;
  /** Breaks received since the last call. */
  takeBreaks(options?: CallOptions): Promise<number>;
  /** @throws SessionError `Unsupported` */
  counters(options?: CallOptions): Promise<UartControlCounters>;
}

/** What a server of UartControl implements; a handler answers at once or with a promise. */
export interface UartControlHandlers {
  line(call: Call): UartControlLine | Promise<UartControlLine>;
  /** @throws SessionError `Unsupported` */
  setLine(line: UartControlLine, call: Call): void | Promise<void>;
  /** @throws SessionError `Unsupported` */
  modem(call: Call): UartControlModem | Promise<UartControlModem>;
  /** @throws SessionError `Unsupported` */
  setModem(dtr: boolean, rts: boolean, call: Call): void | Promise<void>;
  /**
   * Holds the line at space for this long.
   * @throws SessionError `Unsupported`
   */
  sendBreak(milliseconds: number, call: Call): void | Promise<void>;
  /** Breaks received since the last call. */
  takeBreaks(call: Call): number | Promise<number>;
  /** @throws SessionError `Unsupported` */
  counters(call: Call): UartControlCounters | Promise<UartControlCounters>;
}

function decodeUartControlLineReply(reader: Reader): UartControlLine {
  const result = readUartControlLine(reader);
  reader.end();
  return result;
}

function decodeUartControlSetLineReply(reader: Reader): void {
  reader.end();
}

function decodeUartControlModemReply(reader: Reader): UartControlModem {
  const result = readUartControlModem(reader);
  reader.end();
  return result;
}

function decodeUartControlSetModemReply(reader: Reader): void {
  reader.end();
}

function decodeUartControlSendBreakReply(reader: Reader): void {
  reader.end();
}

function decodeUartControlTakeBreaksReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeUartControlCountersReply(reader: Reader): UartControlCounters {
  const result = readUartControlCounters(reader);
  reader.end();
  return result;
}

class UartControlProxy implements UartControlClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  line(options?: CallOptions): Promise<UartControlLine> {
    this.#port.begin(32);
    return this.#port.call(uartControlErrors, 8, decodeUartControlLineReply, options);
  }

  setLine(line: UartControlLine, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(33);
      writeUartControlLine(writer, line);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(uartControlErrors, 0, decodeUartControlSetLineReply, options);
  }

  modem(options?: CallOptions): Promise<UartControlModem> {
    this.#port.begin(34);
    return this.#port.call(uartControlErrors, 6, decodeUartControlModemReply, options);
  }

  setModem(dtr: boolean, rts: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(35);
      writer.bool(dtr);
      writer.bool(rts);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(uartControlErrors, 0, decodeUartControlSetModemReply, options);
  }

  sendBreak(milliseconds: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(36);
      writer.u16(milliseconds);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(uartControlErrors, 0, decodeUartControlSendBreakReply, options);
  }

  takeBreaks(options?: CallOptions): Promise<number> {
    this.#port.begin(37);
    return this.#port.call(uartControlErrors, 4, decodeUartControlTakeBreaksReply, options);
  }

  counters(options?: CallOptions): Promise<UartControlCounters> {
    this.#port.begin(38);
    return this.#port.call(uartControlErrors, 28, decodeUartControlCountersReply, options);
  }
}

/** The line behind a serial terminal. */
export const UartControl: Interface<UartControlClient, UartControlHandlers, UartControlArgs> = {
  name: "UartControl",
  version: 1,
  ramQuota: 65536,
  capQuota: 4,
  args: s.object({}),
  errors: uartControlErrors,
  signals: ["", "", "", "", "", "", "", "", "breakReceived", "modemChanged"],
  operations: new Map<number, Operation<UartControlHandlers>>([
    [32, {
      opcode: 32,
      name: "line",
      kind: "call",
      requestBytes: 0,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.line(call);
      },
      encodeReply(writer, result: UartControlLine) {
        writeUartControlLine(writer, result);
      },
    }],
    [33, {
      opcode: 33,
      name: "setLine",
      kind: "call",
      requestBytes: 8,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const line = readUartControlLine(reader);
        reader.end();
        return handlers.setLine(line, call);
      },
    }],
    [34, {
      opcode: 34,
      name: "modem",
      kind: "call",
      requestBytes: 0,
      replyBytes: 6,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.modem(call);
      },
      encodeReply(writer, result: UartControlModem) {
        writeUartControlModem(writer, result);
      },
    }],
    [35, {
      opcode: 35,
      name: "setModem",
      kind: "call",
      requestBytes: 2,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const dtr = reader.bool();
        const rts = reader.bool();
        reader.end();
        return handlers.setModem(dtr, rts, call);
      },
    }],
    [36, {
      opcode: 36,
      name: "sendBreak",
      kind: "call",
      requestBytes: 2,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const milliseconds = reader.u16();
        reader.end();
        return handlers.sendBreak(milliseconds, call);
      },
    }],
    [37, {
      opcode: 37,
      name: "takeBreaks",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.takeBreaks(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [38, {
      opcode: 38,
      name: "counters",
      kind: "call",
      requestBytes: 0,
      replyBytes: 28,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.counters(call);
      },
      encodeReply(writer, result: UartControlCounters) {
        writeUartControlCounters(writer, result);
      },
    }],
  ]),
  client: (port) => new UartControlProxy(port),
};

export type UartArgs = Record<string, never>;

/**
 * A session of the service Uart, as its client sees it.
 * A serial line: a Terminal whose line can be controlled.
 */
export interface UartClient extends TerminalClient, UartControlClient {}

/** What a server of Uart implements; a handler answers at once or with a promise. */
export interface UartHandlers extends TerminalHandlers, UartControlHandlers {}

function decodeUartBufferReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeUartSizeReply(reader: Reader): { readonly columns: number; readonly lines: number } {
  const result = { columns: reader.u16(), lines: reader.u16() };
  reader.end();
  return result;
}

function decodeUartConnectedReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeUartAvailableReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeUartReadReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeUartWriteReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeUartLineReply(reader: Reader): UartControlLine {
  const result = readUartControlLine(reader);
  reader.end();
  return result;
}

function decodeUartSetLineReply(reader: Reader): void {
  reader.end();
}

function decodeUartModemReply(reader: Reader): UartControlModem {
  const result = readUartControlModem(reader);
  reader.end();
  return result;
}

function decodeUartSetModemReply(reader: Reader): void {
  reader.end();
}

function decodeUartSendBreakReply(reader: Reader): void {
  reader.end();
}

function decodeUartTakeBreaksReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeUartCountersReply(reader: Reader): UartControlCounters {
  const result = readUartControlCounters(reader);
  reader.end();
  return result;
}

class UartProxy implements UartClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  buffer(options?: CallOptions): Promise<Capability> {
    this.#port.begin(0);
    return this.#port.call(terminalErrors, 1, decodeUartBufferReply, options);
  }

  size(options?: CallOptions): Promise<{ readonly columns: number; readonly lines: number }> {
    this.#port.begin(1);
    return this.#port.call(terminalErrors, 4, decodeUartSizeReply, options);
  }

  connected(options?: CallOptions): Promise<boolean> {
    this.#port.begin(2);
    return this.#port.call(terminalErrors, 1, decodeUartConnectedReply, options);
  }

  available(options?: CallOptions): Promise<number> {
    this.#port.begin(3);
    return this.#port.call(terminalErrors, 4, decodeUartAvailableReply, options);
  }

  read(max: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(4);
      writer.u32(max);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(terminalErrors, 4, decodeUartReadReply, options);
  }

  write(length: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(5);
      writer.u32(length);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(terminalErrors, 4, decodeUartWriteReply, options);
  }

  line(options?: CallOptions): Promise<UartControlLine> {
    this.#port.begin(32);
    return this.#port.call(uartControlErrors, 8, decodeUartLineReply, options);
  }

  setLine(line: UartControlLine, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(33);
      writeUartControlLine(writer, line);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(uartControlErrors, 0, decodeUartSetLineReply, options);
  }

  modem(options?: CallOptions): Promise<UartControlModem> {
    this.#port.begin(34);
    return this.#port.call(uartControlErrors, 6, decodeUartModemReply, options);
  }

  setModem(dtr: boolean, rts: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(35);
      writer.bool(dtr);
      writer.bool(rts);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(uartControlErrors, 0, decodeUartSetModemReply, options);
  }

  sendBreak(milliseconds: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(36);
      writer.u16(milliseconds);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(uartControlErrors, 0, decodeUartSendBreakReply, options);
  }

  takeBreaks(options?: CallOptions): Promise<number> {
    this.#port.begin(37);
    return this.#port.call(uartControlErrors, 4, decodeUartTakeBreaksReply, options);
  }

  counters(options?: CallOptions): Promise<UartControlCounters> {
    this.#port.begin(38);
    return this.#port.call(uartControlErrors, 28, decodeUartCountersReply, options);
  }
}

/** A serial line: a Terminal whose line can be controlled. */
export const Uart: Interface<UartClient, UartHandlers, UartArgs> = {
  name: "Uart",
  version: 1,
  ramQuota: 131072,
  capQuota: 8,
  args: s.object({}),
  errors: ["Unsupported"],
  signals: ["readAvailable", "writeReady", "connectedChanged", "sizeChanged", "", "", "", "", "breakReceived", "modemChanged"],
  operations: new Map<number, Operation<UartHandlers>>([
    [0, {
      opcode: 0,
      name: "buffer",
      kind: "call",
      errors: terminalErrors,
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.buffer(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "size",
      kind: "call",
      errors: terminalErrors,
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.size(call);
      },
      encodeReply(writer, result: { readonly columns: number; readonly lines: number }) {
        writer.u16(result.columns);
        writer.u16(result.lines);
      },
    }],
    [2, {
      opcode: 2,
      name: "connected",
      kind: "call",
      errors: terminalErrors,
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.connected(call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [3, {
      opcode: 3,
      name: "available",
      kind: "call",
      errors: terminalErrors,
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.available(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [4, {
      opcode: 4,
      name: "read",
      kind: "call",
      errors: terminalErrors,
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const max = reader.u32();
        reader.end();
        return handlers.read(max, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [5, {
      opcode: 5,
      name: "write",
      kind: "call",
      errors: terminalErrors,
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const length = reader.u32();
        reader.end();
        return handlers.write(length, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [32, {
      opcode: 32,
      name: "line",
      kind: "call",
      errors: uartControlErrors,
      requestBytes: 0,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.line(call);
      },
      encodeReply(writer, result: UartControlLine) {
        writeUartControlLine(writer, result);
      },
    }],
    [33, {
      opcode: 33,
      name: "setLine",
      kind: "call",
      errors: uartControlErrors,
      requestBytes: 8,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const line = readUartControlLine(reader);
        reader.end();
        return handlers.setLine(line, call);
      },
    }],
    [34, {
      opcode: 34,
      name: "modem",
      kind: "call",
      errors: uartControlErrors,
      requestBytes: 0,
      replyBytes: 6,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.modem(call);
      },
      encodeReply(writer, result: UartControlModem) {
        writeUartControlModem(writer, result);
      },
    }],
    [35, {
      opcode: 35,
      name: "setModem",
      kind: "call",
      errors: uartControlErrors,
      requestBytes: 2,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const dtr = reader.bool();
        const rts = reader.bool();
        reader.end();
        return handlers.setModem(dtr, rts, call);
      },
    }],
    [36, {
      opcode: 36,
      name: "sendBreak",
      kind: "call",
      errors: uartControlErrors,
      requestBytes: 2,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const milliseconds = reader.u16();
        reader.end();
        return handlers.sendBreak(milliseconds, call);
      },
    }],
    [37, {
      opcode: 37,
      name: "takeBreaks",
      kind: "call",
      errors: uartControlErrors,
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.takeBreaks(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [38, {
      opcode: 38,
      name: "counters",
      kind: "call",
      errors: uartControlErrors,
      requestBytes: 0,
      replyBytes: 28,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.counters(call);
      },
      encodeReply(writer, result: UartControlCounters) {
        writeUartControlCounters(writer, result);
      },
    }],
  ]),
  client: (port) => new UartProxy(port),
};
