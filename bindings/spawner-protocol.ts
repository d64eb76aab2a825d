/**
 * The language of the spawner's socket, as native/core/spawn/protocol.h and docs/spawner.md define it:
 * little-endian, unaligned, strings with their length in front and a zero byte behind.
 */

export const maximumMessage = 65536;
/** What Linux passes with one packet. */
const maximumDescriptors = 253;

export const requestTypes = {
  create: 1,
  kill: 2,
  resources: 3,
  grantDevice: 4,
  withdrawDevice: 5,
  usage: 6,
  console: 7,
} as const;
export const answerTypes = { created: 64, done: 65, failed: 66, usageReport: 67, exited: 68 } as const;

/** How far a component is shut off: all measures; without namespaces; the system-call filter and limits alone. */
export const isolationLevels = ["full", "landlock", "seccomp"] as const;
export type IsolationLevel = (typeof isolationLevels)[number];

/** In the order of their bits. */
export const measures = [
  "user-namespace",
  "mount-namespace",
  "pid-namespace",
  "network-namespace",
  "ipc-namespace",
  "uts-namespace",
  "cgroup-namespace",
  "own-user",
  "empty-root",
  "no-new-privileges",
  "no-capabilities",
  "landlock-files",
  "landlock-network",
  "landlock-scopes",
  "system-call-filter",
  "memory-limit",
  "process-limit",
  "cpu-limit",
  "open-file-limit",
  "scheduling",
] as const;
export type Measure = (typeof measures)[number];

/** In the order of their bits: see `Permission` in protocol.h. */
export const permissions = ["sockets", "processes", "io-uring", "proc"] as const;
export type Permission = (typeof permissions)[number];

export interface Bind {
  /** Absolute path on the host. */
  readonly source: string;
  /** Absolute path in the component; devices below /dev, all else outside it. */
  readonly target: string;
  readonly writable?: boolean;
  readonly device?: boolean;
}

export interface Limits {
  /** Bytes; absent or 0 means no limit. */
  readonly memory?: number;
  /** Processes and threads together. */
  readonly processes?: number;
  readonly openFiles?: number;
  /** Per cent of one CPU: 150 is one and a half. */
  readonly cpuPercent?: number;
}

export interface Scheduling {
  /** Nice value, -20 to 19; absent: as the spawner's. */
  readonly nice?: number;
  /** CPU numbers; absent: as the spawner's, empty: all. */
  readonly cpus?: readonly number[];
}

export interface CreateRequest {
  readonly level?: IsolationLevel;
  /** The component whose end ends this one too. */
  readonly parent?: number;
  /** Path of the program inside the component, then its arguments. */
  readonly arguments: readonly string[];
  /** All that the component sees of an environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly binds?: readonly Bind[];
  /** Descriptors of the caller by the number that they have in the component; 0 to 2 are /dev/null when absent. */
  readonly descriptors?: ReadonlyMap<number, number>;
  readonly limits?: Limits;
  readonly scheduling?: Scheduling;
  readonly permissions?: readonly Permission[];
  /** Measures without which the component must not start. */
  readonly required?: readonly Measure[];
  /** Offset of the component's user id in the spawner's range; absent: the spawner chooses. */
  readonly userOffset?: number;
}

const unchangedNice = -2147483648;
const unchangedCount = 0xffffffff;
const unchangedBytes = 0xffffffffffffffffn;
const bindFlags = { writable: 1, device: 2 } as const;
const exitFlags = { signal: 1, coreDumped: 2, outOfMemory: 4 } as const;
const encoder = new TextEncoder();
// private copy: messages of the socket.
const decoder = new TextDecoder();

class MessageWriter {
  readonly #bytes = new Uint8Array(maximumMessage);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u32(value: number): this {
    this.#view.setUint32(this.#advance(4), value, true);
    return this;
  }
  i32(value: number): this {
    this.#view.setInt32(this.#advance(4), value, true);
    return this;
  }
  u64(value: bigint): this {
    this.#view.setBigUint64(this.#advance(8), value, true);
    return this;
  }
  string(text: string): this {
    if (text.includes("\0"))
      throw new RangeError(`Cannot pass ${JSON.stringify(text)} to the spawner: it contains a zero byte`);
    const encoded = encoder.encode(text);
    this.u32(encoded.length);
    this.#bytes.set(encoded, this.#advance(encoded.length + 1));
    return this;
  }
  list<Item>(items: readonly Item[], write: (item: Item) => void): this {
    this.u32(items.length);
    for (const item of items) write(item);
    return this;
  }
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #advance(size: number): number {
    const at = this.#length;
    if (at + size > maximumMessage)
      throw new RangeError(`Cannot send a request of more than ${maximumMessage} bytes to the spawner`);
    this.#length += size;
    return at;
  }
}

class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }
  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }
  string(): string {
    const length = this.u32();
    const at = this.#advance(length + 1);
    return decoder.decode(this.#bytes.subarray(at, at + length));
  }

  #advance(size: number): number {
    const at = this.#at;
    this.#at += size;
    return at;
  }
}

function bits<Name extends string>(names: readonly Name[], chosen: readonly Name[] = []): number {
  return chosen.reduce((sum, name) => sum | (1 << names.indexOf(name)), 0);
}

function request(type: keyof typeof requestTypes, sequence: number, component: number): MessageWriter {
  return new MessageWriter().u32(requestTypes[type]).u32(sequence).u32(component);
}

function writeLimits(writer: MessageWriter, limits: Limits, absent: { bytes: bigint; count: number }): void {
  writer.u64(limits.memory === undefined ? absent.bytes : BigInt(limits.memory));
  writer
    .u32(limits.processes ?? absent.count)
    .u32(limits.openFiles ?? absent.count)
    .u32(limits.cpuPercent ?? absent.count);
}

export function encodeCreate(
  sequence: number,
  component: number,
  order: CreateRequest,
): { bytes: Uint8Array; descriptors: number[] } {
  const writer = request("create", sequence, component);
  const text = (item: string) => writer.string(item);
  writer
    .u32(order.parent ?? 0)
    .u32(isolationLevels.indexOf(order.level ?? "full"))
    .u32(bits(measures, order.required))
    .u32(bits(permissions, order.permissions))
    .u32(order.userOffset === undefined ? 0 : order.userOffset + 1);
  writeLimits(writer, order.limits ?? {}, { bytes: 0n, count: 0 });
  writer.i32(order.scheduling?.nice ?? unchangedNice);
  writer.list(order.scheduling?.cpus ?? [], (cpu) => writer.u32(cpu));
  writer.list(order.arguments, text);
  writer.list(
    Object.entries(order.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    text,
  );
  writer.list(order.binds ?? [], (bind) => {
    const flags = (bind.writable ? bindFlags.writable : 0) | (bind.device ? bindFlags.device : 0);
    writer.string(bind.source).string(bind.target).u32(flags);
  });
  const descriptors = [...(order.descriptors ?? [])];
  if (descriptors.length > maximumDescriptors) {
    throw new RangeError(
      `Cannot pass ${descriptors.length} descriptors to a component: at most ${maximumDescriptors} travel in one message`,
    );
  }
  writer.list(descriptors, ([number]) => writer.u32(number));
  return { bytes: writer.bytes(), descriptors: descriptors.map(([, own]) => own) };
}

export function encodeResources(
  sequence: number,
  component: number,
  limits: Limits,
  scheduling: Scheduling,
): Uint8Array {
  const writer = request("resources", sequence, component);
  writeLimits(writer, limits, { bytes: unchangedBytes, count: unchangedCount });
  writer.i32(scheduling.nice ?? unchangedNice).u32(scheduling.cpus === undefined ? 0 : 1);
  return writer.list(scheduling.cpus ?? [], (cpu) => writer.u32(cpu)).bytes();
}

export function encodeGrantDevice(
  sequence: number,
  component: number,
  source: string,
  name: string,
  writable: boolean,
): Uint8Array {
  return request("grantDevice", sequence, component)
    .string(source)
    .string(name)
    .u32(writable ? bindFlags.writable : 0)
    .bytes();
}

export function encodeWithdrawDevice(sequence: number, component: number, name: string): Uint8Array {
  return request("withdrawDevice", sequence, component).string(name).bytes();
}

export function encodePlain(type: "kill" | "usage" | "console", sequence: number, component: number): Uint8Array {
  return request(type, sequence, component).bytes();
}

/** How a component ended. */
export interface ComponentExit {
  /** Exit status; undefined after a signal. */
  readonly status: number | undefined;
  /** Number of the signal that ended it. */
  readonly signal: number | undefined;
  readonly coreDumped: boolean;
  /** The kernel ended it, or a part of it, at its memory limit. */
  readonly outOfMemory: boolean;
  /** CPU time of its whole life, nanoseconds. */
  readonly cpuTime: bigint;
}

export type SpawnerAnswer =
  | {
      type: "created";
      sequence: number;
      component: number;
      process: number;
      level: IsolationLevel;
      measures: Measure[];
      missing: string[];
    }
  | { type: "done"; sequence: number; component: number }
  | {
      type: "failed";
      sequence: number;
      component: number;
      errno: number;
      stage: string;
      detail: string;
      missing: string[];
    }
  | { type: "usageReport"; sequence: number; component: number; memory: bigint | undefined; cpuTime: bigint }
  | { type: "exited"; sequence: number; component: number; exit: ComponentExit };

/** Lines "measure: reason", with the measure spelt as in {@link Measure}. */
function reasons(text: string): string[] {
  return lines(text).map((line) => line.replace(/^[a-z_]+(?=: )/, (measure) => measure.replaceAll("_", "-")));
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Throws RangeError when the packet does not have the shape that its type promises. */
export function decodeAnswer(bytes: Uint8Array): SpawnerAnswer {
  const reader = new MessageReader(bytes);
  const type = reader.u32();
  const common = { sequence: reader.u32(), component: reader.u32() };
  switch (type) {
    case answerTypes.created: {
      const process = reader.i32();
      const level = isolationLevels[reader.u32()] ?? "full";
      const applied = reader.u32();
      const inForce = measures.filter((_, bit) => (applied & (1 << bit)) !== 0);
      return { type: "created", ...common, process, level, measures: inForce, missing: reasons(reader.string()) };
    }
    case answerTypes.done:
      return { type: "done", ...common };
    case answerTypes.failed:
      return {
        type: "failed",
        ...common,
        errno: reader.i32(),
        stage: reader.string(),
        detail: reader.string(),
        missing: reasons(reader.string()),
      };
    case answerTypes.usageReport: {
      const memory = reader.u64();
      return {
        type: "usageReport",
        ...common,
        memory: memory === unchangedBytes ? undefined : memory,
        cpuTime: reader.u64(),
      };
    }
    case answerTypes.exited: {
      const flags = reader.u32();
      const number = reader.i32();
      const bySignal = (flags & exitFlags.signal) !== 0;
      const exit: ComponentExit = {
        status: bySignal ? undefined : number,
        signal: bySignal ? number : undefined,
        coreDumped: (flags & exitFlags.coreDumped) !== 0,
        outOfMemory: (flags & exitFlags.outOfMemory) !== 0,
        cpuTime: reader.u64(),
      };
      return { type: "exited", ...common, exit };
    }
    default:
      throw new RangeError(
        `Cannot understand an answer of type ${type} from the spawner: the program is of another version`,
      );
  }
}
