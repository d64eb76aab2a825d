// Generated from framebuffer.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";
import { type Area, type Point, type Rect, readArea, readPoint, readRect, writeArea, writePoint, writeRect } from "../geometry/geometry.generated.js";

export const framebufferMaxBlits = 4;

/** What is copied within the buffer: `from` lies inside, and does not overlap its copy. */
export interface FramebufferBlit {
  readonly from: Rect;
  readonly to: Point;
}

export function writeFramebufferBlit(writer: Writer, value: FramebufferBlit): void {
  writeRect(writer, value.from);
  writePoint(writer, value.to);
}

export function readFramebufferBlit(reader: Reader): FramebufferBlit {
  return { from: readRect(reader), to: readPoint(reader) };
}

export interface FramebufferMode {
  readonly area: Area;
  readonly alpha: boolean;
}

export function writeFramebufferMode(writer: Writer, value: FramebufferMode): void {
  writeArea(writer, value.area);
  writer.bool(value.alpha);
}

export function readFramebufferMode(reader: Reader): FramebufferMode {
  return { area: readArea(reader), alpha: reader.bool() };
}

const framebufferErrors: readonly string[] = [];

export type FramebufferArgs = Record<string, never>;

/**
 * A session of the service Framebuffer, as its client sees it.
 * Pixels that a client draws, and a server shows. RPC with a shared buffer and signals.
 *
 * The dataspace begins with `height` lines of `width` pixels of 4 bytes: blue, green, red, and one that is not used. With
 * `alpha`, as many bytes of opacity follow (0: transparent), and then as many of the input mask (0: input there is
 * for what lies behind). Lines follow each other without a gap.
 */
export interface FramebufferClient {
  /** The mode that the next `dataspace` will have. */
  mode(options?: CallOptions): Promise<FramebufferMode>;
  /** The buffer in the current mode. Until it is called, the one before stays as it is. */
  dataspace(options?: CallOptions): Promise<Capability>;
  /** The client has drawn there. Beyond the buffer is nothing. */
  refresh(rect: Rect, options?: CallOptions): Promise<void>;
  /** Copies in turn, and refreshes. False: the server is busy with those before; try again after `sync`. */
  blit(blits: readonly FramebufferBlit[], options?: CallOptions): Promise<boolean>;
  /** Which pixel of the buffer is shown at the top left: for double buffers and scrolling. */
  panning(point: Point, options?: CallOptions): Promise<void>;
  /** Whose display `sync` follows, by its label; empty for whichever shows this buffer. */
  syncSource(label: string, options?: CallOptions): Promise<void>;
}

/** What a server of Framebuffer implements; a handler answers at once or with a promise. */
export interface FramebufferHandlers {
  /** The mode that the next `dataspace` will have. */
  mode(call: Call): FramebufferMode | Promise<FramebufferMode>;
  /** The buffer in the current mode. Until it is called, the one before stays as it is. */
  dataspace(call: Call): Capability | Promise<Capability>;
  /** The client has drawn there. Beyond the buffer is nothing. */
  refresh(rect: Rect, call: Call): void | Promise<void>;
  /** Copies in turn, and refreshes. False: the server is busy with those before; try again after `sync`. */
  blit(blits: readonly FramebufferBlit[], call: Call): boolean | Promise<boolean>;
  /** Which pixel of the buffer is shown at the top left: for double buffers and scrolling. */
  panning(point: Point, call: Call): void | Promise<void>;
  /** Whose display `sync` follows, by its label; empty for whichever shows this buffer. */
  syncSource(label: string, call: Call): void | Promise<void>;
}

function decodeFramebufferModeReply(reader: Reader): FramebufferMode {
  const result = readFramebufferMode(reader);
  reader.end();
  return result;
}

function decodeFramebufferDataspaceReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeFramebufferBlitReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeFramebufferSyncSourceReply(reader: Reader): void {
  reader.end();
}

class FramebufferProxy implements FramebufferClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  mode(options?: CallOptions): Promise<FramebufferMode> {
    this.#port.begin(0);
    return this.#port.call(framebufferErrors, 9, decodeFramebufferModeReply, options);
  }

  dataspace(options?: CallOptions): Promise<Capability> {
    this.#port.begin(1);
    return this.#port.call(framebufferErrors, 1, decodeFramebufferDataspaceReply, options);
  }

  refresh(rect: Rect, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(2);
      writeRect(writer, rect);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  blit(blits: readonly FramebufferBlit[], options?: CallOptions): Promise<boolean> {
    try {
      const writer = this.#port.begin(3);
      writer.count(blits.length, 4);
      for (const element of blits) {
        writeFramebufferBlit(writer, element);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(framebufferErrors, 1, decodeFramebufferBlitReply, options);
  }

  panning(point: Point, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writePoint(writer, point);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  syncSource(label: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(5);
      writer.str(label, 64);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(framebufferErrors, 0, decodeFramebufferSyncSourceReply, options);
  }
}

/**
 * Pixels that a client draws, and a server shows. RPC with a shared buffer and signals.
 *
 * The dataspace begins with `height` lines of `width` pixels of 4 bytes: blue, green, red, and one that is not used. With
 * `alpha`, as many bytes of opacity follow (0: transparent), and then as many of the input mask (0: input there is
 * for what lies behind). Lines follow each other without a gap.
 */
export const Framebuffer: Interface<FramebufferClient, FramebufferHandlers, FramebufferArgs> = {
  name: "Framebuffer",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: framebufferErrors,
  signals: ["", "sync", "modeChanged"],
  operations: new Map<number, Operation<FramebufferHandlers>>([
    [0, {
      opcode: 0,
      name: "mode",
      kind: "call",
      requestBytes: 0,
      replyBytes: 9,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.mode(call);
      },
      encodeReply(writer, result: FramebufferMode) {
        writeFramebufferMode(writer, result);
      },
    }],
    [1, {
      opcode: 1,
      name: "dataspace",
      kind: "call",
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.dataspace(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [2, {
      opcode: 2,
      name: "refresh",
      kind: "oneway",
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const rect = readRect(reader);
        reader.end();
        return handlers.refresh(rect, call);
      },
    }],
    [3, {
      opcode: 3,
      name: "blit",
      kind: "call",
      requestBytes: 98,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        const blits = Array.from({ length: reader.count(4) }, () => readFramebufferBlit(reader));
        reader.end();
        return handlers.blit(blits, call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [4, {
      opcode: 4,
      name: "panning",
      kind: "oneway",
      requestBytes: 8,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const point = readPoint(reader);
        reader.end();
        return handlers.panning(point, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "syncSource",
      kind: "call",
      requestBytes: 66,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const label = reader.str(64);
        reader.end();
        return handlers.syncSource(label, call);
      },
    }],
  ]),
  client: (port) => new FramebufferProxy(port),
};
