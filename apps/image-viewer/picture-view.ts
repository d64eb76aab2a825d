/** A picture in a window: fitted, enlarged, moved. */
import type { Canvas } from "../../lib/drawing/canvas.js";
import { colors, fonts } from "../../lib/drawing/look.js";
import { ScalablePicture } from "../../lib/drawing/scaling.js";
import { mix, type Surface } from "../../lib/drawing/surface.js";
import type { WindowContent, WindowFrame } from "../../lib/drawing/window.js";
import { keyCode } from "../../lib/input/key-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";

const leftButton = keyCode("BTN_LEFT");
const [least, most] = [1 / 64, 64];
/** What a notch of the wheel, or a press of plus, enlarges by. */
const step = 1.25;
/** Pixels that an arrow moves by. */
const arrowStep = 40;
/** Side of the squares that are seen through what is transparent. */
const squareSide = 8;
const squareColors = [0x5a5f66, 0x7a8088] as const;

const arrows: ReadonlyMap<number, Point> = new Map([
  [keyCode("KEY_LEFT"), { x: 1, y: 0 }],
  [keyCode("KEY_RIGHT"), { x: -1, y: 0 }],
  [keyCode("KEY_UP"), { x: 0, y: 1 }],
  [keyCode("KEY_DOWN"), { x: 0, y: -1 }],
]);

/** The picture with squares behind what can be seen through. */
function opaque(picture: Surface): Surface {
  const { width, height, pixels, opacity } = picture;
  if (opacity === undefined) return picture;
  const made = new Uint32Array(pixels.length);
  for (let at = 0; at < pixels.length; ++at) {
    const square = (Math.floor((at % width) / squareSide) + Math.floor(at / width / squareSide)) % 2;
    made[at] = mix(squareColors[square] as number, pixels[at] as number, opacity[at] as number);
  }
  return { width, height, pixels: made };
}

export class PictureView implements WindowContent {
  readonly #frame: WindowFrame;
  #picture: ScalablePicture | undefined;
  /** What is said where there is no picture. */
  #message = "No picture yet";
  /** Undefined: as large as the window has room for, but not enlarged. */
  #scale: number | undefined;
  /** Which point of the picture, in its pixels, is in the middle of the window. */
  #middle: Point = { x: 0, y: 0 };
  #pointer: Point = { x: 0, y: 0 };
  #dragging = false;
  readonly #touches = new Map<number, Point>();

  constructor(frame: WindowFrame) {
    this.#frame = frame;
  }

  show(picture: Surface): void {
    this.#picture = new ScalablePicture(opaque(picture));
    this.fit();
  }

  say(message: string): void {
    this.#picture = undefined;
    this.#message = message;
    this.#frame.changed();
  }

  /** Size of the picture, and pixels of the window that one of its own takes. */
  get facts(): { readonly width: number; readonly height: number; readonly scale: number } | undefined {
    const picture = this.#picture;
    return picture === undefined
      ? undefined
      : { width: picture.width, height: picture.height, scale: this.#scaleOf(picture) };
  }

  #scaleOf({ width, height }: Area): number {
    return this.#scale ?? Math.min(1, this.#frame.area.width / width, this.#frame.area.height / height);
  }

  /** Where the top left of the picture is. */
  #corner(picture: Area): Point {
    const scale = this.#scaleOf(picture);
    return {
      x: this.#frame.area.width / 2 - this.#middle.x * scale,
      y: this.#frame.area.height / 2 - this.#middle.y * scale,
    };
  }

  draw(canvas: Canvas): Rect {
    const { facts } = this;
    this.#frame.title = facts ? `${facts.width} × ${facts.height}, ${Math.round(facts.scale * 100)} %` : "Image";
    canvas.clear(canvas.bounds, colors.background);
    const picture = this.#picture;
    if (picture === undefined)
      canvas.label(this.#message, canvas.bounds, fonts.text, colors.faint, { align: "center" });
    else {
      if (this.#scale === undefined) this.#middle = { x: picture.width / 2, y: picture.height / 2 };
      picture.draw(canvas, this.#corner(picture), this.#scaleOf(picture));
    }
    return canvas.bounds;
  }

  fit(): void {
    this.#scale = undefined;
    this.#frame.changed();
  }

  /** Shows the picture so many times as large as now; what is at a point of the window stays there. */
  zoom(factor: number, at: Point = { x: this.#frame.area.width / 2, y: this.#frame.area.height / 2 }): void {
    const picture = this.#picture;
    if (picture === undefined) return;
    const before = this.#scaleOf(picture);
    const scale = Math.min(most, Math.max(least, before * factor));
    const corner = this.#corner(picture);
    const fixed = { x: (at.x - corner.x) / before, y: (at.y - corner.y) / before };
    this.#scale = scale;
    this.#place(picture, {
      x: fixed.x - (at.x - this.#frame.area.width / 2) / scale,
      y: fixed.y - (at.y - this.#frame.area.height / 2) / scale,
    });
  }

  /** Moves the picture by pixels of the window. */
  pan(x: number, y: number): void {
    const picture = this.#picture;
    if (picture === undefined) return;
    const scale = this.#scaleOf(picture);
    this.#scale = scale;
    this.#place(picture, { x: this.#middle.x - x / scale, y: this.#middle.y - y / scale });
  }

  /** The middle of the window stays on the picture. */
  #place({ width, height }: Area, middle: Point): void {
    this.#middle = { x: Math.min(width, Math.max(0, middle.x)), y: Math.min(height, Math.max(0, middle.y)) };
    this.#frame.changed();
  }

  input(events: readonly InputEvent[]): void {
    for (const event of events) this.#take(event);
  }

  #take(event: InputEvent): void {
    switch (event.kind) {
      case "absolute-motion":
        if (this.#dragging) this.pan(event.x - this.#pointer.x, event.y - this.#pointer.y);
        this.#pointer = event;
        break;
      case "wheel":
        this.zoom(step ** event.y, this.#pointer);
        break;
      case "press":
        this.#press(event.key, event.character);
        break;
      case "release":
        if (event.key === leftButton) this.#dragging = false;
        break;
      case "focus-leave":
        this.#dragging = false;
        break;
      case "touch":
        this.#touch(event.id, event);
        break;
      case "touch-release":
        this.#touches.delete(event.id);
        break;
    }
  }

  #press(key: number, character = 0): void {
    const arrow = arrows.get(key);
    if (key === leftButton) this.#dragging = true;
    else if (arrow !== undefined) this.pan(arrow.x * arrowStep, arrow.y * arrowStep);
    else if (character === 0x2b || key === keyCode("KEY_KPPLUS")) this.zoom(step);
    else if (character === 0x2d || key === keyCode("KEY_KPMINUS")) this.zoom(1 / step);
    else if (key === keyCode("KEY_0")) this.fit();
    else if (key === keyCode("KEY_1") && this.facts !== undefined) this.zoom(1 / this.facts.scale);
  }

  /** One finger moves the picture, two move, enlarge and shrink it. */
  #touch(id: number, to: Point): void {
    const from = this.#touches.get(id);
    this.#touches.set(id, { x: to.x, y: to.y });
    const [other] = [...this.#touches].filter(([touch]) => touch !== id).map(([, point]) => point);
    if (from === undefined) return;
    if (other === undefined) return this.pan(to.x - from.x, to.y - from.y);
    this.pan((to.x - from.x) / 2, (to.y - from.y) / 2);
    const before = Math.hypot(from.x - other.x, from.y - other.y);
    const now = Math.hypot(to.x - other.x, to.y - other.y);
    if (before > 0 && now > 0) this.zoom(now / before, { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 });
  }
}
