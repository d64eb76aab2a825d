/** Mouse, pen, wheel and fingers on the canvas. */
import type { InputEvent } from "../../../sessions/event/event-record.js";
import { buttonCodes } from "./key-codes.js";

/** Of a notch of a wheel: what browsers tell in pixels, lines and pages. */
const notch = [100, 3, 1] as const;

function share(value: number): number {
  return Math.min(1, Math.max(0, value));
}

export class Pointer {
  readonly #canvas: HTMLCanvasElement;
  readonly #send: (events: readonly InputEvent[]) => void;
  /** Numbers of the fingers that touch, by those of the browser, which grow without end. */
  readonly #touches = new Map<number, number>();
  readonly #buttons = new Set<number>();
  /** The last motion, until the next picture of the browser. */
  #motion: InputEvent | undefined;

  constructor(canvas: HTMLCanvasElement, send: (events: readonly InputEvent[]) => void) {
    this.#canvas = canvas;
    this.#send = send;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, (event) => this.#up(event));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #position({ clientX, clientY }: MouseEvent): { x: number; y: number } {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { x: share((clientX - left) / width), y: share((clientY - top) / height) };
  }

  /** Motion first: what follows happens there. */
  #sendAfterMotion(...events: InputEvent[]): void {
    const motion = this.#motion;
    this.#motion = undefined;
    this.#send(motion === undefined ? events : [motion, ...events]);
  }

  #down(event: PointerEvent): void {
    this.#canvas.focus({ preventScroll: true });
    this.#canvas.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") {
      const taken = new Set(this.#touches.values());
      let id = 0;
      while (taken.has(id)) id += 1;
      this.#touches.set(event.pointerId, id);
      this.#send([{ kind: "touch", id, ...this.#position(event) }]);
    } else {
      this.#motion = { kind: "absolute-motion", ...this.#position(event) };
      this.#followButtons(event);
    }
  }

  #move(event: PointerEvent): void {
    const id = this.#touches.get(event.pointerId);
    if (id !== undefined) return this.#send([{ kind: "touch", id, ...this.#position(event) }]);
    if (event.pointerType === "touch") return;
    const waiting = this.#motion !== undefined;
    this.#motion = { kind: "absolute-motion", ...this.#position(event) };
    // A second button is told as a motion.
    this.#followButtons(event);
    if (!waiting && this.#motion !== undefined)
      requestAnimationFrame(() => {
        if (this.#motion !== undefined) this.#sendAfterMotion();
      });
  }

  #up(event: PointerEvent): void {
    const id = this.#touches.get(event.pointerId);
    if (id !== undefined) {
      this.#touches.delete(event.pointerId);
      this.#send([{ kind: "touch-release", id }]);
    } else if (event.pointerType !== "touch") this.#followButtons(event);
  }

  /** `buttons` has a bit for each button: left, right, middle, back, forward. */
  #followButtons({ buttons }: PointerEvent): void {
    const order = [0, 2, 1, 3, 4];
    const events = order.flatMap((button, bit): InputEvent[] => {
      const key = buttonCodes[button] as number;
      const down = (buttons & (1 << bit)) !== 0;
      if (down === this.#buttons.has(key)) return [];
      if (down) this.#buttons.add(key);
      else this.#buttons.delete(key);
      return [{ kind: down ? "press" : "release", key }];
    });
    if (events.length > 0) this.#sendAfterMotion(...events);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const size = notch[event.deltaMode] ?? 1;
    this.#sendAfterMotion({ kind: "wheel", x: event.deltaX / size, y: -event.deltaY / size });
  }
}
