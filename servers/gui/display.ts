/** One display: which part of the screen it shows, and what of that has to be drawn anew. */
import { lastElement } from "../../base/label.js";
import { Damage } from "../../lib/damage.js";
import type { PixelBuffer } from "../../lib/pixel-buffer.js";
import { at0, intersection, isEmpty, moved } from "../../lib/rectangle.js";
import {
  type CaptureAttributes,
  type CaptureSession,
  type CaptureSource,
  captureMostRects,
} from "../../sessions/capture/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { ViewsDisplay } from "../../sessions/gui/index.js";
import type { DisplayConfig } from "./config.js";

/** What displays show. */
export interface Shown {
  /** The screen as they make it up. */
  readonly screen: Rect;
  /** Draws `rect` of the screen into a buffer whose top left shows the point `at`. */
  draw(buffer: PixelBuffer, at: Point, rect: Rect): void;
  /** A display came, went, or shows something else. */
  resized(): void;
  /** A display has fetched the screen within `rect`. */
  captured(display: Display, rect: Rect): void;
}

export class Display implements CaptureSource {
  readonly #session: CaptureSession;
  #config: DisplayConfig;
  readonly #shown: Shown;
  readonly #closed: (display: Display) => void;
  readonly #damage = new Damage(captureMostRects);
  #attributes: CaptureAttributes | undefined;
  /** The point of the screen that its last capture began at. */
  #point: Point | undefined;

  constructor(session: CaptureSession, config: DisplayConfig, shown: Shown, closed: (display: Display) => void) {
    this.#session = session;
    this.#config = config;
    this.#shown = shown;
    this.#closed = closed;
  }

  get label(): string {
    return this.#session.label;
  }

  get name(): string {
    return this.#config.name ?? lastElement(this.label).slice(0, 32);
  }

  isCalled(name: string): boolean {
    return name === this.label || name === this.name;
  }

  /** Other rules, as of where it is. */
  configure(config: DisplayConfig): void {
    this.#config = config;
    // The next capture begins at another point.
    this.#point = { x: config.x, y: config.y };
  }

  /** The part of the screen that it adds; undefined when it adds none: it only looks on, or is not set up yet. */
  get rect(): Rect | undefined {
    if (this.#attributes === undefined || this.#config.observer) return undefined;
    const { x, y, width, height } = this.#config;
    const { viewport } = this.#attributes;
    return { x, y, width: width ?? viewport.width, height: height ?? viewport.height };
  }

  get facts(): ViewsDisplay | undefined {
    const { rect, name } = this;
    return rect && { name, rect, millimeters: this.#attributes?.millimeters ?? { width: 0, height: 0 } };
  }

  get screenSize(): Area {
    const { width, height } = this.#config;
    const { screen } = this.#shown;
    return { width: width ?? screen.width, height: height ?? screen.height };
  }

  get changed(): boolean {
    return !this.#damage.empty;
  }

  /** What its buffer shows of the screen. */
  get #captured(): Rect {
    if (this.#attributes === undefined || this.#point === undefined) return { x: 0, y: 0, width: 0, height: 0 };
    return moved(at0(this.#attributes.area), this.#point);
  }

  /** Something on the screen has changed. */
  damaged(rect: Rect): void {
    const common = intersection(rect, this.#captured);
    if (isEmpty(common)) return;
    this.#damage.add(common);
    this.#session.damaged();
  }

  /** The screen is another. */
  resized(): void {
    this.#session.resized();
    this.#everything();
  }

  #everything(): void {
    this.#damage.take();
    this.damaged(this.#captured);
  }

  configured(attributes: CaptureAttributes): void {
    this.#attributes = attributes;
    this.#point ??= { x: this.#config.x, y: this.#config.y };
    this.#shown.resized();
    this.#everything();
  }

  capture(buffer: PixelBuffer, { x, y }: Point): readonly Rect[] {
    const point = { x: this.#config.x + x, y: this.#config.y + y };
    if (this.#point?.x !== point.x || this.#point.y !== point.y) {
      this.#point = point;
      this.#everything();
    }
    const rects = this.#damage.take();
    for (const rect of rects) this.#shown.draw(buffer, point, rect);
    this.#shown.captured(this, this.#captured);
    return rects.map((rect) => moved(rect, { x: -point.x, y: -point.y }));
  }

  close(): void {
    this.#attributes = undefined;
    this.#closed(this);
  }
}
