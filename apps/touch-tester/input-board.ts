/** Shows what input arrives: fingers and where they were, the pointer, keys that are held, axes, and the last events. */
import type { Canvas } from "../../lib/drawing/canvas.js";
import { colors, fonts } from "../../lib/drawing/look.js";
import { Outline } from "../../lib/drawing/outline.js";
import type { WindowContent } from "../../lib/drawing/window.js";
import { keyName } from "../../lib/input/key-codes.js";
import { type Axis, axes, type InputEvent } from "../../sessions/event/index.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";

/** Points that are kept of a finger's way, and lines of events. */
const longestTrail = 60;
/** Fingers and keys beyond these are not shown: no person has them. */
const mostFingers = 20;
const mostKeys = 64;
const mostLines = 200;
const fingerColors = [0x5a9de8, 0x8cc265, 0xf2c14e, 0xc279d8, 0xe0626b, 0x4cb5b0];
const margin = 12;
const lineHeight = fonts.text.lineHeight + 2;
const logWidth = 260;
const barHeight = 34;

interface Finger {
  readonly trail: Point[];
}

export class InputBoard implements WindowContent {
  readonly #changed: () => void;
  readonly #fingers = new Map<number, Finger>();
  readonly #held = new Set<number>();
  readonly #axes = new Map<Axis, number>();
  #pointer: Point | undefined;
  #wheel: Point = { x: 0, y: 0 };
  #focused = false;
  readonly #lines: string[] = [];
  /** How often the newest line came in a row. */
  #repeated = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  input(events: readonly InputEvent[]): void {
    for (const event of events) this.#take(event);
    this.#changed();
  }

  #take(event: InputEvent): void {
    this.#note(sentence(event));
    switch (event.kind) {
      case "touch": {
        if (!this.#fingers.has(event.id) && this.#fingers.size >= mostFingers) break;
        const finger = this.#fingers.get(event.id) ?? { trail: [] };
        finger.trail.push({ x: event.x, y: event.y });
        if (finger.trail.length > longestTrail) finger.trail.shift();
        this.#fingers.set(event.id, finger);
        break;
      }
      case "touch-release":
        this.#fingers.delete(event.id);
        break;
      case "absolute-motion":
        this.#pointer = { x: event.x, y: event.y };
        break;
      case "hover-leave":
        this.#pointer = undefined;
        break;
      case "wheel":
        this.#wheel = { x: this.#wheel.x + event.x, y: this.#wheel.y + event.y };
        break;
      case "press":
        if (event.key !== 0 && this.#held.size < mostKeys) this.#held.add(event.key);
        break;
      case "release":
        this.#held.delete(event.key);
        break;
      case "axis":
        this.#axes.set(event.axis, event.value);
        break;
      case "focus-enter":
      case "focus-leave":
        this.#focused = event.kind === "focus-enter";
        break;
    }
  }

  /** Motion that goes on is one line, which is counted. */
  #note(text: string): void {
    const kind = text.split(" ")[0] as string;
    const same = this.#lines[0]?.startsWith(`${kind} `) && /^(motion|touch|axis|steps)$/.test(kind);
    this.#repeated = same ? this.#repeated + 1 : 1;
    if (same) this.#lines.shift();
    this.#lines.unshift(this.#repeated > 1 ? `${text} (${this.#repeated})` : text);
    if (this.#lines.length > mostLines) this.#lines.pop();
  }

  draw(canvas: Canvas): Rect {
    canvas.clear(canvas.bounds, colors.background);
    const board = { x: 0, y: 0, width: Math.max(0, canvas.width - logWidth), height: canvas.height };
    canvas.within(board, () => this.#drawBoard(canvas, board));
    this.#drawLog(canvas, { x: board.width, y: 0, width: canvas.width - board.width, height: canvas.height });
    // Last, so that they are seen wherever they are.
    for (const [id, finger] of this.#fingers) drawFinger(canvas, id, finger);
    return canvas.bounds;
  }

  #drawBoard(canvas: Canvas, board: Rect): void {
    for (let x = 0; x < board.width; x += 40) canvas.fill({ x, y: 0, width: 1, height: board.height }, colors.panel);
    for (let y = 0; y < board.height; y += 40) canvas.fill({ x: 0, y, width: board.width, height: 1 }, colors.panel);
    const pointer = this.#pointer;
    if (pointer !== undefined) {
      canvas.fill({ x: pointer.x, y: 0, width: 1, height: board.height }, colors.accent, 150);
      canvas.fill({ x: 0, y: pointer.y, width: board.width, height: 1 }, colors.accent, 150);
      const text = `${Math.round(pointer.x)}, ${Math.round(pointer.y)}`;
      canvas.text(text, pointer.x + 8, pointer.y - 8, fonts.small, colors.text);
    }
    this.#drawAxes(canvas, board);
    this.#drawKeys(canvas, board);
    const wheel = `wheel ${this.#wheel.x.toFixed(1)}, ${this.#wheel.y.toFixed(1)}`;
    const focus = this.#focused ? "has the focus" : "no focus";
    canvas.label(
      `${focus}   ${wheel}`,
      { x: margin, y: margin, width: board.width, height: lineHeight },
      fonts.text,
      colors.faint,
    );
  }

  #drawAxes(canvas: Canvas, board: Rect): void {
    if (this.#axes.size === 0) return;
    axes.forEach((axis, index) => {
      const value = this.#axes.get(axis) ?? 0;
      const box = { x: margin, y: margin + (index + 2) * (lineHeight + 4), width: 200, height: lineHeight };
      if (box.x + box.width > board.width) return;
      canvas.label(axis, box, fonts.bold, colors.text);
      const bar = { x: box.x + 30, y: box.y + 3, width: 120, height: box.height - 6 };
      canvas.roundedRectangle(bar, 3, colors.panel);
      const middle = bar.x + bar.width / 2;
      const length = (Math.min(1, Math.max(-1, value)) * bar.width) / 2;
      canvas.fill(
        { x: Math.min(middle, middle + length), y: bar.y, width: Math.abs(length), height: bar.height },
        colors.accent,
      );
      canvas.label(value.toFixed(3), { ...box, x: bar.x + bar.width + 6 }, fonts.small, colors.faint);
    });
  }

  #drawKeys(canvas: Canvas, board: Rect): void {
    const y = board.height - barHeight - margin;
    let x = margin;
    for (const key of this.#held) {
      const name = keyName(key).replace(/^KEY_/, "");
      const width = Math.ceil(fonts.bold.measure(name)) + 20;
      const box = { x, y, width, height: barHeight };
      canvas.roundedRectangle(box, 6, colors.raised);
      canvas.label(name, box, fonts.bold, colors.text, { align: "center" });
      x += width + 6;
    }
    if (this.#held.size === 0)
      canvas.label("no key is held", { x, y, width: board.width, height: barHeight }, fonts.text, colors.faint);
  }

  #drawLog(canvas: Canvas, box: Rect): void {
    canvas.within(box, () => {
      canvas.clear(box, colors.panel);
      this.#lines.slice(0, Math.ceil(box.height / lineHeight)).forEach((line, index) => {
        const place = {
          x: box.x + margin,
          y: margin + index * lineHeight,
          width: box.width - 2 * margin,
          height: lineHeight,
        };
        canvas.label(line, place, fonts.text, index === 0 ? colors.text : colors.faint);
      });
    });
  }
}

function drawFinger(canvas: Canvas, id: number, { trail }: Finger): void {
  const color = fingerColors[id % fingerColors.length] as number;
  trail.slice(1).forEach((to, index) => {
    canvas.line(trail[index] as Point, to, color, 2, 160);
  });
  const { x, y } = trail.at(-1) as Point;
  canvas.shape(new Outline().circle(x, y, 28), color, 90);
  canvas.shape(
    new Outline()
      .circle(x, y, 28)
      .moveTo(x + 25, y)
      .arc(x, y, 25, 0, -2 * Math.PI),
    color,
  );
  canvas.text(`${id}: ${Math.round(x)}, ${Math.round(y)}`, x + 32, y - 20, fonts.bold, colors.text);
}

/** What an event says, in a line that begins with its kind. */
function sentence(event: InputEvent): string {
  const point = (x: number, y: number): string => `${x.toFixed(1)}, ${y.toFixed(1)}`;
  switch (event.kind) {
    case "press": {
      const shown =
        event.character !== undefined && event.character > 0x20 ? String.fromCodePoint(event.character) : "";
      const meaning =
        event.character === undefined ? "" : ` ${shown} U+${event.character.toString(16).padStart(4, "0")}`;
      return event.key === 0 ? `repeat${meaning}` : `press ${keyName(event.key)}${meaning}`;
    }
    case "release":
      return `release ${keyName(event.key)}`;
    case "absolute-motion":
      return `motion ${point(event.x, event.y)}`;
    case "relative-motion":
      return `steps ${point(event.x, event.y)}`;
    case "wheel":
      return `wheel ${point(event.x, event.y)}`;
    case "touch":
      return `touch ${event.id} ${point(event.x, event.y)}`;
    case "touch-release":
      return `lifted ${event.id}`;
    case "axis":
      return `axis ${event.axis} ${event.value.toFixed(3)}`;
    case "sequence":
      return `sequence ${event.number}`;
    default:
      return event.kind.replace("-", " ");
  }
}
