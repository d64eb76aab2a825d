/** A sheet to draw on, with the pointer or with fingers. */
import { component } from "bulkhead";
import { type Canvas, keyCode, Outline, Window, type WindowFrame } from "bulkhead/drawing";
import type { InputEvent } from "bulkhead/sessions/event";

type Point = readonly [x: number, y: number];

const pen = { color: 0x2b59c3, width: 4 };

class Sheet {
  readonly #frame: WindowFrame;
  readonly #strokes: Point[][] = [];
  /** Strokes that go on, by finger; the pointer's is "pointer". */
  readonly #open = new Map<number | "pointer", Point[]>();
  #pointer: Point = [0, 0];

  constructor(frame: WindowFrame) {
    this.#frame = frame;
  }

  input(events: readonly InputEvent[]): void {
    for (const event of events) {
      if (event.kind === "absolute-motion") {
        this.#pointer = [event.x, event.y];
        this.#open.get("pointer")?.push(this.#pointer);
      } else if (event.kind === "press" && event.key === keyCode("BTN_LEFT")) this.#begin("pointer", this.#pointer);
      else if (event.kind === "release" && event.key === keyCode("BTN_LEFT")) this.#open.delete("pointer");
      else if (event.kind === "touch") this.#begin(event.id, [event.x, event.y]);
      else if (event.kind === "touch-release") this.#open.delete(event.id);
    }
    this.#frame.changed();
  }

  #begin(id: number | "pointer", point: Point): void {
    const stroke = this.#open.get(id);
    if (stroke !== undefined) return void stroke.push(point);
    const begun = [point];
    this.#open.set(id, begun);
    this.#strokes.push(begun);
  }

  draw(canvas: Canvas): typeof canvas.bounds {
    canvas.clear(canvas.bounds, 0xffffff);
    for (const stroke of this.#strokes)
      for (const [index, [x, y]] of stroke.entries()) {
        const [fromX, fromY] = stroke[index - 1] ?? [x, y];
        canvas.line({ x: fromX, y: fromY }, { x, y }, pen.color, pen.width);
        canvas.shape(new Outline().circle(x, y, pen.width / 2), pen.color);
      }
    return canvas.bounds;
  }
}

component(async (env) => {
  await Window.open(env, { title: "Sketch", size: { width: 640, height: 400 } }, (frame) => new Sheet(frame));
});
