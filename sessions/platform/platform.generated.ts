// Generated from platform.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";

export const PlatformKind = {
  file: 0,
  block_device: 1,
  tty: 2,
  pty: 3,
  tap: 4,
  packet_socket: 5,
  pair: 6,
  listener: 7,
  directory: 8,
  ram: 9,
  character_device: 10,
  devices: 11,
} as const;
export type PlatformKind = (typeof PlatformKind)[keyof typeof PlatformKind];

export function isPlatformKind(value: number): value is PlatformKind {
  switch (value) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      return true;
    default:
      return false;
  }
}

export function writePlatformKind(writer: Writer, value: PlatformKind): void {
  if (!isPlatformKind(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as Platform.Kind`);
  writer.u8(value);
}

export function readPlatformKind(reader: Reader): PlatformKind {
  const value = reader.u8();
  if (!isPlatformKind(value)) throw new SessionError("Malformed", `Platform.Kind has no item ${value}`);
  return value;
}

export interface PlatformGrant {
  readonly kind: PlatformKind;
  readonly file: Capability;
  /** What it is on the host, for people: a path or an address. Of a device, its node. */
  readonly path: string;
  readonly writeable: boolean;
  /** JSON with further facts of the kind, such as a TAP's MAC address. */
  readonly facts: string;
}

export function writePlatformGrant(writer: Writer, value: PlatformGrant): void {
  writePlatformKind(writer, value.kind);
  writer.capability(value.file);
  writer.str(value.path, 200);
  writer.bool(value.writeable);
  writer.str(value.facts, 400);
}

export function readPlatformGrant(reader: Reader): PlatformGrant {
  return { kind: readPlatformKind(reader), file: reader.capability("file"), path: reader.str(200), writeable: reader.bool(), facts: reader.str(400) };
}

const platformErrors: readonly string[] = [];

export type PlatformArgs = Record<string, never>;

/**
 * A session of the service Platform, as its client sees it.
 * Devices and files of the host that were granted to the client: opened outside its sandbox, handed in as descriptors.
 */
export interface PlatformClient {
  /** Names of what is granted to this client, sorted; those after `after`, as many as fit. None: there are no more. */
  granted(after: string, options?: CallOptions): Promise<readonly string[]>;
  /**
   * Opens it. Fails with NotFound where nothing of that name is granted, with Unavailable while somebody else has it,
   * with Device where the host refuses. Of a grant of kind `devices`, `NAME/dev/NODE` is the device with that node below
   * /dev, and `NAME/net/INTERFACE` a network interface, `NAME/sys/CLASS/DEVICE` its directory in sysfs.
   */
  acquire(name: string, options?: CallOptions): Promise<PlatformGrant>;
  /** Gives it back; a later `acquire` opens it anew. */
  release(name: string, options?: CallOptions): Promise<void>;
  /** Opens a file below a directory that was acquired, by a path that neither leads out of it nor through a link. */
  open(name: string, path: string, write: boolean, options?: CallOptions): Promise<Capability>;
}

/** What a server of Platform implements; a handler answers at once or with a promise. */
export interface PlatformHandlers {
  /** Names of what is granted to this client, sorted; those after `after`, as many as fit. None: there are no more. */
  granted(after: string, call: Call): readonly string[] | Promise<readonly string[]>;
  /**
   * Opens it. Fails with NotFound where nothing of that name is granted, with Unavailable while somebody else has it,
   * with Device where the host refuses. Of a grant of kind `devices`, `NAME/dev/NODE` is the device with that node below
   * /dev, and `NAME/net/INTERFACE` a network interface, `NAME/sys/CLASS/DEVICE` its directory in sysfs.
   */
  acquire(name: string, call: Call): PlatformGrant | Promise<PlatformGrant>;
  /** Gives it back; a later `acquire` opens it anew. */
  release(name: string, call: Call): void | Promise<void>;
  /** Opens a file below a directory that was acquired, by a path that neither leads out of it nor through a link. */
  open(name: string, path: string, write: boolean, call: Call): Capability | Promise<Capability>;
}

function decodePlatformGrantedReply(reader: Reader): readonly string[] {
  const result = Array.from({ length: reader.count(8) }, () => reader.str(96));
  reader.end();
  return result;
}

function decodePlatformAcquireReply(reader: Reader): PlatformGrant {
  const result = readPlatformGrant(reader);
  reader.end();
  return result;
}

function decodePlatformReleaseReply(reader: Reader): void {
  reader.end();
}

function decodePlatformOpenReply(reader: Reader): Capability {
  const result = reader.capability("file");
  reader.end();
  return result;
}

class PlatformProxy implements PlatformClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  granted(after: string, options?: CallOptions): Promise<readonly string[]> {
    try {
      const writer = this.#port.begin(0);
      writer.str(after, 96);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(platformErrors, 786, decodePlatformGrantedReply, options);
  }

  acquire(name: string, options?: CallOptions): Promise<PlatformGrant> {
    try {
      const writer = this.#port.begin(1);
      writer.str(name, 160);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(platformErrors, 607, decodePlatformAcquireReply, options);
  }

  release(name: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(2);
      writer.str(name, 160);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(platformErrors, 0, decodePlatformReleaseReply, options);
  }

  open(name: string, path: string, write: boolean, options?: CallOptions): Promise<Capability> {
    try {
      const writer = this.#port.begin(3);
      writer.str(name, 160);
      writer.str(path, 200);
      writer.bool(write);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(platformErrors, 1, decodePlatformOpenReply, options);
  }
}

/** Devices and files of the host that were granted to the client: opened outside its sandbox, handed in as descriptors. */
export const Platform: Interface<PlatformClient, PlatformHandlers, PlatformArgs> = {
  name: "Platform",
  version: 2,
  ramQuota: 49152,
  capQuota: 4,
  args: s.object({}),
  errors: platformErrors,
  signals: ["changed"],
  operations: new Map<number, Operation<PlatformHandlers>>([
    [0, {
      opcode: 0,
      name: "granted",
      kind: "call",
      requestBytes: 98,
      replyBytes: 786,
      invoke(handlers, reader, call) {
        const after = reader.str(96);
        reader.end();
        return handlers.granted(after, call);
      },
      encodeReply(writer, result: readonly string[]) {
        writer.count(result.length, 8);
        for (const element of result) {
          writer.str(element, 96);
        }
      },
    }],
    [1, {
      opcode: 1,
      name: "acquire",
      kind: "call",
      requestBytes: 162,
      replyBytes: 607,
      invoke(handlers, reader, call) {
        const name = reader.str(160);
        reader.end();
        return handlers.acquire(name, call);
      },
      encodeReply(writer, result: PlatformGrant) {
        writePlatformGrant(writer, result);
      },
    }],
    [2, {
      opcode: 2,
      name: "release",
      kind: "call",
      requestBytes: 162,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const name = reader.str(160);
        reader.end();
        return handlers.release(name, call);
      },
    }],
    [3, {
      opcode: 3,
      name: "open",
      kind: "call",
      requestBytes: 365,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        const name = reader.str(160);
        const path = reader.str(200);
        const write = reader.bool();
        reader.end();
        return handlers.open(name, path, write, call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
  ]),
  client: (port) => new PlatformProxy(port),
};
