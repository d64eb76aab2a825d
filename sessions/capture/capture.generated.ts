// Generated from capture.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";
import { type Area, type Point, type Rect, readArea, readPoint, readRect, writeArea, writePoint, writeRect } from "../geometry/geometry.generated.js";

/** What the client shows: `area` in pixels, `millimeters` or 0 and 0, and which part of its buffer it shows. */
export interface CaptureAttributes {
  readonly area: Area;
  readonly millimeters: Area;
  readonly viewport: Rect;
}

export function writeCaptureAttributes(writer: Writer, value: CaptureAttributes): void {
  writeArea(writer, value.area);
  writeArea(writer, value.millimeters);
  writeRect(writer, value.viewport);
}

export function readCaptureAttributes(reader: Reader): CaptureAttributes {
  return { area: readArea(reader), millimeters: readArea(reader), viewport: readRect(reader) };
}

const captureErrors: readonly string[] = [];

export type CaptureArgs = Record<string, never>;

/**
 * A session of the service Capture, as its client sees it.
 * The picture of a screen, for whoever shows it: a display driver, a screenshot, a remote viewer. RPC with a shared
 * buffer and signals.
 *
 * The server draws into the client's buffer during `capture_at` only. Lines of pixels of 4 bytes follow each other
 * without a gap: blue, green, red, and one that is not used.
 */
export interface CaptureClient {
  /** The whole screen of the server; what is beyond a client's area is not seen by it. */
  screenSize(options?: CallOptions): Promise<Area>;
  /** Makes a new buffer, out of the client's donation: 4 bytes a pixel of `area`. Everything in it is to be drawn anew. */
  buffer(attributes: CaptureAttributes, options?: CallOptions): Promise<void>;
  dataspace(options?: CallOptions): Promise<Capability>;
  /**
   * Draws what has changed since the last call, of the screen from `point` on. The rectangles are those of the buffer
   * that changed; none when nothing did.
   */
  captureAt(point: Point, options?: CallOptions): Promise<readonly Rect[]>;
  /** The client does not ask again before `wakeup`, which comes at once if something has changed already. */
  captureStopped(options?: CallOptions): Promise<void>;
}

/** What a server of Capture implements; a handler answers at once or with a promise. */
export interface CaptureHandlers {
  /** The whole screen of the server; what is beyond a client's area is not seen by it. */
  screenSize(call: Call): Area | Promise<Area>;
  /** Makes a new buffer, out of the client's donation: 4 bytes a pixel of `area`. Everything in it is to be drawn anew. */
  buffer(attributes: CaptureAttributes, call: Call): void | Promise<void>;
  dataspace(call: Call): Capability | Promise<Capability>;
  /**
   * Draws what has changed since the last call, of the screen from `point` on. The rectangles are those of the buffer
   * that changed; none when nothing did.
   */
  captureAt(point: Point, call: Call): readonly Rect[] | Promise<readonly Rect[]>;
  /** The client does not ask again before `wakeup`, which comes at once if something has changed already. */
  captureStopped(call: Call): void | Promise<void>;
}

function decodeCaptureScreenSizeReply(reader: Reader): Area {
  const result = readArea(reader);
  reader.end();
  return result;
}

function decodeCaptureBufferReply(reader: Reader): void {
  reader.end();
}

function decodeCaptureDataspaceReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeCaptureCaptureAtReply(reader: Reader): readonly Rect[] {
  const result = Array.from({ length: reader.count(3) }, () => readRect(reader));
  reader.end();
  return result;
}

function decodeCaptureCaptureStoppedReply(reader: Reader): void {
  reader.end();
}

class CaptureProxy implements CaptureClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  screenSize(options?: CallOptions): Promise<Area> {
    this.#port.begin(0);
    return this.#port.call(captureErrors, 8, decodeCaptureScreenSizeReply, options);
  }

  buffer(attributes: CaptureAttributes, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writeCaptureAttributes(writer, attributes);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(captureErrors, 0, decodeCaptureBufferReply, options);
  }

  dataspace(options?: CallOptions): Promise<Capability> {
    this.#port.begin(2);
    return this.#port.call(captureErrors, 1, decodeCaptureDataspaceReply, options);
  }

  captureAt(point: Point, options?: CallOptions): Promise<readonly Rect[]> {
    try {
      const writer = this.#port.begin(3);
      writePoint(writer, point);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(captureErrors, 50, decodeCaptureCaptureAtReply, options);
  }

  captureStopped(options?: CallOptions): Promise<void> {
    this.#port.begin(4);
    return this.#port.call(captureErrors, 0, decodeCaptureCaptureStoppedReply, options);
  }
}

/**
 * The picture of a screen, for whoever shows it: a display driver, a screenshot, a remote viewer. RPC with a shared
 * buffer and signals.
 *
 * The server draws into the client's buffer during `capture_at` only. Lines of pixels of 4 bytes follow each other
 * without a gap: blue, green, red, and one that is not used.
 */
export const Capture: Interface<CaptureClient, CaptureHandlers, CaptureArgs> = {
  name: "Capture",
  version: 1,
  ramQuota: 49152,
  capQuota: 3,
  args: s.object({}),
  errors: captureErrors,
  signals: ["screenSizeChanged", "wakeup"],
  operations: new Map<number, Operation<CaptureHandlers>>([
    [0, {
      opcode: 0,
      name: "screenSize",
      kind: "call",
      requestBytes: 0,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.screenSize(call);
      },
      encodeReply(writer, result: Area) {
        writeArea(writer, result);
      },
    }],
    [1, {
      opcode: 1,
      name: "buffer",
      kind: "call",
      requestBytes: 32,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const attributes = readCaptureAttributes(reader);
        reader.end();
        return handlers.buffer(attributes, call);
      },
    }],
    [2, {
      opcode: 2,
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
    [3, {
      opcode: 3,
      name: "captureAt",
      kind: "call",
      requestBytes: 8,
      replyBytes: 50,
      invoke(handlers, reader, call) {
        const point = readPoint(reader);
        reader.end();
        return handlers.captureAt(point, call);
      },
      encodeReply(writer, result: readonly Rect[]) {
        writer.count(result.length, 3);
        for (const element of result) {
          writeRect(writer, element);
        }
      },
    }],
    [4, {
      opcode: 4,
      name: "captureStopped",
      kind: "call",
      requestBytes: 0,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.captureStopped(call);
      },
    }],
  ]),
  client: (port) => new CaptureProxy(port),
};
