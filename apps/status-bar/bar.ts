/** The bar: name, focus, load, clock. */
import type { Canvas } from "../../lib/drawing/canvas.js";
import { colors, fonts } from "../../lib/drawing/look.js";
import type { WindowContent } from "../../lib/drawing/window.js";
import { sizeText } from "../../lib/readable.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";

export interface Load {
  /** Share of one processor that all components use: 1 is all of it. */
  readonly processor: number;
  /** Bytes. */
  readonly memory: number;
}

const margin = 10;
/** How many measurements the little graph shows, each a pixel wide. */
const graphWidth = 60;

export class Bar implements WindowContent {
  readonly #name: string;
  readonly #changed: () => void;
  #clock = "";
  #focus = "";
  #loads: readonly Load[] = [];

  constructor(name: string, changed: () => void) {
    this.#name = name;
    this.#changed = changed;
  }

  set clock(text: string) {
    if (text === this.#clock) return;
    this.#clock = text;
    this.#changed();
  }

  /** Label of who has the focus. */
  set focus(label: string) {
    this.#focus = label;
    this.#changed();
  }

  measured(load: Load): void {
    this.#loads = [...this.#loads, load].slice(-graphWidth);
    this.#changed();
  }

  draw(canvas: Canvas): Rect {
    const { width, height } = canvas;
    canvas.clear(canvas.bounds, colors.panel);
    canvas.clear({ x: 0, y: height - 1, width, height: 1 }, colors.border);
    const row = { x: margin, y: 0, width: width - 2 * margin, height: height - 1 };
    canvas.label(this.#name, row, fonts.bold, colors.accent);
    const nameWidth = Math.ceil(fonts.bold.measure(this.#name)) + 2 * margin;
    canvas.label(this.#clock, row, fonts.bold, colors.text, { align: "right" });
    let right = row.x + row.width - Math.ceil(fonts.bold.measure(this.#clock)) - 2 * margin;
    right = this.#drawLoad(canvas, right, row);
    const room = right - row.x - nameWidth - margin;
    if (room > 0) canvas.label(this.#focus, { ...row, x: row.x + nameWidth, width: room }, fonts.text, colors.faint);
    return canvas.bounds;
  }

  /** Right to left from a place; returns where it begins. */
  #drawLoad(canvas: Canvas, right: number, row: Rect): number {
    const newest = this.#loads.at(-1);
    if (newest === undefined) return right;
    const text = `${Math.round(newest.processor * 100)} %   ${sizeText(newest.memory)}`;
    const textWidth = Math.ceil(fonts.text.measure(text));
    const left = right - textWidth - graphWidth - margin;
    if (left < row.x) return right;
    canvas.label(text, { ...row, x: right - textWidth, width: textWidth + 1 }, fonts.text, colors.text);
    const graph = { x: left, y: row.y + 4, width: graphWidth, height: row.height - 8 };
    canvas.clear(graph, colors.background);
    this.#loads.forEach(({ processor }, index) => {
      const length = Math.max(1, Math.round(Math.min(1, processor) * graph.height));
      const x = graph.x + graphWidth - this.#loads.length + index;
      const color = processor > 0.8 ? colors.bad : processor > 0.4 ? colors.warning : colors.good;
      canvas.clear({ x, y: graph.y + graph.height - length, width: 1, height: length }, color);
    });
    return left - margin;
  }
}
