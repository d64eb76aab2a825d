// Generated from gui.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability, Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";
import { type FramebufferBlit, type FramebufferClient, type FramebufferHandlers, type FramebufferMode, readFramebufferBlit, readFramebufferMode, writeFramebufferBlit, writeFramebufferMode } from "../framebuffer/framebuffer.generated.js";
import { type Area, type Point, type Rect, readArea, readPoint, readRect, writeArea, writePoint, writeRect } from "../geometry/geometry.generated.js";
import type { InputClient, InputHandlers } from "../input/input.generated.js";

export const viewsMaxCommands = 40;

export interface ViewsDisplay {
  readonly name: string;
  readonly rect: Rect;
  readonly millimeters: Area;
}

export function writeViewsDisplay(writer: Writer, value: ViewsDisplay): void {
  writer.str(value.name, 32);
  writeRect(writer, value.rect);
  writeArea(writer, value.millimeters);
}

export function readViewsDisplay(reader: Reader): ViewsDisplay {
  return { name: reader.str(32), rect: readRect(reader), millimeters: readArea(reader) };
}

export interface ViewsGeometry {
  readonly view: number;
  readonly rect: Rect;
}

export function writeViewsGeometry(writer: Writer, value: ViewsGeometry): void {
  writer.u32(value.view);
  writeRect(writer, value.rect);
}

export function readViewsGeometry(reader: Reader): ViewsGeometry {
  return { view: reader.u32(), rect: readRect(reader) };
}

export interface ViewsOffset {
  readonly view: number;
  readonly offset: Point;
}

export function writeViewsOffset(writer: Writer, value: ViewsOffset): void {
  writer.u32(value.view);
  writePoint(writer, value.offset);
}

export function readViewsOffset(reader: Reader): ViewsOffset {
  return { view: reader.u32(), offset: readPoint(reader) };
}

export interface ViewsNeighbour {
  readonly view: number;
  readonly neighbour: number;
}

export function writeViewsNeighbour(writer: Writer, value: ViewsNeighbour): void {
  writer.u32(value.view);
  writer.u32(value.neighbour);
}

export function readViewsNeighbour(reader: Reader): ViewsNeighbour {
  return { view: reader.u32(), neighbour: reader.u32() };
}

export type ViewsCommand =
  /** Place and size, on the screen or, of a child view, relative to its parent. */
  | { readonly kind: "geometry"; readonly value: ViewsGeometry }
  /** Which point of the buffer is at the view's top left, negated: where the buffer lies in the view. */
  | { readonly kind: "offset"; readonly value: ViewsOffset }
  | { readonly kind: "front"; readonly value: number }
  | { readonly kind: "back"; readonly value: number }
  | { readonly kind: "frontOf"; readonly value: ViewsNeighbour }
  | { readonly kind: "behindOf"; readonly value: ViewsNeighbour }
  /** Makes the view the background of its domain. */
  | { readonly kind: "background"; readonly value: number };

export function writeViewsCommand(writer: Writer, value: ViewsCommand): void {
  switch (value.kind) {
    case "geometry":
      writer.u8(0);
      writeViewsGeometry(writer, value.value);
      return;
    case "offset":
      writer.u8(1);
      writeViewsOffset(writer, value.value);
      return;
    case "front":
      writer.u8(2);
      writer.u32(value.value);
      return;
    case "back":
      writer.u8(3);
      writer.u32(value.value);
      return;
    case "frontOf":
      writer.u8(4);
      writeViewsNeighbour(writer, value.value);
      return;
    case "behindOf":
      writer.u8(5);
      writeViewsNeighbour(writer, value.value);
      return;
    case "background":
      writer.u8(6);
      writer.u32(value.value);
      return;
    default:
      throw new SessionError("InvalidArgument", `Cannot encode ${String((value as { kind?: unknown }).kind)} as a case of Views.Command`);
  }
}

export function readViewsCommand(reader: Reader): ViewsCommand {
  const tag = reader.u8();
  switch (tag) {
    case 0:
      return { kind: "geometry", value: readViewsGeometry(reader) };
    case 1:
      return { kind: "offset", value: readViewsOffset(reader) };
    case 2:
      return { kind: "front", value: reader.u32() };
    case 3:
      return { kind: "back", value: reader.u32() };
    case 4:
      return { kind: "frontOf", value: readViewsNeighbour(reader) };
    case 5:
      return { kind: "behindOf", value: readViewsNeighbour(reader) };
    case 6:
      return { kind: "background", value: reader.u32() };
    default:
      throw new SessionError("Malformed", `Views.Command has no case ${tag}`);
  }
}

const viewsErrors: readonly string[] = ["NoView", "ViewExists"];
const framebufferErrors: readonly string[] = [];
const inputErrors: readonly string[] = [];

export type ViewsArgs = Record<string, never>;

/**
 * A session of the service Views, as its client sees it.
 * The views by which a client shows its buffer.
 */
export interface ViewsClient {
  /**
   * A view shows the session's buffer, in front of the client's others or behind them. The client chooses its number.
   * @throws SessionError `ViewExists`
   */
  view(id: number, title: string, rect: Rect, front: boolean, options?: CallOptions): Promise<void>;
  /**
   * A view that lies in another, and moves with it. The parent may be one that `associate` brought in.
   * @throws SessionError `ViewExists`
   * @throws SessionError `NoView`
   */
  childView(id: number, parent: number, title: string, rect: Rect, front: boolean, options?: CallOptions): Promise<void>;
  destroyView(id: number, options?: CallOptions): Promise<void>;
  /** @throws SessionError `NoView` */
  title(id: number, title: string, options?: CallOptions): Promise<void>;
  /**
   * What names the view to others, such as a window manager.
   * @throws SessionError `NoView`
   */
  viewToken(id: number, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Gives a view of somebody else a number of this client's.
   * @throws SessionError `ViewExists`
   * @throws SessionError `NoView`
   */
  associate(id: number, token: Uint8Array, options?: CallOptions): Promise<void>;
  releaseViewId(id: number, options?: CallOptions): Promise<void>;
  /** Carries out all, in turn, before the next picture. Commands to views that are not there are left out. */
  execute(commands: readonly ViewsCommand[], options?: CallOptions): Promise<void>;
  /** Makes a new buffer, out of the client's donation: 4 bytes a pixel, 6 with `alpha`. */
  buffer(area: Area, alpha: boolean, options?: CallOptions): Promise<void>;
  /** What names this session to others, which may give it their focus. */
  sessionToken(options?: CallOptions): Promise<Uint8Array>;
  /** Whoever has that token gets the focus when this client would. */
  focus(token: Uint8Array, options?: CallOptions): Promise<void>;
  /** The whole screen, and the displays that show parts of it. */
  panorama(options?: CallOptions): Promise<{ readonly rect: Rect; readonly displays: readonly ViewsDisplay[] }>;
}

/** What a server of Views implements; a handler answers at once or with a promise. */
export interface ViewsHandlers {
  /**
   * A view shows the session's buffer, in front of the client's others or behind them. The client chooses its number.
   * @throws SessionError `ViewExists`
   */
  view(id: number, title: string, rect: Rect, front: boolean, call: Call): void | Promise<void>;
  /**
   * A view that lies in another, and moves with it. The parent may be one that `associate` brought in.
   * @throws SessionError `ViewExists`
   * @throws SessionError `NoView`
   */
  childView(id: number, parent: number, title: string, rect: Rect, front: boolean, call: Call): void | Promise<void>;
  destroyView(id: number, call: Call): void | Promise<void>;
  /** @throws SessionError `NoView` */
  title(id: number, title: string, call: Call): void | Promise<void>;
  /**
   * What names the view to others, such as a window manager.
   * @throws SessionError `NoView`
   */
  viewToken(id: number, call: Call): Uint8Array | Promise<Uint8Array>;
  /**
   * Gives a view of somebody else a number of this client's.
   * @throws SessionError `ViewExists`
   * @throws SessionError `NoView`
   */
  associate(id: number, token: Uint8Array, call: Call): void | Promise<void>;
  releaseViewId(id: number, call: Call): void | Promise<void>;
  /** Carries out all, in turn, before the next picture. Commands to views that are not there are left out. */
  execute(commands: readonly ViewsCommand[], call: Call): void | Promise<void>;
  /** Makes a new buffer, out of the client's donation: 4 bytes a pixel, 6 with `alpha`. */
  buffer(area: Area, alpha: boolean, call: Call): void | Promise<void>;
  /** What names this session to others, which may give it their focus. */
  sessionToken(call: Call): Uint8Array | Promise<Uint8Array>;
  /** Whoever has that token gets the focus when this client would. */
  focus(token: Uint8Array, call: Call): void | Promise<void>;
  /** The whole screen, and the displays that show parts of it. */
  panorama(call: Call): { readonly rect: Rect; readonly displays: readonly ViewsDisplay[] } | Promise<{ readonly rect: Rect; readonly displays: readonly ViewsDisplay[] }>;
}

function decodeViewsViewReply(reader: Reader): void {
  reader.end();
}

function decodeViewsChildViewReply(reader: Reader): void {
  reader.end();
}

function decodeViewsDestroyViewReply(reader: Reader): void {
  reader.end();
}

function decodeViewsTitleReply(reader: Reader): void {
  reader.end();
}

function decodeViewsViewTokenReply(reader: Reader): Uint8Array {
  const result = reader.data(16);
  reader.end();
  return result;
}

function decodeViewsAssociateReply(reader: Reader): void {
  reader.end();
}

function decodeViewsReleaseViewIdReply(reader: Reader): void {
  reader.end();
}

function decodeViewsExecuteReply(reader: Reader): void {
  reader.end();
}

function decodeViewsBufferReply(reader: Reader): void {
  reader.end();
}

function decodeViewsSessionTokenReply(reader: Reader): Uint8Array {
  const result = reader.data(16);
  reader.end();
  return result;
}

function decodeViewsFocusReply(reader: Reader): void {
  reader.end();
}

function decodeViewsPanoramaReply(reader: Reader): { readonly rect: Rect; readonly displays: readonly ViewsDisplay[] } {
  const result = { rect: readRect(reader), displays: Array.from({ length: reader.count(8) }, () => readViewsDisplay(reader)) };
  reader.end();
  return result;
}

class ViewsProxy implements ViewsClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  view(id: number, title: string, rect: Rect, front: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(32);
      writer.u32(id);
      writer.str(title, 64);
      writeRect(writer, rect);
      writer.bool(front);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsViewReply, options);
  }

  childView(id: number, parent: number, title: string, rect: Rect, front: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(33);
      writer.u32(id);
      writer.u32(parent);
      writer.str(title, 64);
      writeRect(writer, rect);
      writer.bool(front);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsChildViewReply, options);
  }

  destroyView(id: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(34);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsDestroyViewReply, options);
  }

  title(id: number, title: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(35);
      writer.u32(id);
      writer.str(title, 64);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsTitleReply, options);
  }

  viewToken(id: number, options?: CallOptions): Promise<Uint8Array> {
    try {
      const writer = this.#port.begin(36);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 18, decodeViewsViewTokenReply, options);
  }

  associate(id: number, token: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(37);
      writer.u32(id);
      writer.data(token, 16);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsAssociateReply, options);
  }

  releaseViewId(id: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(38);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsReleaseViewIdReply, options);
  }

  execute(commands: readonly ViewsCommand[], options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(39);
      writer.count(commands.length, 40);
      for (const element of commands) {
        writeViewsCommand(writer, element);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsExecuteReply, options);
  }

  buffer(area: Area, alpha: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(40);
      writeArea(writer, area);
      writer.bool(alpha);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsBufferReply, options);
  }

  sessionToken(options?: CallOptions): Promise<Uint8Array> {
    this.#port.begin(41);
    return this.#port.call(viewsErrors, 18, decodeViewsSessionTokenReply, options);
  }

  focus(token: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(42);
      writer.data(token, 16);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeViewsFocusReply, options);
  }

  panorama(options?: CallOptions): Promise<{ readonly rect: Rect; readonly displays: readonly ViewsDisplay[] }> {
    this.#port.begin(43);
    return this.#port.call(viewsErrors, 482, decodeViewsPanoramaReply, options);
  }
}

/** The views by which a client shows its buffer. */
export const Views: Interface<ViewsClient, ViewsHandlers, ViewsArgs> = {
  name: "Views",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: viewsErrors,
  signals: ["", "", "", "", "panoramaChanged"],
  operations: new Map<number, Operation<ViewsHandlers>>([
    [32, {
      opcode: 32,
      name: "view",
      kind: "call",
      requestBytes: 87,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const title = reader.str(64);
        const rect = readRect(reader);
        const front = reader.bool();
        reader.end();
        return handlers.view(id, title, rect, front, call);
      },
    }],
    [33, {
      opcode: 33,
      name: "childView",
      kind: "call",
      requestBytes: 91,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const parent = reader.u32();
        const title = reader.str(64);
        const rect = readRect(reader);
        const front = reader.bool();
        reader.end();
        return handlers.childView(id, parent, title, rect, front, call);
      },
    }],
    [34, {
      opcode: 34,
      name: "destroyView",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.destroyView(id, call);
      },
    }],
    [35, {
      opcode: 35,
      name: "title",
      kind: "call",
      requestBytes: 70,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const title = reader.str(64);
        reader.end();
        return handlers.title(id, title, call);
      },
    }],
    [36, {
      opcode: 36,
      name: "viewToken",
      kind: "call",
      requestBytes: 4,
      replyBytes: 18,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.viewToken(id, call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 16);
      },
    }],
    [37, {
      opcode: 37,
      name: "associate",
      kind: "call",
      requestBytes: 22,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const token = reader.data(16);
        reader.end();
        return handlers.associate(id, token, call);
      },
    }],
    [38, {
      opcode: 38,
      name: "releaseViewId",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.releaseViewId(id, call);
      },
    }],
    [39, {
      opcode: 39,
      name: "execute",
      kind: "call",
      requestBytes: 842,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const commands = Array.from({ length: reader.count(40) }, () => readViewsCommand(reader));
        reader.end();
        return handlers.execute(commands, call);
      },
    }],
    [40, {
      opcode: 40,
      name: "buffer",
      kind: "call",
      requestBytes: 9,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const area = readArea(reader);
        const alpha = reader.bool();
        reader.end();
        return handlers.buffer(area, alpha, call);
      },
    }],
    [41, {
      opcode: 41,
      name: "sessionToken",
      kind: "call",
      requestBytes: 0,
      replyBytes: 18,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.sessionToken(call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 16);
      },
    }],
    [42, {
      opcode: 42,
      name: "focus",
      kind: "call",
      requestBytes: 18,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const token = reader.data(16);
        reader.end();
        return handlers.focus(token, call);
      },
    }],
    [43, {
      opcode: 43,
      name: "panorama",
      kind: "call",
      requestBytes: 0,
      replyBytes: 482,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.panorama(call);
      },
      encodeReply(writer, result: { readonly rect: Rect; readonly displays: readonly ViewsDisplay[] }) {
        writeRect(writer, result.rect);
        writer.count(result.displays.length, 8);
        for (const element of result.displays) {
          writeViewsDisplay(writer, element);
        }
      },
    }],
  ]),
  client: (port) => new ViewsProxy(port),
};

export type GuiArgs = Record<string, never>;

/**
 * A session of the service Gui, as its client sees it.
 * Windows on a screen: a buffer, views of it, and the input that is meant for them.
 */
export interface GuiClient extends FramebufferClient, InputClient, ViewsClient {}

/** What a server of Gui implements; a handler answers at once or with a promise. */
export interface GuiHandlers extends FramebufferHandlers, InputHandlers, ViewsHandlers {}

function decodeGuiModeReply(reader: Reader): FramebufferMode {
  const result = readFramebufferMode(reader);
  reader.end();
  return result;
}

function decodeGuiDataspaceReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeGuiBlitReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeGuiSyncSourceReply(reader: Reader): void {
  reader.end();
}

function decodeGuiEventsReply(reader: Reader): Capability {
  const result = reader.capability("dataspace");
  reader.end();
  return result;
}

function decodeGuiPendingReply(reader: Reader): boolean {
  const result = reader.bool();
  reader.end();
  return result;
}

function decodeGuiFlushReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeGuiExclusiveReply(reader: Reader): void {
  reader.end();
}

function decodeGuiViewReply(reader: Reader): void {
  reader.end();
}

function decodeGuiChildViewReply(reader: Reader): void {
  reader.end();
}

function decodeGuiDestroyViewReply(reader: Reader): void {
  reader.end();
}

function decodeGuiTitleReply(reader: Reader): void {
  reader.end();
}

function decodeGuiViewTokenReply(reader: Reader): Uint8Array {
  const result = reader.data(16);
  reader.end();
  return result;
}

function decodeGuiAssociateReply(reader: Reader): void {
  reader.end();
}

function decodeGuiReleaseViewIdReply(reader: Reader): void {
  reader.end();
}

function decodeGuiExecuteReply(reader: Reader): void {
  reader.end();
}

function decodeGuiBufferReply(reader: Reader): void {
  reader.end();
}

function decodeGuiSessionTokenReply(reader: Reader): Uint8Array {
  const result = reader.data(16);
  reader.end();
  return result;
}

function decodeGuiFocusReply(reader: Reader): void {
  reader.end();
}

function decodeGuiPanoramaReply(reader: Reader): { readonly rect: Rect; readonly displays: readonly ViewsDisplay[] } {
  const result = { rect: readRect(reader), displays: Array.from({ length: reader.count(8) }, () => readViewsDisplay(reader)) };
  reader.end();
  return result;
}

class GuiProxy implements GuiClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  mode(options?: CallOptions): Promise<FramebufferMode> {
    this.#port.begin(0);
    return this.#port.call(framebufferErrors, 9, decodeGuiModeReply, options);
  }

  dataspace(options?: CallOptions): Promise<Capability> {
    this.#port.begin(1);
    return this.#port.call(framebufferErrors, 1, decodeGuiDataspaceReply, options);
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
    return this.#port.call(framebufferErrors, 1, decodeGuiBlitReply, options);
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
    return this.#port.call(framebufferErrors, 0, decodeGuiSyncSourceReply, options);
  }

  events(options?: CallOptions): Promise<Capability> {
    this.#port.begin(16);
    return this.#port.call(inputErrors, 1, decodeGuiEventsReply, options);
  }

  pending(options?: CallOptions): Promise<boolean> {
    this.#port.begin(17);
    return this.#port.call(inputErrors, 1, decodeGuiPendingReply, options);
  }

  flush(options?: CallOptions): Promise<number> {
    this.#port.begin(18);
    return this.#port.call(inputErrors, 4, decodeGuiFlushReply, options);
  }

  exclusive(enabled: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(19);
      writer.bool(enabled);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(inputErrors, 0, decodeGuiExclusiveReply, options);
  }

  view(id: number, title: string, rect: Rect, front: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(32);
      writer.u32(id);
      writer.str(title, 64);
      writeRect(writer, rect);
      writer.bool(front);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiViewReply, options);
  }

  childView(id: number, parent: number, title: string, rect: Rect, front: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(33);
      writer.u32(id);
      writer.u32(parent);
      writer.str(title, 64);
      writeRect(writer, rect);
      writer.bool(front);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiChildViewReply, options);
  }

  destroyView(id: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(34);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiDestroyViewReply, options);
  }

  title(id: number, title: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(35);
      writer.u32(id);
      writer.str(title, 64);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiTitleReply, options);
  }

  viewToken(id: number, options?: CallOptions): Promise<Uint8Array> {
    try {
      const writer = this.#port.begin(36);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 18, decodeGuiViewTokenReply, options);
  }

  associate(id: number, token: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(37);
      writer.u32(id);
      writer.data(token, 16);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiAssociateReply, options);
  }

  releaseViewId(id: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(38);
      writer.u32(id);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiReleaseViewIdReply, options);
  }

  execute(commands: readonly ViewsCommand[], options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(39);
      writer.count(commands.length, 40);
      for (const element of commands) {
        writeViewsCommand(writer, element);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiExecuteReply, options);
  }

  buffer(area: Area, alpha: boolean, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(40);
      writeArea(writer, area);
      writer.bool(alpha);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiBufferReply, options);
  }

  sessionToken(options?: CallOptions): Promise<Uint8Array> {
    this.#port.begin(41);
    return this.#port.call(viewsErrors, 18, decodeGuiSessionTokenReply, options);
  }

  focus(token: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(42);
      writer.data(token, 16);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(viewsErrors, 0, decodeGuiFocusReply, options);
  }

  panorama(options?: CallOptions): Promise<{ readonly rect: Rect; readonly displays: readonly ViewsDisplay[] }> {
    this.#port.begin(43);
    return this.#port.call(viewsErrors, 482, decodeGuiPanoramaReply, options);
  }
}

/** Windows on a screen: a buffer, views of it, and the input that is meant for them. */
export const Gui: Interface<GuiClient, GuiHandlers, GuiArgs> = {
  name: "Gui",
  version: 1,
  ramQuota: 131072,
  capQuota: 8,
  args: s.object({}),
  errors: ["NoView", "ViewExists"],
  signals: ["eventsAvailable", "sync", "modeChanged", "", "panoramaChanged"],
  operations: new Map<number, Operation<GuiHandlers>>([
    [0, {
      opcode: 0,
      name: "mode",
      kind: "call",
      errors: framebufferErrors,
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
      errors: framebufferErrors,
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
      errors: framebufferErrors,
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
      errors: framebufferErrors,
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
      errors: framebufferErrors,
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
      errors: framebufferErrors,
      requestBytes: 66,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const label = reader.str(64);
        reader.end();
        return handlers.syncSource(label, call);
      },
    }],
    [16, {
      opcode: 16,
      name: "events",
      kind: "call",
      errors: inputErrors,
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.events(call);
      },
      encodeReply(writer, result: Capability) {
        writer.capability(result);
      },
    }],
    [17, {
      opcode: 17,
      name: "pending",
      kind: "call",
      errors: inputErrors,
      requestBytes: 0,
      replyBytes: 1,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.pending(call);
      },
      encodeReply(writer, result: boolean) {
        writer.bool(result);
      },
    }],
    [18, {
      opcode: 18,
      name: "flush",
      kind: "call",
      errors: inputErrors,
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.flush(call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [19, {
      opcode: 19,
      name: "exclusive",
      kind: "call",
      errors: inputErrors,
      requestBytes: 1,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const enabled = reader.bool();
        reader.end();
        return handlers.exclusive(enabled, call);
      },
    }],
    [32, {
      opcode: 32,
      name: "view",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 87,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const title = reader.str(64);
        const rect = readRect(reader);
        const front = reader.bool();
        reader.end();
        return handlers.view(id, title, rect, front, call);
      },
    }],
    [33, {
      opcode: 33,
      name: "childView",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 91,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const parent = reader.u32();
        const title = reader.str(64);
        const rect = readRect(reader);
        const front = reader.bool();
        reader.end();
        return handlers.childView(id, parent, title, rect, front, call);
      },
    }],
    [34, {
      opcode: 34,
      name: "destroyView",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.destroyView(id, call);
      },
    }],
    [35, {
      opcode: 35,
      name: "title",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 70,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const title = reader.str(64);
        reader.end();
        return handlers.title(id, title, call);
      },
    }],
    [36, {
      opcode: 36,
      name: "viewToken",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 4,
      replyBytes: 18,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.viewToken(id, call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 16);
      },
    }],
    [37, {
      opcode: 37,
      name: "associate",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 22,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        const token = reader.data(16);
        reader.end();
        return handlers.associate(id, token, call);
      },
    }],
    [38, {
      opcode: 38,
      name: "releaseViewId",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const id = reader.u32();
        reader.end();
        return handlers.releaseViewId(id, call);
      },
    }],
    [39, {
      opcode: 39,
      name: "execute",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 842,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const commands = Array.from({ length: reader.count(40) }, () => readViewsCommand(reader));
        reader.end();
        return handlers.execute(commands, call);
      },
    }],
    [40, {
      opcode: 40,
      name: "buffer",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 9,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const area = readArea(reader);
        const alpha = reader.bool();
        reader.end();
        return handlers.buffer(area, alpha, call);
      },
    }],
    [41, {
      opcode: 41,
      name: "sessionToken",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 0,
      replyBytes: 18,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.sessionToken(call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 16);
      },
    }],
    [42, {
      opcode: 42,
      name: "focus",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 18,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const token = reader.data(16);
        reader.end();
        return handlers.focus(token, call);
      },
    }],
    [43, {
      opcode: 43,
      name: "panorama",
      kind: "call",
      errors: viewsErrors,
      requestBytes: 0,
      replyBytes: 482,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.panorama(call);
      },
      encodeReply(writer, result: { readonly rect: Rect; readonly displays: readonly ViewsDisplay[] }) {
        writeRect(writer, result.rect);
        writer.count(result.displays.length, 8);
        for (const element of result.displays) {
          writeViewsDisplay(writer, element);
        }
      },
    }],
  ]),
  client: (port) => new GuiProxy(port),
};
