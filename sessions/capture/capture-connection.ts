/** The client half of Capture: the buffer, and what has changed in it. */
import type { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { MappedBuffer } from "../../lib/mapped-buffer.js";
import { untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import type { Area, Point, Rect } from "../geometry/geometry.generated.js";
import {
  type CaptureArgs,
  type CaptureAttributes,
  type CaptureClient,
  type CaptureHandlers,
  Capture as CaptureInterface,
} from "./capture.generated.js";

export type CaptureOptions = SessionOptions;

/** Bytes of a pixel. */
const pixelBytes = 4;
/** How often a server may ask for more before that counts as a refusal. */
const mostUpgrades = 4;

/** What one `captureAt` brought. */
export interface Captured {
  /** The whole buffer, lines of `area.width` pixels of 4 bytes. Valid until the caller awaits something. */
  readonly pixels: Dataspace;
  readonly area: Area;
  /** What changed, within `area`; no rectangle is empty. */
  readonly changed: readonly Rect[];
}

/** The part of a rectangle that lies in an area that begins at 0, 0; undefined where there is none. */
function within({ width, height }: Area, rect: Rect): Rect | undefined {
  const x = Math.max(0, rect.x);
  const y = Math.max(0, rect.y);
  const right = Math.min(width, rect.x + rect.width);
  const bottom = Math.min(height, rect.y + rect.height);
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : undefined;
}

/**
 * A display's view of the screen.
 *
 * When the server restarts, the session is opened anew with a buffer like the one before, the next capture brings
 * everything, and both kinds of watchers are told.
 */
export class CaptureConnection implements AsyncDisposable {
  readonly #session: Session<CaptureClient, CaptureHandlers, CaptureArgs>;
  readonly #buffer = new MappedBuffer({ writable: false });
  #attributes: CaptureAttributes | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #sizeWatchers = new Watchers();
  readonly #wakeupWatchers = new Watchers();

  constructor(session: Session<CaptureClient, CaptureHandlers, CaptureArgs>) {
    this.#session = session;
    session.onSignal("screenSizeChanged", () => this.#sizeWatchers.tell());
    session.onSignal("wakeup", () => this.#wakeupWatchers.tell());
    session.onLost(() => this.#buffer.forget());
    session.onReopened(() => {
      this.#sizeWatchers.tell();
      this.#wakeupWatchers.tell();
    });
  }

  /** The whole screen of the server, in pixels. */
  screenSize(): Promise<Area> {
    return untilAnswered(this.#session, () => this.#session.client.screenSize());
  }

  /** Says what is shown, and makes the buffer for it, out of a donation that grows as needed. */
  buffer(attributes: CaptureAttributes): Promise<void> {
    return this.#inTurn(async () => {
      this.#buffer.forget();
      this.#attributes = attributes;
      await this.#withBuffer(attributes, async () => {});
    });
  }

  /**
   * Has the changes since the last call drawn into the buffer, of the screen from `point` on.
   * @throws SessionError `InvalidArgument` before the first {@link buffer}
   */
  captureAt(point: Point = { x: 0, y: 0 }): Promise<Captured> {
    return this.#inTurn(async () => {
      const attributes = this.#attributes;
      if (attributes === undefined)
        throw new SessionError("InvalidArgument", `Cannot capture from ${this.#session.name}: make a buffer first`);
      return this.#withBuffer(attributes, async (pixels) => {
        const rects = await this.#session.client.captureAt(point);
        const { area } = attributes;
        return { pixels, area, changed: rects.flatMap((rect) => within(area, rect) ?? []) };
      });
    });
  }

  /** Says that nothing is captured until {@link onWakeup} tells, which it does at once if something has changed already. */
  captureStopped(): Promise<void> {
    return this.#inTurn(() => this.#session.client.captureStopped());
  }

  /** Calls `watcher` when {@link screenSize} may have changed. Returns the function that ends it. */
  onScreenSizeChange(watcher: () => void): () => void {
    return this.#sizeWatchers.add(watcher);
  }

  /** Calls `watcher` when there is something to capture after {@link captureStopped}. Returns the function that ends it. */
  onWakeup(watcher: () => void): () => void {
    return this.#wakeupWatchers.add(watcher);
  }

  /** One call after another: a buffer that is replaced must not be one that is being drawn into. */
  #inTurn<Result>(operation: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => untilAnswered(this.#session, operation));
    this.#last = result.catch(() => {});
    return result;
  }

  #withBuffer<Result>(attributes: CaptureAttributes, use: (buffer: Dataspace) => Promise<Result>): Promise<Result> {
    const { client, name } = this.#session;
    const bytes = attributes.area.width * attributes.area.height * pixelBytes;
    const fetch = async () => {
      await this.#make(attributes, bytes);
      return client.dataspace();
    };
    return this.#buffer.with(name, fetch, bytes, use);
  }

  async #make(attributes: CaptureAttributes, bytes: number): Promise<void> {
    for (let upgrades = 0; ; upgrades += 1) {
      try {
        return await this.#session.client.buffer(attributes);
      } catch (error) {
        if (!(error instanceof SessionError) || upgrades === mostUpgrades) throw error;
        if (error.code === "InsufficientRam")
          await this.#session.upgrade({ ram: Number(error.detail?.["bytes"] ?? bytes) });
        else if (error.code === "InsufficientCaps") await this.#session.upgrade({ caps: 2 });
        else throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.#buffer.forget();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The picture of a screen, for whoever shows it. */
export const Capture: SessionType<CaptureOptions, CaptureConnection> = {
  interface: CaptureInterface,
  async open(env: Env, options: CaptureOptions): Promise<CaptureConnection> {
    return new CaptureConnection(await env.session(CaptureInterface, {}, options));
  },
};
