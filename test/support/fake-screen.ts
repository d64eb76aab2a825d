/** A screen and an input device in memory, for those who show the one and feed the other: servers of Capture and Event. */
import type { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import {
  type CaptureArgs,
  type CaptureAttributes,
  type CaptureHandlers,
  CaptureInterface,
} from "../../sessions/capture/index.js";
import { EventInterface, EventSession, type InputEvent } from "../../sessions/event/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";

const pixelBytes = 4;
const signals = {
  sizeChanged: CaptureInterface.signals.indexOf("screenSizeChanged"),
  wakeup: CaptureInterface.signals.indexOf("wakeup"),
};

class FakeCapture implements CaptureHandlers {
  readonly #screen: FakeScreen;
  readonly #request: SessionRequest<CaptureArgs>;
  #buffer: Dataspace | undefined;
  #area: Area = { width: 0, height: 0 };
  #damage: Rect[] = [];
  #stopped = false;

  constructor(screen: FakeScreen, request: SessionRequest<CaptureArgs>) {
    this.#screen = screen;
    this.#request = request;
  }

  screenSize(): Area {
    return this.#screen.area;
  }

  async buffer({ area }: CaptureAttributes): Promise<void> {
    const bytes = area.width * area.height * pixelBytes;
    try {
      this.#buffer = await this.#request.alloc(bytes);
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== "OutOfRam") throw error;
      throw new SessionError("InsufficientRam", `A buffer of ${bytes} bytes must be donated`, { bytes });
    }
    this.#area = area;
    this.#damage = [{ x: 0, y: 0, ...area }];
  }

  dataspace(): Capability {
    if (this.#buffer === undefined) throw new SessionError("InvalidArgument", "There is no buffer");
    return this.#buffer.capability;
  }

  captureAt(_point: Point): readonly Rect[] {
    this.#screen.captures += 1;
    const target = new Uint32Array((this.#buffer as Dataspace).buffer);
    const changed = this.#damage.splice(0, 3);
    for (const { x, y, width, height } of changed)
      for (let row = y; row < Math.min(y + height, this.#area.height, this.#screen.area.height); ++row) {
        const from = row * this.#screen.area.width + x;
        target.set(this.#screen.pixels.subarray(from, from + width), row * this.#area.width + x);
      }
    return changed;
  }

  captureStopped(): void {
    this.#stopped = true;
    if (this.#damage.length > 0) this.#wake();
  }

  #wake(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#request.session.raise(signals.wakeup);
  }

  damaged(rect: Rect): void {
    if (this.#damage.length < 3) this.#damage.push(rect);
    else this.#damage = [{ x: 0, y: 0, ...this.#screen.area }];
    this.#wake();
  }

  resized(): void {
    this.#request.session.raise(signals.sizeChanged);
  }

  close(): void {
    this.#screen.leave(this);
  }
}

export class FakeScreen {
  area: Area;
  /** Blue in the lowest byte, then green and red. */
  pixels: Uint32Array;
  /** Calls of `capture_at` so far. */
  captures = 0;
  readonly #captures = new Set<FakeCapture>();
  readonly #submitted: (events: readonly InputEvent[]) => void | Promise<void>;

  /** `submitted` gets what somebody's Event session brings. */
  constructor(area: Area, submitted: (events: readonly InputEvent[]) => void | Promise<void> = () => {}) {
    this.area = area;
    this.pixels = new Uint32Array(area.width * area.height);
    this.#submitted = submitted;
  }

  async announce(env: Env): Promise<void> {
    await env.announce(CaptureInterface, (request) => {
      const capture = new FakeCapture(this, request);
      this.#captures.add(capture);
      return capture;
    });
    await env.announce(EventInterface, (request) => EventSession.open(request, { submit: this.#submitted }));
  }

  leave(capture: FakeCapture): void {
    this.#captures.delete(capture);
  }

  /** Gives the pixels of a rectangle their colours, and tells who looks. */
  draw(rect: Rect, colour: (x: number, y: number) => number): void {
    for (let y = rect.y; y < rect.y + rect.height; ++y)
      for (let x = rect.x; x < rect.x + rect.width; ++x) this.pixels[y * this.area.width + x] = colour(x, y);
    this.damaged(rect);
  }

  /** The pixels of a rectangle have changed. */
  damaged(rect: Rect): void {
    for (const capture of this.#captures) capture.damaged(rect);
  }

  /** A screen of another size, all black. */
  resize(area: Area): void {
    this.area = area;
    this.pixels = new Uint32Array(area.width * area.height);
    for (const capture of this.#captures) capture.resized();
  }
}
