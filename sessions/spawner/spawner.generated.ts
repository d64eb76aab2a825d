// Generated from spawner.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";

export interface SpawnerOrder {
  /** Name among its siblings, and full label for people. */
  readonly name: string;
  readonly label: string;
  /** The module that the code came from: the root knows what sandbox it needs. */
  readonly binary: string;
  readonly codeBytes: number;
  /** Empty: as the system's. */
  readonly isolation: string;
  /** Hard limit in bytes; 0: the usual one. */
  readonly memory: number;
  /** CPU numbers; empty: all. */
  readonly processors: readonly number[];
  /** 0 is the highest of `levels`. */
  readonly priority: number;
  readonly levels: number;
  readonly pool: boolean;
  /** The component's end of the channel to its parent, and its code. */
  readonly channel: Capability;
  readonly code: Capability;
}

export function writeSpawnerOrder(writer: Writer, value: SpawnerOrder): void {
  writer.str(value.name, 64);
  writer.str(value.label, 256);
  writer.str(value.binary, 160);
  writer.u32(value.codeBytes);
  writer.str(value.isolation, 16);
  writer.u64(value.memory);
  writer.count(value.processors.length, 64);
  for (const element of value.processors) {
    writer.u16(element);
  }
  writer.i16(value.priority);
  writer.u16(value.levels);
  writer.bool(value.pool);
  writer.capability(value.channel);
  writer.capability(value.code);
}

export function readSpawnerOrder(reader: Reader): SpawnerOrder {
  return { name: reader.str(64), label: reader.str(256), binary: reader.str(160), codeBytes: reader.u32(), isolation: reader.str(16), memory: reader.u64(), processors: Array.from({ length: reader.count(64) }, () => reader.u16()), priority: reader.i16(), levels: reader.u16(), pool: reader.bool(), channel: reader.capability("channel"), code: reader.capability("dataspace") };
}

export interface SpawnerExit {
  /** The exit value, unless a signal ended it. */
  readonly value: number;
  /** Such as "SIGSEGV"; empty where there was none. */
  readonly signal: string;
  readonly outOfMemory: boolean;
}

export function writeSpawnerExit(writer: Writer, value: SpawnerExit): void {
  writer.i32(value.value);
  writer.str(value.signal, 24);
  writer.bool(value.outOfMemory);
}

export function readSpawnerExit(reader: Reader): SpawnerExit {
  return { value: reader.i32(), signal: reader.str(24), outOfMemory: reader.bool() };
}

const spawnerErrors: readonly string[] = [];

export type SpawnerArgs = Record<string, never>;

/**
 * A session of the service Spawner, as its client sees it.
 * Processes, for components that are parents themselves: nested inits, test targets, loaders. The root gives this
 * service; a component gets it by route only. All processes of a session end with it.
 */
export interface SpawnerClient {
  /** Starts a component, at the level of isolation that is told. `measures` and `missing` are separated by commas and line ends. */
  start(order: SpawnerOrder, options?: CallOptions): Promise<{ readonly process: number; readonly pid: number; readonly isolation: string; readonly measures: string; readonly missing: string }>;
  kill(process: number, options?: CallOptions): Promise<void>;
  /** Answered when the process has ended. One call a process. */
  wait(process: number, options?: CallOptions): Promise<SpawnerExit>;
  /** Memory in bytes (0 where nothing counts it) and CPU time in nanoseconds. */
  usage(process: number, options?: CallOptions): Promise<{ readonly memory: number; readonly cpuTime: number }>;
  /**
   * Whether a debugger has it, or had it since this was asked last: it then stood still for as long as a person
   * thought, and answered nobody.
   */
  debugged(process: number, options?: CallOptions): Promise<boolean>;
}

/** What a server of Spawner implements; a handler answers at once or with a promise. */
export interface SpawnerHandlers {
  /** Starts a component, at the level of isolation that is told. `measures` and `missing` are separated by commas and line ends. */
  start(order: SpawnerOrder, call: Call): { readonly process: number; readonly pid: number; readonly isolation: string; readonly measures: string; readonly missing: string } | Promise<{ readonly process: number; readonly pid: number; readonly isolation: string; readonly measures: string; readonly missing: string }>;
  kill(process: number, call: Call): void | Promise<void>;
  /** Answered when the process has ended. One call a process. */
  wait(process: number, call: Call): SpawnerExit | Promise<SpawnerExit>;
  /** Memory in bytes (0 where nothing counts it) and CPU time in nanoseconds. */
  usage(process: number, call: Call): { readonly memory: number; readonly cpuTime: number } | Promise<{ readonly memory: number; readonly cpuTime: number }>;
  /**
   * Whether a debugger has it, or had it since this was asked last: it then stood still for as long as a person
   * thought, and answered nobody.
   */
  debugged(process: number, call: Call): boolean | Promise<boolean>;
}

function decodeSpawnerStartReply(reader: Reader): { readonly process: number; readonly pid: number; readonly isolation: string; readonly measures: string; readonly missing: string } {
  const result = { process: reader.u32(), pid: reader.u32(), isolation: reader.str(16), measures: reader.str(400), missing: reader.str(400) };
  reader.end();
  return result;
}

function decodeSpawnerKillReply(reader: Reader): void {
  reader.end();
}

function decodeSpawnerWaitReply(reader: Reader): SpawnerExit {
  const result = readSpawnerExit(reader);
  reader.end();
  return result;
}

function decodeSpawnerUsageReply(reader: Reader): { readonly memory: number; readonly cpuTime: number } {
  const result = { memory: reader.u64(), cpuTime: reader.u64() };
  reader.end();
  return result;
}

function decodeSpawnerDebuggedReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

class SpawnerProxy implements SpawnerClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  start(order: SpawnerOrder, options?: CallOptions): Promise<{ readonly process: number; readonly pid: number; readonly isolation: string; readonly measures: string; readonly missing: string }> {
    try {
      const writer = this.#port.begin(0);
      writeSpawnerOrder(writer, order);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(spawnerErrors, 830, decodeSpawnerStartReply, options);
  }

  kill(process: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u32(process);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(spawnerErrors, 0, decodeSpawnerKillReply, options);
  }

  wait(process: number, options?: CallOptions): Promise<SpawnerExit> {
    try {
      const writer = this.#port.begin(2);
      writer.u32(process);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(spawnerErrors, 31, decodeSpawnerWaitReply, options);
  }

  usage(process: number, options?: CallOptions): Promise<{ readonly memory: number; readonly cpuTime: number }> {
    try {
      const writer = this.#port.begin(3);
      writer.u32(process);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(spawnerErrors, 16, decodeSpawnerUsageReply, options);
  }

  debugged(process: number, options?: CallOptions): Promise<boolean> {
    try {
      const writer = this.#port.begin(4);
      writer.u32(process);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(spawnerErrors, 1, decodeSpawnerDebuggedReply, options);
  }
}

/**
 * Processes, for components that are parents themselves: nested inits, test targets, loaders. The root gives this
 * service; a component gets it by route only. All processes of a session end with it.
 */
export const Spawner: Interface<SpawnerClient, SpawnerHandlers, SpawnerArgs> = {
  name: "Spawner",
  version: 1,
  ramQuota: 65536,
  capQuota: 8,
  args: s.object({}),
  errors: spawnerErrors,
  signals: [],
  operations: new Map<number, Operation<SpawnerHandlers>>([
    [0, {
      opcode: 0,
      name: "start",
      kind: "call",
      requestBytes: 653,
      replyBytes: 830,
      invoke(handlers, reader, call) {
        const order = readSpawnerOrder(reader);
        reader.end();
        return handlers.start(order, call);
      },
      encodeReply(writer, result: { readonly process: number; readonly pid: number; readonly isolation: string; readonly measures: string; readonly missing: string }) {
        writer.u32(result.process);
        writer.u32(result.pid);
        writer.str(result.isolation, 16);
        writer.str(result.measures, 400);
        writer.str(result.missing, 400);
      },
    }],
    [1, {
      opcode: 1,
      name: "kill",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const process = reader.u32();
        reader.end();
        return handlers.kill(process, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "wait",
      kind: "call",
      requestBytes: 4,
      replyBytes: 31,
      invoke(handlers, reader, call) {
        const process = reader.u32();
        reader.end();
        return handlers.wait(process, call);
      },
      encodeReply(writer, result: SpawnerExit) {
        writeSpawnerExit(writer, result);
      },
    }],
    [3, {
      opcode: 3,
      name: "usage",
      kind: "call",
      requestBytes: 4,
      replyBytes: 16,
      invoke(handlers, reader, call) {
        const process = reader.u32();
        reader.end();
        return handlers.usage(process, call);
      },
      encodeReply(writer, result: { readonly memory: number; readonly cpuTime: number }) {
        writer.u64(result.memory);
        writer.u64(result.cpuTime);
      },
    }],
    [4, {
      opcode: 4,
      name: "debugged",
      kind: "call",
      requestBytes: 4,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        const process = reader.u32();
        reader.end();
        return handlers.debugged(process, call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
  ]),
  client: (port) => new SpawnerProxy(port),
};
