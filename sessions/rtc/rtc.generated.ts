// Generated from rtc.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";

export interface RtcTime {
  readonly seconds: number;
  /** Since the beginning of that second; 0 where the clock counts whole seconds. */
  readonly microseconds: number;
}

export function writeRtcTime(writer: Writer, value: RtcTime): void {
  writer.i64(value.seconds);
  writer.u32(value.microseconds);
}

export function readRtcTime(reader: Reader): RtcTime {
  return { seconds: reader.i64(), microseconds: reader.u32() };
}

export interface RtcFacts {
  /** What keeps the time, for people: the name of the hardware, or `system clock`. */
  readonly source: string;
  /** Whether a device of its own keeps it, and not the system that this runs on. */
  readonly hardware: boolean;
  /** Microseconds from one reading that the clock can show to the next. */
  readonly resolution: number;
  /** Whether this session may set it. */
  readonly writeable: boolean;
  /** Whether the hardware itself tells of an alarm, which wakes a sleeping machine too; else its driver counts. */
  readonly alarm: boolean;
  /** Whether there are `set_updates` and `battery`. */
  readonly updates: boolean;
  readonly battery: boolean;
}

export function writeRtcFacts(writer: Writer, value: RtcFacts): void {
  writer.str(value.source, 64);
  writer.bool(value.hardware);
  writer.u32(value.resolution);
  writer.bool(value.writeable);
  writer.bool(value.alarm);
  writer.bool(value.updates);
  writer.bool(value.battery);
}

export function readRtcFacts(reader: Reader): RtcFacts {
  return { source: reader.str(64), hardware: reader.bool(), resolution: reader.u32(), writeable: reader.bool(), alarm: reader.bool(), updates: reader.bool(), battery: reader.bool() };
}

export interface RtcBattery {
  /** The time is wrong: the voltage was too low to keep it. */
  readonly timeLost: boolean;
  readonly low: boolean;
  readonly empty: boolean;
  /** The voltage is too low for the clock to be exact. */
  readonly inexact: boolean;
  /** The clock ran on it since it was last asked. */
  readonly used: boolean;
}

export function writeRtcBattery(writer: Writer, value: RtcBattery): void {
  writer.bool(value.timeLost);
  writer.bool(value.low);
  writer.bool(value.empty);
  writer.bool(value.inexact);
  writer.bool(value.used);
}

export function readRtcBattery(reader: Reader): RtcBattery {
  return { timeLost: reader.bool(), low: reader.bool(), empty: reader.bool(), inexact: reader.bool(), used: reader.bool() };
}

const rtcErrors: readonly string[] = ["Unset", "Unsupported"];

export type RtcArgs = Record<string, never>;

/**
 * A session of the service Rtc, as its client sees it.
 * A clock that knows the date, such as the real-time clock of a machine, which goes on while the machine is off. Times
 * are UTC, in seconds since 1970-01-01T00:00:00Z, as calendars count them: without leap seconds.
 */
export interface RtcClient {
  /**
   * Fails with Unavailable while the clock is not there.
   * @throws SessionError `Unset`
   */
  time(options?: CallOptions): Promise<RtcTime>;
  /**
   * Sets the clock, at the beginning of that second, for everybody. Fails with Denied where the policy does not say
   * `writeable`, with Device where the host refuses.
   */
  setTime(seconds: number, options?: CallOptions): Promise<void>;
  facts(options?: CallOptions): Promise<RtcFacts>;
  /** @throws SessionError `Unsupported` */
  battery(options?: CallOptions): Promise<RtcBattery>;
  /**
   * Raises `alarm` once, as soon as the clock shows this time or a later one, also when it is set to that. Replaces the
   * session's alarm. It outlives an absence of the clock.
   */
  setAlarm(seconds: number, options?: CallOptions): Promise<void>;
  clearAlarm(options?: CallOptions): Promise<void>;
  /**
   * Whether `update` is raised when the clock begins a second.
   * @throws SessionError `Unsupported`
   */
  setUpdates(on: boolean, options?: CallOptions): Promise<void>;
}

/** What a server of Rtc implements; a handler answers at once or with a promise. */
export interface RtcHandlers {
  /**
   * Fails with Unavailable while the clock is not there.
   * @throws SessionError `Unset`
   */
  time(call: Call): RtcTime | Promise<RtcTime>;
  /**
   * Sets the clock, at the beginning of that second, for everybody. Fails with Denied where the policy does not say
   * `writeable`, with Device where the host refuses.
   */
  setTime(seconds: number, call: Call): void | Promise<void>;
  facts(call: Call): RtcFacts | Promise<RtcFacts>;
  /** @throws SessionError `Unsupported` */
  battery(call: Call): RtcBattery | Promise<RtcBattery>;
  /**
   * Raises `alarm` once, as soon as the clock shows this time or a later one, also when it is set to that. Replaces the
   * session's alarm. It outlives an absence of the clock.
   */
  setAlarm(seconds: number, call: Call): void | Promise<void>;
  clearAlarm(call: Call): void | Promise<void>;
  /**
   * Whether `update` is raised when the clock begins a second.
   * @throws SessionError `Unsupported`
   */
  setUpdates(on: boolean, call: Call): void | Promise<void>;
}

function decodeRtcTimeReply(reader: Reader): RtcTime {
  const result = readRtcTime(reader);
  reader.end();
  return result;
}

function decodeRtcSetTimeReply(reader: Reader): void {
  reader.end();
}

function decodeRtcFactsReply(reader: Reader): RtcFacts {
  const result = readRtcFacts(reader);
  reader.end();
  return result;
}

function decodeRtcBatteryReply(reader: Reader): RtcBattery {
  const result = readRtcBattery(reader);
  reader.end();
  return result;
}

function decodeRtcSetAlarmReply(reader: Reader): void {
  reader.end();
}

function decodeRtcClearAlarmReply(reader: Reader): void {
  reader.end();
}

function decodeRtcSetUpdatesReply(reader: Reader): void {
  reader.end();
}

class RtcProxy implements RtcClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  time(options?: CallOptions): Promise<RtcTime> {
    this.#port.begin(0);
    return this.#port.call(rtcErrors, 12, decodeRtcTimeReply, options);
  }

  setTime(seconds: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.i64(seconds);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(rtcErrors, 0, decodeRtcSetTimeReply, options);
  }

  facts(options?: CallOptions): Promise<RtcFacts> {
    this.#port.begin(2);
    return this.#port.call(rtcErrors, 75, decodeRtcFactsReply, options);
  }

  battery(options?: CallOptions): Promise<RtcBattery> {
    this.#port.begin(3);
    return this.#port.call(rtcErrors, 5, decodeRtcBatteryReply, options);
  }

  setAlarm(seconds: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.i64(seconds);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(rtcErrors, 0, decodeRtcSetAlarmReply, options);
  }

  clearAlarm(options?: CallOptions): Promise<void> {
    this.#port.begin(5);
    return this.#port.call(rtcErrors, 0, decodeRtcClearAlarmReply, options);
  }

  setUpdates(on: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(6);
      writer.bool(on);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(rtcErrors, 0, decodeRtcSetUpdatesReply, options);
  }
}

/**
 * A clock that knows the date, such as the real-time clock of a machine, which goes on while the machine is off. Times
 * are UTC, in seconds since 1970-01-01T00:00:00Z, as calendars count them: without leap seconds.
 */
export const Rtc: Interface<RtcClient, RtcHandlers, RtcArgs> = {
  name: "Rtc",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: rtcErrors,
  signals: ["alarm", "update", "timeChanged"],
  operations: new Map<number, Operation<RtcHandlers>>([
    [0, {
      opcode: 0,
      name: "time",
      kind: "call",
      requestBytes: 0,
      replyBytes: 12,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.time(call);
      },
      encodeReply(writer, result: RtcTime) {
        writeRtcTime(writer, result);
      },
    }],
    [1, {
      opcode: 1,
      name: "setTime",
      kind: "call",
      requestBytes: 8,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const seconds = reader.i64();
        reader.end();
        return handlers.setTime(seconds, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "facts",
      kind: "call",
      requestBytes: 0,
      replyBytes: 75,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.facts(call);
      },
      encodeReply(writer, result: RtcFacts) {
        writeRtcFacts(writer, result);
      },
    }],
    [3, {
      opcode: 3,
      name: "battery",
      kind: "call",
      requestBytes: 0,
      replyBytes: 5,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.battery(call);
      },
      encodeReply(writer, result: RtcBattery) {
        writeRtcBattery(writer, result);
      },
    }],
    [4, {
      opcode: 4,
      name: "setAlarm",
      kind: "call",
      requestBytes: 8,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const seconds = reader.i64();
        reader.end();
        return handlers.setAlarm(seconds, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "clearAlarm",
      kind: "call",
      requestBytes: 0,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.clearAlarm(call);
      },
    }],
    [6, {
      opcode: 6,
      name: "setUpdates",
      kind: "call",
      requestBytes: 1,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const on = reader.bool();
        reader.end();
        return handlers.setUpdates(on, call);
      },
    }],
  ]),
  client: (port) => new RtcProxy(port),
};
